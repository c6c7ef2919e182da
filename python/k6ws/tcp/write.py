"""One write of a script. Thousands are made and few are waited for, so it is next to nothing."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k6ws.tcp.session import Session


class Write:
    """A write that was begun: ended when its last byte is with the operating system, or when it failed."""

    __slots__ = ("_number", "_session")

    def __init__(self, session: Session, number: int) -> None:
        """Made by ``Socket.write``."""
        self._session = session
        self._number = number

    def wait(self) -> None:
        """Wait for the end; blocks this VU only.

        Raises:
            TCPError: It failed.
            K6Error: Called where an asyncio loop runs; ``await`` it there.
            Interrupted: The VU was cut meanwhile.
        """
        self._session.outcome_of(self._number).wait()

    def __await__(self) -> Generator[Any, None, None]:
        """Wait for the end in a coroutine; raises :class:`TCPError` if it failed."""
        yield from self._session.outcome_of(self._number).__await__()

    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._session.outcome_of(self._number).done()
