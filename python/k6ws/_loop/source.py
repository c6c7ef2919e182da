"""What a VU sees of what brings it events, of what failed unseen, and of asyncio that runs its handlers."""

from __future__ import annotations

from contextvars import Context
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from asyncio import Task

V_contra = TypeVar("V_contra", contravariant=True)


class Source(Protocol):
    """An open socket, or the armed timers of a VU, as the VU sees it."""

    scope: object
    """What the VU accepts while its events are delivered: the VU itself, or what stands for the call that
    made it and waits for its end, so that its events reach nobody else who waits."""

    context: Context | None
    """Where an asyncio loop runs: what its handlers run in, that of the task which opened it."""

    def receive(self, kind: int, data: Any, /) -> None:
        """Take an event: deliver it if the VU accepts it, else :meth:`Vu.hold` it."""
        ...

    def dispatch(self, kind: int, data: Any, /) -> None:
        """Run the handlers of an event that is accepted."""
        ...

    def holding(self, kind: int, data: Any, /) -> None:
        """Count an event that is held as undelivered, so that a peer cannot fill the memory."""
        ...

    def releasing(self, kind: int, data: Any, /) -> None:
        """Count it no more: it is about to be delivered."""
        ...

    def ends_operation(self, kind: int, /) -> bool:
        """Whether an event ends something that a script may wait for."""
        ...

    def abandon(self) -> None:
        """Leave a VU that is cut: close without handlers and without waiting."""
        ...

    def wind_down(self) -> None:
        """Close within bounded time, because the iteration failed; ``close`` handlers still run."""
        ...


class Rejected(Protocol):
    """An operation that failed, and that nobody has asked about since."""

    def _rejected(self) -> BaseException:
        """What it failed with."""
        ...


class Deferred(Protocol):
    """The coroutine handlers that are under way, and the events that wait for them."""

    def defer_first(self, source: Source, kind: int, data: Any, /) -> None:
        """Keep what is left of an event whose first part has begun a coroutine."""
        ...

    def cancel(self, source: Source, /) -> None:
        """End the coroutines of a source that is given up."""
        ...


class Host(Protocol[V_contra]):
    """An asyncio loop that the handlers of a VU run on: they may run at any time, between its tasks."""

    @property
    def turns(self) -> Deferred:
        """Its coroutine handlers that are under way."""
        ...

    def deliver(self, vu: V_contra, source: Source, kind: int, data: Any, /) -> None:
        """Run the handlers of an event, once its turn has come."""
        ...

    def dispatch(self, vu: V_contra, source: Source, kind: int, data: Any, /) -> None:
        """Have a source take an event where its handlers run, whatever is under way."""
        ...

    def stir(self) -> None:
        """Something was settled that a task awaits: the asyncio loop wants a turn."""
        ...

    def start_handler(
        self, vu: V_contra, source: Source | None, awaitable: Any, /, *, holds_events: bool
    ) -> Task[Any]:
        """Run what a handler returned as a task; what it raises ends the iteration."""
        ...

    def changed(self, vu: V_contra, /) -> None:
        """A handler failed, the VU was cut, or it has no source any more."""
        ...
