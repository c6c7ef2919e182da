"""A virtual user: whose code is running, and what may reach it.

A VU has *sources* of events: its open sockets, its armed timers. What they bring is delivered when the VU
accepts it, one at a time; the rest waits here, in order:

| the VU | accepts |
| --- | --- |
| runs its function or a handler | nothing |
| waits in ``sleep`` or in ``wait()`` of an operation | what ends that wait |
| waits in ``ws.connect`` | events and timers of that session |
| has returned from its function | everything, until no source is left |

Sources may also belong to the VU itself (``adopt``): no end of an iteration touches those. While it rests
between two iterations it accepts what they bring.

Its ends, each with what becomes of the sources of its iteration, and of those that are its own:

| end | by whom | handlers | sources | its own | then |
| --- | --- | --- | --- | --- | --- |
| ``finish`` | its worker, ``k6ws.wait`` | run | end by themselves | stay | raises what a handler raised |
| ``settle`` | whoever ran a handler | held events' run | – | – | wakes who waits in ``finish`` |
| ``wind_down`` | its worker: it failed | ``close`` runs | close in time | stay | nothing begins any more |
| ``hurry`` | the run was stopped | run | end by themselves | stay | no sleep lasts any more |
| ``cut`` | the leader: time is up | none | leave at once | likewise | ``Interrupted`` where it waits |
| ``abandon`` | the VU itself, as half of a cut | none | leave at once | likewise | goes on, to its worker |
| ``give_up`` | its worker: it ended itself | none | leave at once | stay | goes on, to its worker |
| ``between.rest`` | its worker: the iteration is over | run | – | stay | accepts what its own bring |
| ``renew`` | its worker: an iteration begins | – | – | stay | forgets how the last one ended |
| ``between.disown`` | its worker: it leaves its scenario | – | – | are its iteration's | is to wind down |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import Context
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

from k6ws import _core
from k6ws._loop.abstract_loop import AbstractLoop
from k6ws._loop.belongings import Belongings
from k6ws._loop.contexts import here
from k6ws._loop.held import Entry, Held
from k6ws._loop.identity import Identity
from k6ws._loop.places import Place
from k6ws._loop.source import Host, Rejected, Source
from k6ws.errors import Interrupted, K6Error

if TYPE_CHECKING:
    from asyncio import Future, Task
    from random import Random

NO_CONTEXT = Context()
NO_TASKS: frozenset[Any] = frozenset()


class Vu(_core.VuBase):
    """One virtual user, or the plain program that uses k6ws as a library (its ``who.run`` is ``None``).

    ``accepts`` says whose events may be delivered now: the VU itself stands for those of all its sources,
    a session or an operation for what that one waits for, ``None`` for nothing.
    """

    __slots__ = (
        "_settling",
        "belongings",
        "context",
        "failure",
        "held",
        "host",
        "is_cut",
        "is_ending",
        "is_hurried",
        "loop",
        "parked",
        "rejected",
        "signal",
        "sleep",
        "sources",
        "tasks",
        "timers",
        "waker",
        "who",
    )

    def __init__(self, loop: AbstractLoop[Vu]) -> None:
        self.loop = loop
        self.who = Identity()
        self.accepts: object | None = None
        self.is_cut = False
        # Its iteration failed and winds down: what is open closes, and nothing new begins.
        self.is_ending = False
        # It may finish what it does, but not sleep on the way.
        self.is_hurried = False
        self.sleep: Callable[[int, Any], object] | None = None
        self.parked: list[greenlet] = []
        # In order of creation: that is the order in which they are closed. With where they were made.
        self.sources: dict[Source, Place | None] = {}
        # What is its own and no iteration's; made when there is something.
        self.belongings: Belongings | None = None
        # Made when something is held: most VUs never hold anything.
        self.held: Held | None = None
        # Something is held, or whoever waits for the end must look again: read after every handler.
        self.is_unsettled = False
        # The scope whose events are being settled.
        self._settling: object | None = None
        self.failure: BaseException | None = None
        # Made when one is rejected.
        self.rejected: list[Rejected] | None = None
        self.waker: greenlet | None = None
        # Of a VU whose handlers run where an asyncio loop does.
        self.host: Host[Vu] | None = None
        self.context = NO_CONTEXT
        self.tasks: set[Task[Any]] | frozenset[Task[Any]] = NO_TASKS
        self.signal: Future[None] | None = None
        # Made on first use: thousands of VUs may never need them.
        self.timers: Any = None

    # What keeps an iteration going -------------------------------------------------------------------

    def keep(self, source: Source, place: Place | None = None) -> None:
        """Wait for this source before the iteration ends."""
        if self.who.run is None:
            self.loop.kept_outside()
        own = self.belongings
        (self.sources if own is None or not own.takes_new else own.sources).setdefault(
            source, place
        )

    def adopt(self, source: Source) -> None:
        """Have a source that is kept be the VU's own from now on: no iteration waits for it any more."""
        if source in self.sources:
            place = self.sources[source]
            self.release(source)
            if self.belongings is None:
                self.belongings = Belongings(self.who)
            self.belongings.sources[source] = place

    def release(self, source: Source) -> None:
        """Wait for it no more: it is closed, or has nothing armed."""
        self.sources.pop(source, None)
        if self.belongings is not None:
            self.belongings.sources.pop(source, None)
        if not self.sources:
            self._changed()
        elif self.timers is not None and len(self.sources) == 1:
            self.timers.are_alone = self.timers in self.sources

    def failed(self, error: BaseException) -> None:
        """End the iteration: a handler raised. The first exception is the one that counts."""
        if self.is_cut:
            return
        if self.belongings is not None and self.belongings.tell is not None:
            self.belongings.tell(error)
            return
        if self.failure is None:
            self.failure = error
        self._changed()

    def reject(self, operation: Rejected) -> None:
        """Remember an operation that failed, until somebody asks about it."""
        if self.rejected is None:
            self.rejected = []
        self.rejected.append(operation)

    def _changed(self) -> None:
        if self.host is None:
            self.is_unsettled = True
        else:
            self.host.changed(self)

    def generator(self) -> Random:
        """The VU's own random numbers."""
        return self.who.generator(self.loop.seed)

    # What may be delivered ---------------------------------------------------------------------------

    def hold(self, source: Source, kind: int, data: Any) -> None:
        """Keep an event until it is accepted."""
        if self.is_cut and self.belongings is None:
            return
        if self.host is not None:
            self.host.deliver(self, source, kind, data)
            return
        self.keep_back(source, kind, data)

    def keep_back(self, source: Source, kind: int, data: Any) -> None:
        """Keep an event, wherever its handlers run."""
        if self.held is None:
            self.held = Held()
        self.is_unsettled = True
        self.held.keep(source, kind, data)

    def take_back(self, source: Source) -> Iterator[Entry]:
        """What is kept for the scope of ``source``, in order."""
        return iter(()) if self.held is None else self.held.take_all(source.scope)

    def settle(self) -> None:
        """Deliver what is held for whom it is accepted; wake who waits for the end, if it has come.

        Call after every handler while ``is_unsettled``. One level deep, however much is held.
        """
        scope = self.accepts
        if scope is self._settling:
            return
        outer, self._settling = self._settling, scope
        try:
            while self.accepts is scope and not (scope is self and self._is_done()):
                entry = self.held.take(scope) if self.held else None
                if entry is None:
                    is_awaited = self.waker is not None or self.belongings is None
                    self.is_unsettled = bool(self.held) or (is_awaited and self._is_over())
                    break
                entry[0].receive(entry[1], entry[2])
        finally:
            self._settling = outer
        waker = self.waker
        if waker is not None and self.accepts is self and self._is_over():
            self.accepts = self.waker = None
            self.loop.resume(waker)

    def settle_after(self, _kind: int, _data: object) -> None:
        """The same, when a handler has run that the core had handed out itself."""
        self.settle()

    def deliver_outcomes(self, source: Source) -> None:
        """Deliver the held events of ``source`` that end an operation: somebody waits for one now."""
        if self.held:
            for _, kind, data in self.held.take_outcomes(source):
                source.receive(kind, data)

    # Whose context, group and tags ---------------------------------------------------------------------

    def lend_context(self) -> Context:
        """Have handlers of a blocking VU see what its caller sees, while that waits for them.

        Returns:
            What they saw before, for :meth:`take_context`.
        """
        outer, self.context = self.context, here()
        if self.context is not outer:
            self.loop.led = None
        return outer

    def take_context(self, outer: Context) -> None:
        """The wait is over."""
        if self.context is not outer:
            self.context = outer
            self.loop.led = None

    def finish(self, patience: float | None = None) -> bool:
        """Deliver events until no source is left, as at the end of an iteration.

        Returns:
            False when ``patience``, in milliseconds, was spent before.

        Raises:
            BaseException: What a handler raised; the sources are still there.
            Interrupted: The VU was cut meanwhile.
        """
        loop, outer = self.loop, self.accepts
        context = self.lend_context()
        give_up = None if patience is None else loop.core.now() + patience
        self.accepts = self
        try:
            self.settle()
            while not self._is_over():
                self.waker = getcurrent()
                if give_up is None:
                    loop.suspend()
                elif give_up > loop.core.now():
                    loop.sleep(give_up - loop.core.now())
                else:
                    return False
                self.accepts = self
        finally:
            self.accepts = outer
            self.waker = None
            self.take_context(context)
        self.raise_failure()
        return True

    def wind_down(self, also: Callable[[BaseException], object]) -> None:
        """Close every source after the iteration failed, and wait until they are closed.

        Each source bounds its own closing. ``close`` handlers run; what they raise is given to ``also``.
        """
        self.is_ending = True
        for source in list(self.sources):
            source.wind_down()
        while self.sources:
            try:
                self.finish()
            except Interrupted:
                if self.is_cut:
                    raise
                # A handler wanted to begin something anew.
            except BaseException as second:  # noqa: BLE001 - the first one is what ended the iteration
                also(second)

    def renew(self) -> None:
        """Forget what an iteration left behind; the next one begins."""
        self.is_cut = False
        self.is_ending = False
        self.accepts = None
        self.failure = None
        self.waker = None
        self.is_unsettled = False
        own = self.belongings
        self.held = None if own is None else own.end_rest(self.held)
        self.rejected = None
        self.tasks = NO_TASKS
        self.signal = None
        self.who.leave_groups()

    def _is_over(self) -> bool:
        return self.failure is not None or not self.sources

    def _is_done(self) -> bool:
        """Whether nothing is to be delivered any more; its own sources bring more without an end."""
        return self.failure is not None or not (self.sources or self.belongings)

    def raise_failure(self, other: BaseException | None = None) -> None:
        """Raise what ends the iteration: what a handler raised, ``other``, or an unseen rejection."""
        failure, self.failure = self.failure, None
        failure = other if failure is None else failure
        if failure is not None:
            raise failure
        if self.rejected:
            raise self.rejected.pop(0)._rejected()

    # Cutting -----------------------------------------------------------------------------------------

    def check_alive(self) -> None:
        """Raise :class:`Interrupted` in a VU that has been cut: every k6ws call begins here."""
        if self.is_cut:
            raise Interrupted

    def check_may_begin(self) -> None:
        """Raise :class:`Interrupted` where no socket and no timer may begin any more.

        That is in a VU that has been cut, and in one whose iteration has failed: a `close` handler that
        connects again would keep that iteration from its end.
        """
        if self.is_cut or self.is_ending:
            raise Interrupted

    def check_may_block(self, call: str, instead: str) -> None:
        """Raise where waiting would block an asyncio loop; ``instead`` is what to write there.

        Raises:
            Interrupted: The VU has been cut.
            K6Error: An asyncio loop runs in this thread.
        """
        self.check_alive()
        if self.loop.is_in_asyncio():
            message = f"{call} would block the running asyncio loop: write `{instead}`"
            raise K6Error(message)

    def hurry(self) -> bool:
        """End the sleep of the VU, and every later one, so that it comes to its end by itself.

        False when it does something else than sleep. Called by the leader.
        """
        wake = self.sleep
        self.is_hurried = wake is not None
        if wake is not None:
            wake(_core.TIMER, None)
        return wake is not None

    def cut(self) -> None:
        """Take the VU out of whatever it does. Called by the leader, never by the VU itself.

        The order matters: no handler is delivered any more, its sockets leave it, and only then do the
        places where it waits raise, the innermost first, so that its ``finally`` blocks run.
        """
        self.abandon()
        for task in list(self.tasks):
            task.cancel()
        self._changed()
        for waiting in reversed(list(self.parked)):
            if waiting in self.parked:
                waiting.throw(Interrupted())

    def abandon(self) -> None:
        """Deliver nothing any more and let the sockets leave: the half of a cut that a VU may do itself."""
        own, self.belongings = self.belongings, None
        self.give_up()
        if own is not None:
            own.abandon()

    def give_up(self) -> None:
        """The same for its iteration: what is the VU's own stays."""
        self.is_cut = True
        self.accepts = self.waker = None
        self.held = None if self.belongings is None else self.belongings.own_of(self.held)
        for source in list(self.sources):
            source.abandon()
        self.sources.clear()
