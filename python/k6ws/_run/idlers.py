"""Iterations that go on for nothing: their function has returned, and only sockets or timers are left.

That is how event-driven scripts work, and how a forgotten ``close`` or ``clear_timeout`` looks. It is told
once for each line of the script. VUs pay nothing for it: now and then some of them are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from k6ws._loop import Loop, Vu
from k6ws._loop.places import Place, shown

_LOOK_MS = 500.0
# VUs that are looked at: a scenario shows its habits in a few hundred of them.
_MOST = 200
# How long one iteration may wait for its open sockets before it is told.
_SOCKETS_MS = 5_000.0
# How long iterations whose sockets are closed may wait for their timers, all together.
_TIMERS_MS = 2_000.0


class Idlers:
    """Looks after the VUs of a run, until :meth:`stop`."""

    def __init__(self, loop: Loop, vus: Callable[[], Iterable[Vu]]) -> None:
        """``vus`` gives those to look at, some of them if they are many."""
        self._loop = loop
        self._vus = vus
        # Since when each has been seen to wait for its open sockets, and in which iteration.
        self._waiting: dict[Vu, tuple[int, float]] = {}
        self._on_timers: dict[Place, float] = {}
        self._left_open: Counter[Place | None] = Counter()
        self._timer = loop.core.add_timer(_LOOK_MS, self._look, _LOOK_MS)

    def stop(self) -> None:
        """The run is over."""
        self._loop.core.cancel_timer(self._timer)
        self._waiting.clear()

    def cut(self, vu: Vu) -> None:
        """A VU is about to be cut."""
        if _waits_for_sockets(vu):
            self._left_open[_opened_at(vu)] += 1
        waiting = self._waiting.pop(vu, None)
        if waiting is not None and waiting[0] == vu.who.iteration and _waits_for_sockets(vu):
            self._tell_sockets(vu, "an iteration was interrupted that waited")

    def left_open(self) -> list[dict[str, Any]]:
        """How many iterations were cut that waited for nothing but sockets, by the line that opened those."""
        return [
            {"where": "" if place is None else shown(place), "count": count}
            for place, count in self._left_open.most_common()
        ]

    def _look(self, _kind: int, _data: Any) -> None:
        now = self._loop.core.now()
        before, self._waiting = self._waiting, {}
        for vu in self._vus():
            if not vu.sources or not _is_idle(vu):
                continue
            if vu.timers in vu.sources and vu.timers.are_alone:
                self._add(vu)
            elif _waits_for_sockets(vu):
                number, since = before.get(vu, (vu.who.iteration, now))
                since = since if number == vu.who.iteration else now
                self._waiting[vu] = vu.who.iteration, since
                if now - since >= _SOCKETS_MS:
                    self._tell_sockets(vu, f"an iteration has waited {(now - since) / 1000:.0f} s")

    def _tell_sockets(self, vu: Vu, begin: str) -> None:
        place = _opened_at(vu)
        opened = "" if place is None else f" (opened at {shown(place)})"
        self._loop.notices.warn(
            (Idlers, place),
            f"{begin} for nothing but open sockets{opened}: its function has returned, "
            "and it ends when they are closed",
        )

    def _add(self, vu: Vu) -> None:
        place = vu.timers.first_place()
        if place is None:
            return
        waited = self._on_timers.get(place, 0.0) + _LOOK_MS
        self._on_timers[place] = waited
        if waited >= _TIMERS_MS:
            self._loop.notices.warn(
                (Idlers, place),
                f"iterations wait for nothing but timers (set at {shown(place)}): their sockets are "
                "closed, and they end when the timers are done or cleared",
            )


def sampled(members: list[Any]) -> list[Any]:
    """Some of them, if they are many: the same ones as long as there are no more."""
    return members[:: -(-len(members) // _MOST)] if members else members


def _is_idle(vu: Vu) -> bool:
    """Whether its function has returned, or waits for all of its sockets, and no handler runs."""
    if vu.host is not None:
        return not vu.tasks
    return vu.waker is not None and vu.accepts is vu


def _opened_at(vu: Vu) -> Place | None:
    return next((place for place in vu.sources.values() if place is not None), None)


def _waits_for_sockets(vu: Vu) -> bool:
    """Whether sockets are all that is left: with a timer it has a plan."""
    return bool(vu.sources) and vu.timers not in vu.sources and _is_idle(vu)
