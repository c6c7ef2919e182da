"""What a VU has to do with: the sources of its events, and the asyncio loop that its handlers run on."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from k6ws._loop.vu import Vu


class Source(Protocol):
    """An open socket, or the armed timers of a VU, as the VU sees it; private, because scripts hold them."""

    _is_within_call: bool
    """Whether the call that made it waits for its end, so that its events reach nobody else who waits."""

    def _receive(self, kind: int, data: Any, /) -> None:
        """Take an event: deliver it if the VU accepts it, else :meth:`Vu.hold` it."""
        ...

    def _dispatch(self, kind: int, data: Any, /) -> None:
        """Run the handlers of an event that is accepted."""
        ...

    def _holding(self, kind: int, data: Any, /) -> None:
        """Count an event that is held as undelivered, so that a peer cannot fill the memory."""
        ...

    def _releasing(self, kind: int, data: Any, /) -> None:
        """Count it no more: it is about to be delivered."""
        ...

    def _ends_operation(self, kind: int, /) -> bool:
        """Whether an event ends something that a script may wait for."""
        ...

    def _abandon(self) -> None:
        """Leave a VU that is cut: close without handlers and without waiting."""
        ...

    def _wind_down(self) -> None:
        """Close within bounded time, because the iteration failed; ``close`` handlers still run."""
        ...


class Host(Protocol):
    """An asyncio loop that the handlers of a VU run on: they may run at any time, between its tasks."""

    def deliver(self, vu: Vu, source: Source, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        ...

    def start_handler(self, vu: Vu, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run a handler that is a coroutine function; what it raises ends the iteration."""
        ...

    def changed(self, vu: Vu) -> None:
        """A handler failed, the VU was cut, or it has no source any more."""
        ...
