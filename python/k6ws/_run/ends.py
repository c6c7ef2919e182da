"""Whoever begins something ends it, whatever leaves in between: an exception, a signal, a second one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from k6ws._loop import Loop

# A user who presses Ctrl-C again and again must not keep the rest from ending.
_MOST_STRIKES = 100
# Of an end that is insisted on: one that fails each time must not keep the others from being made.
_MOST_TRIES = 10
# What VUs that are cut get for their `finally` blocks, and how often they are looked at.
_CUT_MS = 5_000.0
_CUT_STEP_MS = 20.0


class Ends:
    """Makes the calls that end what was begun, the last first, from leaving its block.

    Other than an ``ExitStack`` it goes on where something strikes between two lines of its own.
    """

    def __init__(self) -> None:
        # Each with how often it may still be made.
        self._ends: list[tuple[Callable[[], object], list[int]]] = []

    def add(self, end: Callable[[], object]) -> None:
        """Make this call at the end. Add it before what it ends begins, where it bears that."""
        self._ends.append((end, [1]))

    def insist(self, end: Callable[[], object]) -> None:
        """The same for a quick one that does no harm twice: it is made again where something strikes it."""
        self._ends.append((end, [_MOST_TRIES]))

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all of it. What leaves the block goes on, else the first thing that struck meanwhile."""
        struck: BaseException | None = None
        for _ in range(_MOST_STRIKES):
            try:
                self._close()
                break
            except BaseException as again:  # noqa: BLE001 - the rest is still to be ended
                struck = again if struck is None else struck
        if struck is not None and error is None:
            raise struck

    def _close(self) -> None:
        while self._ends:
            end, tries = self._ends[-1]
            if tries[0]:
                tries[0] -= 1
                end()
            self._ends.pop()


def cut_short(loop: Loop, cut: Callable[[], object], has_ended: Callable[[], bool]) -> None:
    """Cut what something has left half-way, and wait until it has ended, whatever strikes meanwhile.

    ``cut`` is called by the leader, as VUs want it, and again while they have not ended: what the schedule
    ordered may have been lost to what struck.
    """
    core = loop.core
    deadline = core.now() + _CUT_MS
    timer = core.add_timer(0.0, lambda _kind, _data: cut(), _CUT_STEP_MS)
    try:
        while not has_ended() and core.now() < deadline:
            # The first exception is the one that goes on.
            with suppress(BaseException):
                loop.sleep(_CUT_STEP_MS)
    finally:
        core.cancel_timer(timer)
