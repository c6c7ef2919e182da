"""Raw TCP, plain or with TLS: sessions that are spoken on, and the API of ``k6/x/tcp``.

For example::

    from k6ws import tcp

    def default():
        with tcp.open("127.0.0.1", 9000) as session:
            session.send("hello")
            print(session.recv())

or, as in k6::

    from k6ws.tcp import Socket

    def default():
        socket = Socket()
        socket.on("data", lambda data: (print(data), socket.destroy()))
        socket.connect(9000, "127.0.0.1").wait()
        socket.write("hello")

``connect`` and ``write`` begin at the call. Blocking code waits with ``.wait()``, a coroutine awaits them,
and a script may do neither. A connected socket keeps the iteration going until it is destroyed or its peer
leaves.
"""

from typing import TYPE_CHECKING

from k6ws.errors import TCPError
from k6ws.tcp.socket import Socket
from k6ws.tcp.write import Write

if TYPE_CHECKING:
    from k6ws.tcp.opening import AsyncSession, Session, aopen, open  # noqa: A004 - the word for it

__all__ = ["AsyncSession", "Session", "Socket", "TCPError", "Write", "aopen", "open"]

if not TYPE_CHECKING:
    # Type checkers have the import above. Scripts of k6 do not wait for what they do not use.

    def __getattr__(name: str) -> object:
        """Load what sessions are made of when the first of its names is asked for."""
        if name not in {"AsyncSession", "Session", "aopen", "open"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        from k6ws.tcp import opening  # noqa: PLC0415 - as above

        found = globals()[name] = getattr(opening, name)
        return found


def __dir__() -> list[str]:
    """Every name, asked for yet or not."""
    return sorted({*globals(), *__all__})
