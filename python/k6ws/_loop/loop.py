"""The loop of one thread: takes batches of events from the core and hands each to its receiver.

A script may wait anywhere (``sleep``, ``ws.connect`` inside a handler) without a thread of its own: whoever
waits is a greenlet. The *leader* runs the loop and calls handlers directly, which costs nothing; only when
a handler really waits does another greenlet take the lead and go on with the same batch. Switches happen
between Python frames only: no frame of the core is ever on a stack that is put aside.

Who waits and who runs meanwhile is settled here alone.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from itertools import repeat
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from greenlet import GreenletExit, getcurrent, greenlet

from k6ws import _core
from k6ws._loop import forks
from k6ws._loop.contexts import place
from k6ws._loop.foreign import refuse_gevent, running_asyncio
from k6ws._loop.gone import Gone
from k6ws._loop.notices import Notices
from k6ws._loop.vu import Vu
from k6ws.errors import Interrupted, K6Error

if TYPE_CHECKING:
    from k6ws._loop.asyncio_host import AsyncioHost
    from k6ws._loop.control import Control
    from k6ws._loop.embedded import Embedded

Event: TypeAlias = tuple[Callable[[int, Any], object], int, Any]

# Between two looks at pending signals while nothing happens; Python runs signal handlers only then.
_SIGNAL_TICK_MS = 100.0
_SETTLE_STEP_MS = 5.0
# What sockets that are open when their thread ends have to say goodbye: twice what one of them may take.
_GOODBYE_MS = 200.0


class Loop:
    """Sockets, timers and VUs of one thread."""

    def __init__(self) -> None:
        refuse_gevent()
        try:
            self.core = _core.Loop()
        except OSError as error:
            message = f"{error}"
            raise K6Error(
                message, "raise the limits on open files and threads (ulimit -n, -u)"
            ) from None
        forks.forget(self.core)
        self.outside = Vu(self)
        # None while asyncio runs tasks: then the task knows (`asyncio_host.of_task`).
        self.current: Vu | None = self.outside
        # Whose handlers the leader called last: `current` is that VU, and the leader sees its context
        # variables. `None` as soon as anybody else has become `current`: on the way of a message one look
        # tells that nothing has to be set.
        self.led: Vu | None = None
        # What the context of a VU begins as: a copy of the program's, which began the run.
        self.origin = Context()
        # While a script is loaded: the metrics that it has declared, as kind and whether they are times.
        self.declared: dict[str, tuple[str, bool]] | None = None
        # What `random_seed` was given in the body of the script that runs.
        self.seed: int | None = None
        # While a run is under way: what its script may do to it.
        self.control: Control | None = None
        self.notices = Notices()
        # How often the core had been polled when the plain program made its last socket or timer.
        self.polls_at_keep = 0
        self._asyncio: AsyncioHost | None = None
        self._events: Iterator[Event] = iter(())
        # Leaders are its children, so that their death by a bug surfaces in the program, not in a VU.
        self.root = getcurrent()
        while self.root.parent is not None:
            self.root = self.root.parent
        self._nursery = greenlet(self._nurse, self.root)
        # Who runs the loop and calls handlers. Its context is that of the VU whose handlers it called last.
        self.leader: greenlet | None = None
        self._followers: list[greenlet] = []
        # Who is to be woken as soon as the leader gets to it; each for the wait it is in and no other.
        self._due: dict[greenlet, _Wake] = {}
        self.is_main_thread = threading.current_thread() is threading.main_thread()
        self._embedded: Embedded | None = None
        self._signal_tick: int | None = None
        self._tick()

    def suspend(self) -> Any:
        """Wait until the leader switches back here; returns what it was switched with.

        Arrange for that before calling: with a receiver that is this greenlet's ``switch``, or one that
        calls it. Raises what is thrown into the greenlet, :class:`Interrupted` above all.
        """
        vu = self.current
        if vu is None:
            message = "a coroutine cannot wait here: it would block every other one"
            raise K6Error(message)
        # What is cut waits for nothing any more, in its `finally` blocks neither.
        vu.check_alive()
        me = getcurrent()
        vu.parked.append(me)
        try:
            return self._give_way(me)
        finally:
            vu.parked.remove(me)
            # As `turn_to` does, without a call.
            self.current, self.led = vu, None
            if self._due and (wake := self._due.pop(me, None)) is not None:
                wake.sleeper = None

    def resume(self, sleeper: greenlet) -> None:
        """Let a suspended greenlet go on: at once from the leader, else as soon as the leader gets to it.

        For the wait that it is in: one that ends otherwise before is not followed by a second waking.
        """
        if getcurrent() is self.leader:
            sleeper.switch()
        elif sleeper not in self._due:
            # Whoever is switched to from here would, when it waits again, leave this greenlet behind.
            wake = self._due[sleeper] = _Wake(sleeper)
            self.core.add_timer(0.0, wake)

    def sleep(self, ms: float) -> None:
        """Suspend the current VU, and only it, for this many milliseconds."""
        vu = self.current
        if vu is not None and vu.is_hurried:
            return
        wake = _Wake(getcurrent())
        if vu is not None:
            vu.sleep = wake
        timer = self.core.add_timer(ms, wake)
        try:
            self.suspend()
        finally:
            # The event may have been handed out already, for a wait that is over by now.
            wake.sleeper = None
            self.core.cancel_timer(timer)
            if vu is not None:
                vu.sleep = None

    def settle(self, ms: float, others: int = 0) -> None:
        """Wait until all connections but ``others`` are gone, at most this long: cut ones say goodbye."""
        deadline = self.core.now() + ms
        while self.core.connections() > others and self.core.now() < deadline:
            self.sleep(_SETTLE_STEP_MS)

    def asyncio(self) -> AsyncioHost:
        """The asyncio loop that `async def` VUs of this thread run on, made on first use."""
        if self._asyncio is None:
            # Blocking scripts never load asyncio.
            from k6ws._loop.asyncio_host import AsyncioHost  # noqa: PLC0415

            self._asyncio = AsyncioHost(self)
        return self._asyncio

    def is_in_asyncio(self) -> bool:
        """Whether an asyncio loop runs in this thread: then nothing may wait but coroutines."""
        if "gevent" in sys.modules:
            refuse_gevent()
        if running_asyncio() is not None:
            return True
        if self._embedded is not None:
            # The program's loop has ended; from now on it is a plain program again.
            self.join_asyncio()
        return False

    def kept_outside(self) -> None:
        """The plain program makes a socket or a timer: it follows the program, which has to wait for it."""
        self.join_asyncio()
        self.polls_at_keep = self.core.polls()

    def join_asyncio(self) -> None:
        """Let handlers of the plain program run on the asyncio loop that runs in this thread, if one does.

        Called by whatever brings events there: programs come and go with their loops (``asyncio.run``).
        """
        running = running_asyncio()
        embedded = self._embedded
        if (None if embedded is None else embedded.asyncio) is running:
            return
        self.core.check_thread()
        if embedded is not None:
            embedded.leave()
        self._embedded = None
        if running is not None:
            from k6ws._loop.embedded import Embedded  # noqa: PLC0415 - imports asyncio

            self._embedded = Embedded(self, running)
        self.outside.host = self._embedded
        if embedded is not None:
            embedded.turns.hand_over()
        self._tick()

    def _tick(self) -> None:
        """Look for signals now and then, on the main thread; an asyncio loop does it itself."""
        wanted = self.is_main_thread and self._embedded is None
        if wanted and self._signal_tick is None:
            self._signal_tick = self.core.add_timer(_SIGNAL_TICK_MS, _look_up, _SIGNAL_TICK_MS)
        elif not wanted and self._signal_tick is not None:
            self.core.cancel_timer(self._signal_tick)
            self._signal_tick = None

    def end_asyncio(self) -> None:
        """Close the loop of `async def` VUs: a run leaves nothing behind."""
        hosted, self._asyncio = self._asyncio, None
        if hosted is not None:
            hosted.close()

    def of_task(self) -> Vu:
        """The VU of the task that asyncio is running."""
        stood = place.get()
        if stood is None or stood[0].loop is not self:
            return self.outside
        # Until the next task asks, the VU is in the group of this one.
        vu, vu.group, vu.tags = stood
        return vu

    def lead_for(self, vu: Vu) -> None:
        """Have handlers that the leader calls be those of ``vu``, and see its context variables."""
        self.current = self.led = vu
        leader = self.leader
        if leader is not None:
            leader.gr_context = vu.context

    def turn_to(self, vu: Vu | None) -> None:
        """Be ``vu`` from now on, outside of what the leader calls."""
        self.current, self.led = vu, None

    def to_leader(self) -> None:
        """Step back to the leader, which switched here."""
        leader = self.leader
        assert leader is not None, "called by what a leader switched to"  # noqa: S101
        leader.switch()

    def close(self) -> None:
        """Give up everything; called when the thread ends."""
        self.end_asyncio()
        embedded, self._embedded = self._embedded, None
        if embedded is not None:
            embedded.leave()
        followers, self._followers = self._followers, []
        for one in (self.leader, *followers, self._nursery):
            if one and not one.dead and one is not getcurrent():
                one.throw(GreenletExit)
        self.leader = None
        self._events = iter(())
        for source in list(self.outside.sources):
            # One that cannot even be left must not keep the others.
            with contextlib.suppress(Exception):
                source.abandon()
        self.outside.sources.clear()
        core, self.core = self.core, cast("_core.Loop", Gone())
        core.close(_GOODBYE_MS)

    def rest(self) -> Any:
        """Park a VU between two iterations; returns what the leader switches it with."""
        return self._give_way(getcurrent())

    def _give_way(self, me: greenlet) -> Any:
        """Let the leader run, or a new one if ``me`` leads; returns what ``me`` is switched with."""
        leader = self.leader
        if leader is None or leader is me or leader.dead:
            self.led = None
            if not self._followers:
                leader = self.leader = greenlet(self._lead, self.root)
                return self._nursery.switch(leader)
            leader = self.leader = self._followers.pop()
        return leader.switch()

    @staticmethod
    def _nurse(newborn: greenlet) -> None:
        """Start leaders from one place.

        A greenlet inherits the recursion depth it is started at. Started by the handlers that give way, each
        leader would begin deeper than the last, and a few dozen handlers waiting at once would end in a
        RecursionError.
        """
        while True:
            newborn = newborn.switch()

    def _lead(self, *_: object) -> None:
        """The body of every leader."""
        me = getcurrent()
        # Taken with `for`: a signal that comes meanwhile raises behind a call, and its result is lost,
        # a whole batch of events.
        polls = map(self.core.poll_events, repeat(None))
        looks = map(self.core.poll_events, repeat(0.0))
        while True:
            try:
                for receive, kind, data in self._events:
                    receive(kind, data)
                    if self.leader is not me:
                        # The handler waited, and somebody else leads: step back. The batch may be another
                        # one when we come back, so the iterator is read anew.
                        self._followers.append(me)
                        leader = self.leader
                        assert leader is not None, "leadership is only ever handed on"  # noqa: S101
                        leader.switch()
                        break
                else:
                    asyncio = self._asyncio
                    if asyncio is not None and asyncio.is_due:
                        asyncio.resume()
                        for self._events in looks if asyncio.is_due else polls:
                            break
                    else:
                        for self._events in polls:
                            break
            except GreenletExit:
                raise
            except Interrupted:
                # Meant for a handler that returned at that very moment.
                continue
            except BaseException as error:  # noqa: BLE001 - nothing may end the leader
                self._throw_outside(error)

    def _throw_outside(self, error: BaseException) -> None:
        """Let an exception that belongs to no handler (Ctrl-C) leave the call the program waits in."""
        waiting = self.outside.parked
        if not waiting:
            raise error
        waiting[-1].throw(error)


def is_leading(frame: FrameType | None) -> bool:
    """Whether a thread takes events from the core and runs nobody's code: an exception reaches who waits."""
    return frame is not None and frame.f_code is Loop._lead.__code__  # noqa: SLF001 - its own class


class _Wake:
    """Receives the timer that ends one wait; deaf once that wait is over."""

    __slots__ = ("sleeper",)

    def __init__(self, sleeper: greenlet) -> None:
        self.sleeper: greenlet | None = sleeper

    def __call__(self, _kind: int, _data: object) -> None:
        if self.sleeper is not None:
            self.sleeper.switch()


def _look_up(_kind: int, _data: object) -> None:
    """Receive the signal tick: being back in Python is all that is wanted."""
