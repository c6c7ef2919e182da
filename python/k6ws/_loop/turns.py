"""Handlers that are coroutines take turns: those of one socket run one after the other, as plain ones do.

What the socket brings meanwhile is deferred, in order, and counts as undelivered, so that a peer is slowed by
a slow handler. An ``open`` handler, or a timer of the socket, defers nothing but its end: it may wait for
messages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from k6ws import _core

if TYPE_CHECKING:
    from asyncio import Task
    from contextvars import Context

    from k6ws._loop.source import Source
    from k6ws._loop.vu import Vu

Dispatch: TypeAlias = "Callable[[Vu, Source, int, Any], None]"

# Everything else is for the session itself, or ends an operation that the coroutine may be waiting for.
_DEFERRED = frozenset(
    {
        _core.TEXT,
        _core.BINARY,
        _core.MESSAGES,
        _core.PING,
        _core.PONG,
        _core.DATA,
        _core.CLOSED,
        _core.ENDED,
    }
)


class Turns:
    """The coroutine handlers that are under way on one asyncio loop."""

    def __init__(self, dispatch: Dispatch) -> None:
        """``dispatch`` runs the handlers of an event whose turn has come."""
        self._dispatch = dispatch
        self._of: dict[Source, _Turn] = {}

    def defers(self, source: Source, kind: int, data: Any) -> bool:
        """Whether an event has to wait for its turn; then it is kept."""
        turn = self._of.get(source)
        if turn is None or kind not in _DEFERRED:
            return False
        if not turn.held and not turn.defers(kind):
            return False
        self._hold(turn, source, kind, data)
        # Where all of them have been cancelled nothing waits for them any more.
        self._go_on(turn, source)
        return True

    def defer_first(self, source: Source, kind: int, data: Any) -> None:
        """Keep what is left of an event whose first part has begun a coroutine."""
        turn = self._of[source]
        source.holding(kind, data)
        turn.held.appendleft((kind, data))

    def begin(self, vu: Vu, source: Source | None, task: Task[Any], *, holds_events: bool) -> None:
        """A handler of ``source`` has become ``task``: the iteration, and what follows, waits for it."""
        key = _Turn(vu) if source is None else source
        turn = key if isinstance(key, _Turn) else self._of.setdefault(key, _Turn(vu))
        tasks = turn.tasks if holds_events else turn.beside
        tasks.add(task)
        turn.keep()

        def ended(task: Task[Any]) -> None:
            tasks.discard(task)
            if source is not None:
                self._go_on(turn, source)
            turn.release()

        task.add_done_callback(ended)

    def cancel(self, source: Source) -> None:
        """End the coroutines of a source that is given up."""
        turn = self._of.get(source)
        if turn is not None:
            for task in (*turn.tasks, *turn.beside):
                task.cancel()
            self._go_on(turn, source)

    def hand_over(self) -> None:
        """The asyncio loop is over: what its coroutines held up goes to where handlers run now."""
        left, self._of = self._of, {}
        for source, turn in left.items():
            for kind, data in turn.held:
                source.releasing(kind, data)
                turn.vu.hold(source, kind, data)
            turn.held.clear()

    def _hold(self, turn: _Turn, source: Source, kind: int, data: Any) -> None:
        source.holding(kind, data)
        turn.held.append((kind, data))

    def _go_on(self, turn: _Turn, source: Source) -> None:
        """Deliver what is held, as far as its turn has come."""
        if turn.is_going_on:
            return
        turn.is_going_on = True
        try:
            while turn.held and not turn.defers(turn.held[0][0]):
                kind, data = turn.held.popleft()
                source.releasing(kind, data)
                if not turn.vu.is_cut:
                    self._dispatch(turn.vu, source, kind, data)
        finally:
            turn.is_going_on = False
        if not turn.held and not turn.tasks and not turn.beside and self._of.get(source) is turn:
            del self._of[source]


class _Turn:
    """The coroutine handlers of one source. A source itself: the iteration does not end before them."""

    __slots__ = ("_is_kept", "beside", "context", "held", "is_going_on", "scope", "tasks", "vu")

    def __init__(self, vu: Vu) -> None:
        self.vu = vu
        self.scope: object = vu
        self.tasks: set[Task[Any]] = set()
        # Those that hold up nothing but the end.
        self.beside: set[Task[Any]] = set()
        self.held: deque[tuple[int, Any]] = deque()
        self.is_going_on = False
        self._is_kept = False
        self.context: Context | None = None

    def defers(self, kind: int) -> bool:
        """Whether an event has to wait; not for tasks that were told to end, which may take their time."""
        if self.tasks and any(not task.cancelling() for task in self.tasks):
            return True
        return kind == _core.ENDED and any(not task.cancelling() for task in self.beside)

    def keep(self) -> None:
        """Have the iteration wait. A program has none that could."""
        if not self._is_kept and self.vu.who.run is not None:
            self._is_kept = True
            self.vu.keep(self)

    def release(self) -> None:
        """Have it wait no more, if nothing is left."""
        if self._is_kept and not self.tasks and not self.beside:
            self.wind_down()

    # As a source of events ---------------------------------------------------------------------------

    def receive(self, kind: int, data: Any) -> None:
        """Nothing comes from here."""

    def dispatch(self, kind: int, data: Any) -> None:
        """Nothing comes from here."""

    def holding(self, kind: int, data: Any) -> None:
        """Nothing comes from here."""

    def releasing(self, kind: int, data: Any) -> None:
        """Nothing comes from here."""

    def ends_operation(self, _kind: int) -> bool:
        """Nothing here returns an operation."""
        return False

    def abandon(self) -> None:
        """Nothing to close: the tasks are the VU's, which is being cut."""

    def wind_down(self) -> None:
        """Nothing to close: the tasks have been cancelled."""
        self._is_kept = False
        self.vu.release(self)
