"""Sessions: opened, spoken on and closed, by blocking code and by coroutines, over WebSockets and TCP.

| file | what it is | knows |
| --- | --- | --- |
| ``inbox`` | messages that nobody has taken yet | nothing of k6ws |
| ``begun`` | what async methods return that begin at their call | nothing of k6ws |
| ``durations``, ``matching``, ``parameters``, ``payload`` | what scripts give | ``_params``, ``_core`` |
| ``ending`` | how a session ended | ``errors`` |
| ``waits`` | one who waits: a greenlet or a task | ``_loop`` |
| ``backlog`` | messages of coroutines that found no room | ``_loop`` |
| ``delivery`` | who gets a message: a taker, who waits, handlers, the inbox | ``inbox``, ``waits`` |
| ``source`` | the life of a session, from its dial to its end | all of the above |
| ``websocket``, ``tcp`` | what one has of its own that is one of these | ``source`` |
| ``face`` | what scripts hold, as far as it waits for nothing | ``source`` |
| ``session``, ``async_session`` | the rest of it, blocking and async | ``face`` |
| ``opening`` | what ``aopen`` returns | ``async_session`` |
"""

from k6ws._conversation.async_session import AsyncSession
from k6ws._conversation.begun import Begun
from k6ws._conversation.opening import Opening
from k6ws._conversation.parameters import SessionKeywords, SessionParams
from k6ws._conversation.session import Session
from k6ws._conversation.tcp import Endpoints, TcpSource
from k6ws._conversation.waits import Wait
from k6ws._conversation.websocket import WebSocketSource

__all__ = [
    "AsyncSession",
    "Begun",
    "Endpoints",
    "Opening",
    "Session",
    "SessionKeywords",
    "SessionParams",
    "TcpSource",
    "Wait",
    "WebSocketSource",
]
