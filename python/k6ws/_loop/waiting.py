"""Who runs and who waits on one thread, and who hands out the events of the core meanwhile.

A script may wait anywhere (``sleep``, ``ws.connect`` inside a handler) without a thread of its own: whoever
waits is a greenlet. The *leader* runs the loop and calls handlers directly, which costs nothing; only when
a handler really waits does another greenlet take the lead and go on with the same batch. Switches happen
between Python frames only: no frame of the core is ever on a stack that is put aside.

Who waits and who runs meanwhile is settled here alone. What a VU is, and what it waits for, is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from types import FrameType
from typing import Any, Generic, Protocol, TypeVar, cast

from greenlet import GreenletExit, getcurrent, greenlet

from k6ws import _core
from k6ws.errors import Interrupted, K6Error


class Waiter(Protocol):
    """Whose code runs: a VU, or the plain program."""

    parked: list[greenlet]
    """Where it waits, the innermost last."""
    is_cut: bool
    """Whether it waits for nothing any more."""
    sleep: Callable[[int, Any], object] | None
    """What ends its sleep, while it sleeps."""
    is_hurried: bool
    """Whether it sleeps no more."""
    context: Context
    """What its handlers run in."""

    def check_alive(self) -> None:
        """Raise :class:`Interrupted` if it is cut."""
        ...


class Subloop(Protocol):
    """Another loop of the thread, which wants a turn after a batch now and then: asyncio."""

    is_due: bool
    """Whether it has something to do."""

    def resume(self) -> None:
        """Have its turn; raises what leaves it for the program."""
        ...


class Handled(Protocol):
    """A source whose handler the core hands out itself."""

    def answered(self, kind: int, result: object) -> None:
        """Take care of what the handler returned."""
        ...

    def raised(self, kind: int, error: BaseException, /) -> None:
        """The handler raised."""
        ...

    def go_on(self) -> None:
        """The handler is over, and the VU accepts again."""
        ...


W = TypeVar("W", bound=Waiter)
Answer = TypeVar("Answer")


class Waiting(Generic[W]):
    """The greenlets of one thread, and the core whose events the leader hands out."""

    def __init__(self, core: _core.Loop, outside: W) -> None:
        """``outside`` is who runs where nobody else does: the plain program."""
        self.core = core
        self.outside = outside
        # None while a subloop runs tasks: then the task knows.
        self.current: W | None = outside
        # Whose handlers the leader called last: `current` is that one, and the leader sees its context
        # variables. `None` as soon as anybody else has become `current`: on the way of a message one look
        # tells that nothing has to be set.
        self.led: W | None = None
        # Leaders are its children, so that their death by a bug surfaces in the program, not in a VU.
        self.root = getcurrent()
        while self.root.parent is not None:
            self.root = self.root.parent
        # Who runs the loop and calls handlers. Its context is that of the VU whose handlers it called last.
        self.leader: greenlet | None = None
        self._followers: list[greenlet] = []
        self._nursery = greenlet(self._nurse, self.root)
        # Whose handler, handed out by the core itself, waits in a greenlet that led.
        self._left: dict[greenlet, Handled] = {}
        # Who is to be woken as soon as the leader gets to it; each for the wait it is in and no other.
        self._due: dict[greenlet, _Wake] = {}
        self._subloop: Subloop | None = None
        # While something is called that every event waits for: why nothing may wait there.
        self.refusal = ""

    def suspend(self, me: greenlet | None = None) -> Any:
        """Wait until the leader switches back here; returns what it was switched with.

        ``me`` is who is running, where that is known: asking costs as much as all the rest.

        Arrange for that before calling: with a receiver that is this greenlet's ``switch``, or one that
        calls it. Raises what is thrown into the greenlet, :class:`Interrupted` above all.
        """
        waiter = self.current
        if waiter is None:
            message = "a coroutine cannot wait here: it would block every other one"
            raise K6Error(message)
        if self.refusal:
            raise K6Error(self.refusal)
        # What is cut waits for nothing any more, in its `finally` blocks neither.
        if waiter.is_cut:
            waiter.check_alive()
        me = getcurrent() if me is None else me
        waiter.parked.append(me)
        leader = self.leader
        try:
            # Every wait ends here: another leader is looked for only where there is none.
            if leader is None or leader is me or leader.dead:
                return self._give_way(me)
            return leader.switch()
        finally:
            waiter.parked.remove(me)
            # As `turn_to` does, without a call.
            self.current, self.led = waiter, None
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
        """Suspend whoever is current, and only that one, for this many milliseconds."""
        waiter = self.current
        if waiter is not None and waiter.is_hurried:
            return
        wake = _Wake(getcurrent())
        if waiter is not None:
            waiter.sleep = wake
        timer = self.core.add_timer(ms, wake)
        try:
            self.suspend()
        finally:
            # The event may have been handed out already, for a wait that is over by now.
            wake.sleeper = None
            self.core.cancel_timer(timer)
            if waiter is not None:
                waiter.sleep = None

    def lead_for(self, waiter: W) -> None:
        """Have handlers that the leader calls be those of ``waiter``, and see its context variables."""
        self.current = self.led = waiter
        leader = self.leader
        if leader is not None:
            leader.gr_context = waiter.context

    def ask(self, waiter: W, refusal: str, call: Callable[[], Answer]) -> Answer:
        """Call what all events wait for, as a handler of ``waiter``; ``refusal`` says why it must not."""
        current = self.current
        self.lead_for(waiter)
        outer, self.refusal = self.refusal, refusal
        try:
            return call()
        finally:
            self.refusal = outer
            self.turn_to(current)

    def turn_to(self, waiter: W | None) -> None:
        """Be ``waiter`` from now on, outside of what the leader calls."""
        self.current, self.led = waiter, None

    def to_leader(self) -> None:
        """Step back to the leader, which switched here."""
        leader = self.leader
        assert leader is not None, "called by what a leader switched to"  # noqa: S101
        leader.switch()

    def end_greenlets(self) -> None:
        """End every greenlet of ours: the thread ends."""
        followers, self._followers = self._followers, []
        for one in (self.leader, *followers, self._nursery):
            if one and not one.dead and one is not getcurrent():
                one.throw(GreenletExit)
        self.leader = None
        self._left.clear()

    def rest(self) -> Any:
        """Park between two pieces of work; returns what the leader switches back with."""
        return self._give_way(getcurrent())

    def _give_way(self, me: greenlet) -> Any:
        """Let the leader run, or a new one if ``me`` leads; returns what ``me`` is switched with."""
        leader = self.leader
        if leader is None or leader is me or leader.dead:
            self.led = None
            if leader is me and (waits := self.core.leave()) is not None:
                self._left[me] = cast("Handled", waits)
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
        core = self.core
        call: Callable[..., object] | None = None
        kind = 0
        while True:
            try:
                # What a signal interrupts here is with the core still, or with the handler.
                for call, kind, data, waiter in core:
                    if waiter is None:
                        call(kind, data)
                    else:
                        # An accepted message, for its handler itself.
                        if waiter is not self.led:
                            self.current = self.led = waiter
                            me.gr_context = waiter.context
                        result = call(data)
                        if result is not None:
                            self._handled_by(me).answered(kind, result)
                    if self.leader is not me:
                        # The handler waited, and somebody else leads: step back.
                        self._went_on(me)
                        self._followers.append(me)
                        leader = self.leader
                        assert leader is not None, "leadership is only ever handed on"  # noqa: S101
                        leader.switch()
                        break
                else:
                    subloop = self._subloop
                    if subloop is not None and subloop.is_due:
                        subloop.resume()
                        core.poll_events(0.0 if subloop.is_due else None)
                    else:
                        core.poll_events()
            except BaseException as error:
                if not self._settle_error(me, call, kind, error):
                    raise

    def _handled_by(self, me: greenlet) -> Handled:
        """The source whose handler this leader has called."""
        source = self._left.get(me) or cast("Handled | None", self.core.running())
        assert source is not None, "until it has gone on"  # noqa: S101
        return source

    def _went_on(self, me: greenlet) -> None:
        """A handler that waited has returned."""
        source = self._left.pop(me, None)
        if source is not None:
            source.go_on()

    def _settle_error(
        self, me: greenlet, call: Callable[..., object] | None, kind: int, error: BaseException
    ) -> bool:
        """Give an exception to whom it belongs: the source whose handler raised it, or the program.

        False for what ends the leader itself.
        """
        source = self._left.pop(me, None) or cast("Handled | None", self.core.leave())
        is_of_handler = source is not None and _is_of(error, call)
        if source is not None:
            try:
                if is_of_handler:
                    source.raised(kind, error)
                source.go_on()
            except BaseException as second:  # noqa: BLE001 - what is told of it, or held behind it, raised
                self._throw_outside(second)
        if is_of_handler:
            return True
        if isinstance(error, GreenletExit):
            return False
        # An `Interrupted` was meant for a handler that returned at that very moment.
        if not isinstance(error, Interrupted):
            self._throw_outside(error)
        return True

    def _throw_outside(self, error: BaseException) -> None:
        """Let an exception that belongs to no handler (Ctrl-C) leave the call the program waits in."""
        waiting = self.outside.parked
        if not waiting:
            raise error
        waiting[-1].throw(error)


def _is_of(error: BaseException, call: Callable[..., object] | None) -> bool:
    """Whether an exception that reached the leader came through the frame of what it called."""
    traceback = error.__traceback__
    inner = None if traceback is None else traceback.tb_next
    return inner is not None and inner.tb_frame.f_code is getattr(call, "__code__", None)


def is_leading(frame: FrameType | None) -> bool:
    """Whether a thread takes events from the core and runs nobody's code: an exception reaches who waits."""
    return frame is not None and frame.f_code is Waiting[Any]._lead.__code__  # noqa: SLF001 - its own class


class _Wake:
    """Receives the timer that ends one wait; deaf once that wait is over."""

    __slots__ = ("sleeper",)

    def __init__(self, sleeper: greenlet) -> None:
        self.sleeper: greenlet | None = sleeper

    def __call__(self, _kind: int, _data: object) -> None:
        if self.sleeper is not None:
            self.sleeper.switch()
