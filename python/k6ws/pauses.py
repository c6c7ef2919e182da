"""How users pause and wait for each other: ``think``, ``barrier``.

For example::

    from k6ws import barrier, think

    def default():
        barrier("joined", 50, "30s")         # goes on when 50 VUs are here
        think("50ms", "250ms")               # as long as somebody reads

In a coroutine both are awaited: ``await think("1s")``.
"""

from __future__ import annotations

import math
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from k6ws._loop import Loop, Operation, Vu, check_counted, current, current_loop
from k6ws._loop.pending import Pending
from k6ws._params import milliseconds
from k6ws.errors import BarrierTimeout, InvalidParameter, K6Error

__all__ = ["barrier", "think"]

Time: TypeAlias = str | timedelta
_LONGEST_MS = 1e11


class Think:
    """Pause as long as a user thinks: ``think("50ms", "250ms")``, and other distributions."""

    __slots__ = ()

    def __call__(self, least: Time, most: Time | None = None) -> Any:
        """Suspend this VU, and only it, for a time between two, each as likely as any other.

        The times come from ``execution.vu.random``, so each VU of the test has its own and gives the same
        ones again where ``random_seed`` says so.

        Args:
            least: A duration such as ``"50ms"``, or a ``timedelta``.
            most: Likewise; without it the pause is ``least``.

        Returns:
            ``None`` once the time is over; in a coroutine something to await. One that is not awaited fails
            the iteration, with its line.

        Raises:
            TypeError: A bare number, which could be seconds or milliseconds.
            InvalidParameter: No duration, or ``most`` is less than ``least``.
            Interrupted: The VU was cut meanwhile.

        Example:
            >>> from k6ws import think
            >>> think("1ms", "2ms")
        """
        low = _duration(least, "least")
        high = low if most is None else _duration(most, "most")
        if high < low:
            message = f"think() takes the shorter time first, not {least!r}, {most!r}"
            raise InvalidParameter(message, f"write think({most!r}, {least!r})")
        vu = current()
        return _pause(vu, low if most is None else vu.generator().uniform(low, high), "think(…)")

    def normal(self, mean: Time, deviation: Time) -> Any:
        """Pause for a time that is distributed normally; less than nothing is nothing.

        Args:
            mean: A duration, or a ``timedelta``.
            deviation: Likewise: the standard deviation.

        Example:
            >>> from k6ws import think
            >>> think.normal("2ms", "1ms")
        """
        vu = current()
        ms = vu.generator().gauss(_duration(mean, "mean"), _duration(deviation, "deviation"))
        return _pause(vu, ms, "think.normal(…)")

    def exponential(self, mean: Time) -> Any:
        """Pause for a time that is distributed exponentially, as that between visitors who come by chance.

        Args:
            mean: A duration, or a ``timedelta``.

        Example:
            >>> from k6ws import think
            >>> think.exponential("2ms")
        """
        vu, ms = current(), _duration(mean, "mean")
        return _pause(
            vu, vu.generator().expovariate(1.0 / ms) if ms else 0.0, "think.exponential(…)"
        )

    def __repr__(self) -> str:
        """Say what it is."""
        return "k6ws.think"


think = Think()


def barrier(name: str, n: int, timeout: Time | None = None) -> Any:
    """Wait until ``n`` VUs of this scenario, in this process, have come to the barrier of this name.

    They go on together, and the next ``n`` that come wait for each other anew.

    Args:
        name: Of the barrier, within the scenario.
        n: How many VUs it takes.
        timeout: A duration, or a ``timedelta``; without one they wait as long as the iteration may take.

    Returns:
        ``None`` once all are there; in a coroutine something to await.

    Raises:
        BarrierTimeout: They were not there in time. It is raised in all who wait.
        K6Error: More than the scenario has VUs, another ``n`` than those have who wait, or no VU at all.
        Interrupted: The VU was cut meanwhile.

    Example:
        >>> from k6ws import barrier
        >>> barrier("joined", 1)
    """
    vu = current()
    vu.check_alive()
    check_counted(vu, "barrier()")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        message = f"barrier() takes a number of VUs, at least 1, not {n!r}"
        raise InvalidParameter(message)
    ms = None if timeout is None else _duration(timeout, "timeout")
    if vu.loop.is_in_asyncio():
        return Pending(vu, f"barrier({name!r}, …)", _meet_async(vu, name, n, ms))
    return _meet(vu, name, n, ms)


class _Gathering:
    """Those who wait at one barrier for the others."""

    def __init__(self, key: tuple[str, str], n: int) -> None:
        self.key = key
        self.n = n
        self.waiting: list[Operation[None]] = []


# As long as somebody waits.
_gatherings: WeakKeyDictionary[Loop, dict[tuple[str, str], _Gathering]] = WeakKeyDictionary()


def _meet(vu: Vu, name: str, n: int, ms: float | None) -> None:
    gathering, timer = _come(vu, name, n, ms)
    if gathering is not None:
        mine = gathering.waiting[-1]
        try:
            mine.wait()
        finally:
            _go(vu, gathering, mine, timer)


async def _meet_async(vu: Vu, name: str, n: int, ms: float | None) -> None:
    gathering, timer = _come(vu, name, n, ms)
    if gathering is not None:
        mine = gathering.waiting[-1]
        try:
            await mine
        finally:
            _go(vu, gathering, mine, timer)


def _come(vu: Vu, name: str, n: int, ms: float | None) -> tuple[_Gathering | None, int]:
    """Come to a barrier; who completes it has nothing to wait for."""
    loop, key = current_loop(), (vu.who.scenario, name)
    here = _gatherings.setdefault(loop, {})
    gathering = here.get(key)
    if gathering is None:
        _check_number(vu, name, n)
        gathering = here[key] = _Gathering(key, n)
    if gathering.n != n:
        message = (
            f"{len(gathering.waiting)} VUs wait at barrier {name!r} for {gathering.n}, not {n}"
        )
        raise K6Error(message, "give every call of one barrier the same number")
    if len(gathering.waiting) + 1 == n:
        del here[key]
        for one in gathering.waiting:
            one._settle(None)
        return None, 0
    gathering.waiting.append(Operation(vu, "barrier()"))
    timer = 0
    if ms is not None:
        timer = loop.core.add_timer(ms, lambda _kind, _data: _give_up(vu, gathering, name))
    return gathering, timer


def _go(vu: Vu, gathering: _Gathering, mine: Operation[None], timer: int) -> None:
    """Wait no more: all are there, or the VU was cut."""
    if timer:
        vu.loop.core.cancel_timer(timer)
    if not mine.done():
        gathering.waiting.remove(mine)
        here = _gatherings[current_loop()]
        if not gathering.waiting and here.get(gathering.key) is gathering:
            del here[gathering.key]


def _give_up(vu: Vu, gathering: _Gathering, name: str) -> None:
    """The time of one is over: nobody waits any more."""
    here = _gatherings[current_loop()]
    if here.get(gathering.key) is gathering:
        del here[gathering.key]
        came = len(gathering.waiting)
        text = f"barrier {name!r} was not full in time: {came} of {gathering.n} VUs came"
        for one in gathering.waiting:
            one._fail(BarrierTimeout(text), is_handled=True)
        if vu.host is not None:
            vu.host.stir()


def _check_number(vu: Vu, name: str, n: int) -> None:
    run = vu.who.run
    if run is None or not vu.who.scenario:
        most, whose = 1, "outside a scenario there is"
    else:
        control = vu.loop.control
        assert control is not None, "while there is a scenario"  # noqa: S101
        most, whose = control.vus(vu.who.scenario), f"scenario {vu.who.scenario} has"
    if n > most:
        message = f"barrier {name!r} can never fill: it waits for {n} VUs, and {whose} {most} here"
        raise K6Error(message, "wait for as many as there are, or raise the number of VUs")


def _pause(vu: Vu, ms: float, what: str) -> Any:
    vu.check_alive()
    ms = min(max(ms, 0.0), _LONGEST_MS)
    if vu.loop.is_in_asyncio():
        return Pending(vu, what, _asleep(ms / 1000.0))
    if ms > 0.0:
        vu.loop.sleep(ms)
    return None


def _asleep(seconds: float) -> Coroutine[Any, Any, None]:
    from asyncio import sleep  # noqa: PLC0415 - blocking scripts never load it

    return sleep(seconds)


def _duration(value: Any, name: str) -> float:
    """Milliseconds of a duration that says its unit."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value:
        message = f"{name} must say its unit: write {f'{value:g}ms'!r} or {f'{value:g}s'!r}, not {value!r}"
        raise TypeError(message)
    ms = milliseconds(value, name)
    if math.isnan(ms) or math.isinf(ms) or ms < 0.0:
        message = f"{name} must be a time, not {value!r}"
        raise InvalidParameter(message)
    return ms
