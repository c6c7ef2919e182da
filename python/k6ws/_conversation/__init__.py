"""Sessions: opened, spoken on and closed, by blocking code and by coroutines, over WebSockets and TCP.

| file | what it is | knows |
| --- | --- | --- |
| ``inbox`` | messages that nobody has taken yet | nothing of k6ws |
| ``begun`` | what async methods return that begin at their call | nothing of k6ws |
| ``states``, ``unset`` | the words of a session's life; what was not given | nothing of k6ws |
| ``durations``, ``matching``, ``parameters``, ``payload`` | what scripts give | ``_params``, ``_core`` |
| ``keywords``, ``handlers`` | the same, and what they call, for type checkers | ``backoff``, ``durations`` |
| ``backoff`` | when a session tries again; pure | ``durations`` |
| ``spoken`` | messages as the core knows them, and as scripts do | ``_socket`` |
| ``ending`` | how a session ended | ``errors`` |
| ``instead`` | what came where a reply did not | ``durations`` |
| ``waits`` | one who waits: a greenlet or a task | ``_loop`` |
| ``backlog`` | messages of coroutines that found no room | ``_loop`` |
| ``delivery`` | who gets a message: a taker, who waits, handlers, the inbox | ``inbox``, ``waits`` |
| ``asked``, ``reply`` | what a request asks for, and what stands for it | ``instead``, ``waits`` |
| ``deciding`` | whose a message is where functions of the script have a say | ``asked`` |
| ``desk`` | requests and rules: who waits, time, functions | ``deciding``, ``reply`` |
| ``requests``, ``greeting``, ``watching``, ``every`` | asking, in the ways there are | ``desk`` |
| ``conversing`` | the part of a session that requests and rules belong to | ``delivery``, ``desk`` |
| ``source`` | the life of a session, from its dial to its end | ``conversing``, ``backlog`` |
| ``websocket``, ``tcp`` | what one has of its own that is one of these | ``source`` |
| ``speaking``, ``blocking``, ``coroutines`` | what scripts say, at once or waiting | ``requests`` |
| ``face`` | what scripts hold, as far as it waits for nothing | ``source``, ``speaking`` |
| ``session``, ``async_session`` | the rest of it, blocking and async | ``face`` |
| ``entering``, ``standby`` | ``on_open``; who waits for it to return | ``waits`` |
| ``comeback`` | how a session comes back | ``entering``, ``standby`` |
| ``attempt`` | one call of ``open`` | ``source``, ``comeback`` |
| ``opening`` | what ``aopen`` returns | ``async_session`` |
| ``asks``, ``owner`` | requests and rules on the sockets that k6 has | ``desk`` |

Each part is loaded when its first name is asked for: scripts of k6 open no session, and need not wait.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k6ws._conversation.async_session import AsyncSession
    from k6ws._conversation.backoff import Backoff
    from k6ws._conversation.begun import Begun
    from k6ws._conversation.keywords import SessionKeywords, TcpSessionKeywords
    from k6ws._conversation.opening import Opening
    from k6ws._conversation.parameters import SessionParams
    from k6ws._conversation.reply import Reply
    from k6ws._conversation.session import Session
    from k6ws._conversation.tcp import Endpoints, TcpSource
    from k6ws._conversation.waits import Wait
    from k6ws._conversation.websocket import WebSocketSource

__all__ = [
    "AsyncSession",
    "Backoff",
    "Begun",
    "Endpoints",
    "Opening",
    "Reply",
    "Session",
    "SessionKeywords",
    "SessionParams",
    "TcpSessionKeywords",
    "TcpSource",
    "Wait",
    "WebSocketSource",
]

_HOMES = {
    "AsyncSession": "async_session",
    "Backoff": "backoff",
    "Begun": "begun",
    "Endpoints": "tcp",
    "Opening": "opening",
    "Reply": "reply",
    "Session": "session",
    "SessionKeywords": "keywords",
    "SessionParams": "parameters",
    "TcpSessionKeywords": "keywords",
    "TcpSource": "tcp",
    "Wait": "waits",
    "WebSocketSource": "websocket",
}

if not TYPE_CHECKING:
    # Type checkers have the imports above.

    def __getattr__(name: str) -> object:
        """Load the part that has this name."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        from importlib import import_module  # noqa: PLC0415 - as above

        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return found
