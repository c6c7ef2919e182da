"""Whether a connection reads: the same for every socket that scripts hold."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from k6ws._params import part_of


class Reads(Protocol):
    """A session that can be told to read or not."""

    def pause_reading(self, is_paused: bool) -> None:
        """Read nothing more from the peer, or again."""
        ...


S = TypeVar("S", bound=Reads)


@part_of("Socket")
class Reading(Generic[S]):
    """What a socket, which has one session, can be told about reading."""

    __slots__ = ()

    _session: S

    def pause_reading(self) -> None:
        """Read nothing more from the peer until :meth:`resume_reading`, so that its sends block in the end.

        The operating system still takes what fits into its buffer. Meanwhile nobody notices that the peer
        ends the connection, a WebSocket answers no pings, and its ``idle_timeout`` does not count; closing
        it reads what answers our Close.
        """
        self._session.pause_reading(True)

    def resume_reading(self) -> None:
        """Read again."""
        self._session.pause_reading(False)
