"""The API of ``k6/timers``: call a function later, once or again and again.

For example::

    from k6ws.timers import clear_interval, set_interval, set_timeout

    def default():
        ticking = set_interval(lambda: print("tick"), 1000)
        set_timeout(lambda: clear_interval(ticking), 5500)

An armed timer keeps the iteration going. Callbacks run once the function has returned, as handlers of sockets
do; in an `async def` function and in an asyncio program they run on that loop, between its tasks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import Context
from datetime import timedelta
from typing import Any, TypeAlias

from k6ws._loop import (
    Acceptance,
    Vu,
    adapt_arity,
    check_opened,
    context_of_task,
    current,
    returned,
    run_in,
    warn,
)
from k6ws._loop.places import Place, here
from k6ws._params import in_range, milliseconds
from k6ws.errors import InvalidParameter, K6Error

__all__ = [
    "clearInterval",
    "clearTimeout",
    "clear_interval",
    "clear_timeout",
    "setInterval",
    "setTimeout",
    "set_interval",
    "set_timeout",
]

Delay: TypeAlias = float | str | timedelta | None


# Stopped timers that are named one by one for each VU; k6 names all, which floods the log.
_MOST_NAMED = 10
# The ids of timers that belong to a VU and not to an iteration: none of them is one of an iteration's.
_OWN_FROM = 1 << 32


def set_timeout(
    callback: Callable[..., Any] | None = None, delay: Delay = 0.0, *arguments: Any
) -> int:
    """Call ``callback(*arguments)`` once, after ``delay``.

    Args:
        callback: What is called; it may take fewer arguments. A coroutine function becomes a task where an
            asyncio loop runs.
        delay: Milliseconds, text such as ``"1.5s"``, or a ``timedelta``. Nothing, NaN and a negative number
            are 0.
        *arguments: Passed on.

    Returns:
        An id for :func:`clear_timeout`.

    Raises:
        K6Error: There is no callback.
        TypeError: It cannot be called, or demands more arguments than it is given.
        InvalidParameter: The delay is infinite, or no duration.

    Example:
        >>> import k6ws
        >>> _ = set_timeout(print, 1, "later")
        >>> k6ws.wait()
        later
        True
    """
    return _armed("setTimeout", callback, delay, arguments, repeats=False)


def set_interval(
    callback: Callable[..., Any] | None = None, delay: Delay = 0.0, *arguments: Any
) -> int:
    """Call ``callback(*arguments)`` again and again, each time ``delay`` after the last call has returned.

    It goes on until :func:`clear_interval`, and keeps the iteration going as long. Arguments, result and
    errors are those of :func:`set_timeout`.
    """
    return _armed("setInterval", callback, delay, arguments, repeats=True)


def clear_timeout(timer: object = None) -> None:
    """Disarm a timer of either kind; what is no id of an armed timer is ignored."""
    vu = current()
    timers: VuTimers | None = vu.timers
    if timers is not None and isinstance(timer, int):
        timers.clear(timer)
    if vu.belongings is not None and isinstance(timer, int) and vu.belongings.timers is not None:
        vu.belongings.timers.clear(timer)


def clear_interval(timer: object = None) -> None:
    """Disarm a timer of either kind; what is no id of an armed timer is ignored."""
    clear_timeout(timer)


setTimeout = set_timeout  # noqa: N816 - k6's spelling, here and below
setInterval = set_interval  # noqa: N816
clearTimeout = clear_timeout  # noqa: N816
clearInterval = clear_interval  # noqa: N816


class VuTimers(Acceptance):
    """The armed timers of a VU: one source of events, for as long as there is one."""

    __slots__ = ("_armed", "_next", "are_alone")

    def __init__(self, vu: Vu, first: int = 1) -> None:
        """``first`` is the first id that it gives."""
        # Without a context: each timer has its own.
        super().__init__(vu)
        self._armed: dict[int, Timer] = {}
        # The sockets of the iteration are closed, and it goes on for its timers only.
        self.are_alone = False
        # Never reset: an id of an earlier iteration must not disarm a timer of this one.
        self._next = first

    def add(self, name: str, callback: Callable[[], Any], delay: float, *, repeats: bool) -> int:
        """Arm a timer; returns its id."""
        context = context_of_task(self.vu)
        timer = Timer(self, self._next, name, callback, delay, context, repeats=repeats)
        self._next += 1
        if not self._armed:
            self.are_alone = False
            self.vu.keep(self, timer.place)
        self._armed[timer.id] = timer
        self.arm(timer)
        return timer.id

    def arm(self, timer: Timer) -> None:
        """Have the core tell when the timer is due."""
        core = self.vu.loop.core
        timer.due_at = core.now() + timer.delay
        timer.core_id = core.add_timer(timer.delay, timer.due)

    def first_place(self) -> Place | None:
        """Where the timer was set that has been armed for longest."""
        return next((timer.place for timer in self._armed.values()), None)

    def clear(self, number: int) -> None:
        """Disarm a timer."""
        timer = self._armed.pop(number, None)
        if timer is not None:
            self.vu.loop.core.cancel_timer(timer.core_id)
            self._let_go()

    # A source of events -----------------------------------------------------------------------------

    def deliver(self, kind: int, data: Timer) -> None:  # noqa: ARG002 - as its base
        """Call back, unless the timer was cleared after it was due. It is not armed again before that."""
        timer = data
        if timer.id not in self._armed:
            return
        if not timer.repeats:
            del self._armed[timer.id]
        if timer.context is None:
            self._call(timer)
        else:
            run_in(timer.context, self._call_as_task, timer)

    def _call_as_task(self, timer: Timer) -> None:
        """Call back in the group and with the tags of the task that armed it."""
        self.vu.loop.of_task()
        self._call(timer)

    def _call(self, timer: Timer) -> None:
        task = None
        try:
            result = timer.callback()
            if result is not None:
                task = returned(self.vu, None, timer.name, result)
        finally:
            if task is None:
                self._rearm(timer)
        if task is not None:
            # A coroutine is over when its task is: till then it is not called again.
            task.add_done_callback(lambda _: self._rearm(timer))

    def _rearm(self, timer: Timer) -> None:
        """The callback has returned: an interval goes on."""
        if timer.id in self._armed:
            self.arm(timer)
        self._let_go()

    def abandon(self) -> None:
        """Disarm everything, because the iteration was interrupted."""
        stopped = sorted(self._armed.values(), key=lambda timer: (timer.due_at, timer.id))
        self._armed.clear()
        for timer in stopped:
            self.vu.loop.core.cancel_timer(timer.core_id)
        for timer in stopped[:_MOST_NAMED]:
            warn("%s %d was stopped because the VU iteration was interrupted", timer.name, timer.id)
        if len(stopped) > _MOST_NAMED:
            more = len(stopped) - _MOST_NAMED
            warn("%d more timers of VU %d were stopped", more, self.vu.who.id)
        self._let_go()

    def wind_down(self) -> None:
        """Disarm everything, because the iteration failed."""
        self.abandon()

    def _let_go(self) -> None:
        if not self._armed:
            self.vu.release(self)


class Timer:
    """One timer, armed or due."""

    __slots__ = (
        "_timers",
        "callback",
        "context",
        "core_id",
        "delay",
        "due_at",
        "id",
        "name",
        "place",
        "repeats",
    )

    def __init__(  # noqa: PLR0917 - what a timer consists of
        self,
        timers: VuTimers,
        number: int,
        name: str,
        callback: Callable[[], Any],
        delay: float,
        context: Context | None,
        *,
        repeats: bool,
    ) -> None:
        self._timers = timers
        self.context = context
        self.id = number
        self.name = name
        self.callback = callback
        self.delay = delay
        self.repeats = repeats
        self.place = here()
        self.due_at = 0.0
        self.core_id = 0

    def due(self, kind: int, _data: object) -> None:
        """Take the event of the core."""
        self._timers.receive(kind, self)


def _armed(
    name: str,
    callback: Callable[..., Any] | None,
    delay: Delay,
    arguments: tuple[Any, ...],
    *,
    repeats: bool,
) -> int:
    vu = current()
    vu.check_may_begin()
    check_opened(vu, f"{name}()")
    if callback is None:
        message = f"{name}'s callback isn't a callable function"
        raise K6Error(message)
    if not callable(callback):
        message = f"{name} takes a function, not {callback!r}"
        raise TypeError(message)
    ms = _milliseconds(delay, name)
    if vu.who.run is None:
        # Before the callback is looked at: it may be a coroutine function for the program's loop.
        vu.loop.join_asyncio()
    fitted = adapt_arity(vu, callback, len(arguments), name)
    timers = _timers_of(vu)
    call = (lambda: fitted(*arguments)) if arguments else fitted
    return timers.add(name, call, ms, repeats=repeats)


def _timers_of(vu: Vu) -> VuTimers:
    """Those of its iteration, or those that are the VU's own."""
    own = vu.belongings
    if own is not None and own.takes_new:
        if own.timers is None:
            own.timers = VuTimers(vu, _OWN_FROM)
        return own.timers
    if vu.timers is None:
        vu.timers = VuTimers(vu)
    return vu.timers


def _milliseconds(delay: Delay, name: str) -> float:
    """A delay as JavaScript takes it, or as a duration."""
    if delay is None:
        return 0.0
    if isinstance(delay, str):
        try:
            delay = float(delay)
        except ValueError:
            return milliseconds(delay, name)
    if isinstance(delay, (int, float)):
        delay = in_range(delay)
        if math.isnan(delay) or delay < 0:
            return 0.0
        if math.isinf(delay):
            message = f"{name} cannot wait for ever"
            raise InvalidParameter(message, "leave the timer out")
    return milliseconds(delay, name)
