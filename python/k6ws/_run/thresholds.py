"""When thresholds are looked at, and what follows.

The core judges; this keeps the time, ends the run and says the words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from k6ws import _core
from k6ws._loop import Loop
from k6ws._ui import shown_name

logger = logging.getLogger("k6ws")

# As in k6. Shorter is possible: windows do not depend on it.
EVALUATION_MS = 2000.0


class Thresholds:
    """Judges a run every two seconds, when its scenarios have ended, and when everything has."""

    def __init__(self, loop: Loop, run: _core.Run) -> None:
        """Nothing is judged before :meth:`start`."""
        self._loop = loop
        self._run = run
        self._abort: Callable[[], bool] | None = None
        self._timer: int | None = None

    def start(self, abort: Callable[[], bool]) -> None:
        """Start the test clock, and the evaluation with it.

        ``abort`` ends the run for a crossed threshold; false when something else has ended it already.
        """
        self._run.start_clock()
        if self._run.has_thresholds():
            self._abort = abort
            self._timer = self._loop.core.add_timer(EVALUATION_MS, self._evaluate, EVALUATION_MS)

    def scenarios_ended(self) -> None:
        """Look at the last window; teardown is no part of it, and nothing is left to be stopped."""
        if self._timer is not None:
            self.stop()
            self._run.judge_scenarios()

    def stop(self) -> None:
        """Look no more while the run lasts."""
        timer, self._timer, self._abort = self._timer, None, None
        if timer is not None:
            self._loop.core.cancel_timer(timer)

    def verdict(self) -> tuple[list[str], list[str]]:
        """The names of metrics whose thresholds are crossed, and of those that lack data: the run is over."""
        self.stop()
        return self._run.judge_all()

    def _evaluate(self, _kind: int, _data: object) -> None:
        crossed = self._run.judge()
        if crossed and self._abort is not None and self._abort():
            logger.error(
                "thresholds on metrics '%s' were crossed; at least one has abortOnFail enabled, "
                "stopping test prematurely",
                _named(crossed),
            )
            self.stop()


def log_verdict(crossed: list[str], without_data: list[str]) -> None:
    """Say which thresholds failed."""
    if crossed:
        logger.error("thresholds on metrics '%s' have been crossed", _named(crossed))
    if without_data:
        logger.error(
            "thresholds on metrics '%s' had no data to judge by; where that is fine, set allowNoData",
            _named(without_data),
        )


def _named(metrics: list[str]) -> str:
    return ", ".join(map(shown_name, metrics))
