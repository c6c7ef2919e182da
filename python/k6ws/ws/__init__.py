"""WebSockets: sessions that are spoken on, and the API of ``k6/ws``, one blocking call that runs a session.

For example::

    from k6ws import ws

    with ws.open("ws://127.0.0.1:8765/") as session:
        session.send("hello")
        print(session.recv())

    response = ws.connect("ws://127.0.0.1:8765/", lambda socket: socket.on("open", socket.close))
"""

from typing import TYPE_CHECKING

from k6ws.errors import WSError
from k6ws.ws.connect import aconnect, connect
from k6ws.ws.response import Headers, Response
from k6ws.ws.socket import Socket

if TYPE_CHECKING:
    from k6ws._conversation import Backoff
    from k6ws.ws.opening import AsyncSession, Session, aopen, open  # noqa: A004 - the word for it

__all__ = [
    "AsyncSession",
    "Backoff",
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

if not TYPE_CHECKING:
    # Type checkers have the import above. Scripts of k6 do not wait for what they do not use.

    def __getattr__(name: str) -> object:
        """Load what sessions are made of when the first of its names is asked for."""
        if name not in {"AsyncSession", "Backoff", "Session", "aopen", "open"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        from k6ws.ws import opening  # noqa: PLC0415 - as above

        found = globals()[name] = getattr(opening, name)
        return found


def __dir__() -> list[str]:
    """Every name, asked for yet or not."""
    return sorted({*globals(), *__all__})
