"""The idle timer of a TCP socket: says when nothing was received for some time, again and again."""

from __future__ import annotations

from collections.abc import Callable

from k6ws._core import TcpConnection
from k6ws._loop import AbstractLoop, Vu

# A look this much too early is not worth another one.
_EARLY_MS = 0.5


class IdleTimer:
    """Reads do not touch it: when it looks, it asks the connection when the last one was."""

    __slots__ = ("_connection", "_id", "_loop", "_ms", "_since", "_tell")

    def __init__(self, loop: AbstractLoop[Vu], tell: Callable[[], None]) -> None:
        """``tell`` is called each time that the connection has been idle for long enough."""
        self._loop = loop
        self._tell: Callable[[], None] | None = tell
        self._ms = 0.0
        self._since = 0.0
        self._id: int | None = None
        self._connection: TcpConnection | None = None

    def set(self, ms: float) -> None:
        """Begin anew with this many milliseconds; 0 switches it off."""
        self._ms = ms
        self._since = self._loop.core.now()
        self._arm()

    def watch(self, connection: TcpConnection) -> None:
        """The connection is open."""
        self._connection = connection
        self._since = self._loop.core.now()
        self._arm()

    def stop(self) -> None:
        """The connection is gone."""
        self._connection = None
        self._disarm()

    def let_go(self) -> None:
        """Refer to the socket no more."""
        self._tell = None

    def _arm(self) -> None:
        self._disarm()
        if self._ms > 0.0 and self._connection is not None:
            self._id = self._loop.core.add_timer(self._ms, self._look)

    def _disarm(self) -> None:
        if self._id is not None:
            self._loop.core.cancel_timer(self._id)
            self._id = None

    def _look(self, _kind: int, _data: object) -> None:
        if self._connection is None:
            return
        now = self._loop.core.now()
        left = self._ms - min(self._connection.idle_ms(), now - self._since)
        if left > _EARLY_MS:
            self._id = self._loop.core.add_timer(left, self._look)
            return
        self._since = now
        self._id = self._loop.core.add_timer(self._ms, self._look)
        if self._tell is not None:
            self._tell()
