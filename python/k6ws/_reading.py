"""Whether a WebSocket reads: the same for every API that has one."""

from __future__ import annotations

from k6ws import _core


class Reading:
    """What a socket with a connection can be told about reading."""

    __slots__ = ()

    _connection: _core.Connection | None

    def pause_reading(self) -> None:
        """Read nothing more from the peer until :meth:`resume_reading`, so that its sends block in the end.

        The operating system still takes what fits into its buffer; pings are not answered meanwhile, and an
        ``idle_timeout`` does not count. Closing reads what answers our Close.
        """
        if self._connection is not None:
            self._connection.pause_reading(True)

    def resume_reading(self) -> None:
        """Read again."""
        if self._connection is not None:
            self._connection.pause_reading(False)
