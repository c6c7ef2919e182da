"""Whether a connection reads: the same for every API that has one."""

from __future__ import annotations

from typing import Generic, TypeVar

from k6ws import _core

C = TypeVar("C", bound=_core.Connection | _core.TcpConnection)


class Reading(Generic[C]):
    """What a socket with a connection can be told about reading."""

    __slots__ = ()

    _connection: C | None

    def pause_reading(self) -> None:
        """Read nothing more from the peer until :meth:`resume_reading`, so that its sends block in the end.

        The operating system still takes what fits into its buffer. Meanwhile nobody notices that the peer
        ends the connection, a WebSocket answers no pings, and its ``idle_timeout`` does not count; closing
        it reads what answers our Close.
        """
        if self._connection is not None:
            self._connection.pause_reading(True)

    def resume_reading(self) -> None:
        """Read again."""
        if self._connection is not None:
            self._connection.pause_reading(False)
