"""A run that waits to be started: the option ``paused``, which the REST API ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

from k6ws import _core
from k6ws._loop import Loop
from k6ws._run.ends import Ends
from k6ws._run.ticks import SECOND_MS, Ticks

_TICK_MS = 20.0


class Pause:
    """What is before the start of a run."""

    def __init__(self) -> None:
        self._over = threading.Event()

    @property
    def is_over(self) -> bool:
        """Whether the run has been let go on; one that never waited is, once it has begun."""
        return self._over.is_set()

    def end(self) -> None:
        """Let the run go on. From any thread."""
        self._over.set()

    def last(self, loop: Loop, core: _core.Run, goes_on: Callable[[], bool]) -> None:
        """Wait for :meth:`end`, while the run is to go on at all; its VUs are sampled meanwhile."""
        ticks = Ticks(loop, core)
        with Ends() as ends:
            ends.add(ticks.end)
            ticks.each(SECOND_MS, core.sample_vus)
            while not self._over.is_set() and goes_on():
                loop.sleep(_TICK_MS)
