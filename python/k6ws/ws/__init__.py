"""WebSockets: sessions that are spoken on, and the API of ``k6/ws``, one blocking call that runs a session.

For example::

    from k6ws import ws

    with ws.open("ws://127.0.0.1:8765/") as session:
        session.send("hello")
        print(session.recv())

    response = ws.connect("ws://127.0.0.1:8765/", lambda socket: socket.on("open", socket.close))
"""

from k6ws.errors import WSError
from k6ws.ws.connect import aconnect, connect
from k6ws.ws.open import AsyncSession, Session, aopen, open  # noqa: A004 - the word for it
from k6ws.ws.response import Headers, Response
from k6ws.ws.socket import Socket

__all__ = [
    "AsyncSession",
    "Headers",
    "Response",
    "Session",
    "Socket",
    "WSError",
    "aconnect",
    "aopen",
    "connect",
    "open",
]
