"""What a run does again and again while its scenarios run: samples, shortages, progress."""

from __future__ import annotations

import logging
from collections.abc import Callable

from k6ws import _core
from k6ws._loop import Loop

logger = logging.getLogger("k6ws")

SECOND_MS = 1000.0


class Ticks:
    """The recurring duties of a run."""

    def __init__(self, loop: Loop, core: _core.Run) -> None:
        """Nothing is done before :meth:`each`."""
        self._loop = loop
        self._core = core
        self._timers: list[int] = []
        self._ticked = loop.core.now()
        self.gap_ms = 0.0
        """The longest time in which nothing ran, where it was long enough to be told."""

    def each(self, ms: float, act: Callable[[], object]) -> None:
        """Do this every so many milliseconds."""
        timer = self._loop.core.add_timer(ms, lambda _kind, _data: act(), ms)
        self._timers.append(timer)

    def end(self) -> None:
        """Do nothing any more."""
        while self._timers:
            self._loop.core.cancel_timer(self._timers.pop())

    def second(self) -> None:
        """Sample the VUs, and say what keeps the load from being what was asked for."""
        self._core.sample_vus()
        self.tell_shortages()
        now = self._loop.core.now()
        still = now - self._ticked - SECOND_MS
        self._ticked = now
        if still > SECOND_MS:
            self.gap_ms = max(self.gap_ms, still)
            logger.warning("%s", _still(still))

    def tell_shortages(self) -> None:
        """Say once of a scenario that its starts find no VU: it is not the load that was asked for."""
        for scenario, vus in self._core.short_of_vus():
            logger.warning(
                "Insufficient VUs in scenario %s: all %d that maxVUs allows are busy, "
                "so iterations are dropped",
                scenario,
                vus,
            )

    def warnings(self) -> list[str]:
        """What the user should know after the run."""
        return [_still(self.gap_ms)] if self.gap_ms else []


def _still(ms: float) -> str:
    """Name a gap in which neither events nor starts were looked at."""
    return (
        f"nothing ran for {ms / SECOND_MS:.1f} s: "
        "the process was stopped, or a handler did not give way"
    )
