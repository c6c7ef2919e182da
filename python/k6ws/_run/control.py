"""The run as its own script may steer it: ``execution.test``."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from k6ws import _core
from k6ws._run import exit_codes

logger = logging.getLogger("k6ws")

# Thousands of iterations may mark the test as failed, for few reasons.
_MOST_REASONS = 100
# What a summary keeps of them; outputs have all.
MOST_MARKS = 1_000


class TestControl:
    """What ``execution.test`` does. The run reads :attr:`has_failed` at its end."""

    __test__ = False

    def __init__(self, run: _core.Run, options: _core.Options, stop: Callable[[int], None]) -> None:
        """``stop`` ends the run with an exit code."""
        self._options = options
        self._stop = stop
        self._run = run
        self._vus: dict[str, int] | None = None
        self._left: Counter[str] = Counter()
        self.marks: list[dict[str, Any]] = []
        """The instants that the script has marked: ``name``, and ``time`` in milliseconds since 1970."""
        self._frozen: Mapping[str, Any] | None = None
        self._is_aborted = False
        self.end_message = ""
        """What was said as the test was aborted, or first marked as failed."""
        self._reasons: set[str] = set()
        self.has_failed = False
        """Whether ``execution.test.fail()`` was called."""

    def vus(self, scenario: str) -> int:
        """How many VUs a scenario has in this process, at most."""
        if self._vus is None:
            self._vus = {one["name"]: one["vus"] for one in self._options.scenarios()}
        return self._vus.get(scenario, 0)

    def end_scenario(self, scenario: str) -> None:
        """Start no iteration of it any more."""
        _core.end_scenario(self._run, scenario)

    def mark(self, name: str) -> None:
        """Record this instant, and keep it for the summary."""
        _core.mark(self._run, name)
        if len(self.marks) < MOST_MARKS:
            self.marks.append({"name": name, "time": time.time() * 1000.0})

    def left_behind(self, what: str) -> None:
        """Count a call that nobody waits for any more."""
        self._left[what] += 1

    def warnings(self) -> list[str]:
        """What is to be said of the calls that were left behind."""
        return [
            f"{count} calls of {what} by offload() went on when their VUs were cut"
            for what, count in self._left.items()
        ]

    def let_go(self) -> None:
        """The run is over: refer back to it no more."""
        self._stop = _ignore

    def abort(self, message: str) -> None:
        """End the run now."""
        # Other VUs may come to the same conclusion before they are cut.
        if not self._is_aborted:
            self._is_aborted = True
            self.end_message = message
            logger.error("test aborted%s", f": {message}" if message else "")
        self._stop(exit_codes.SCRIPT_ABORTED)

    def fail(self, message: str) -> None:
        """Have the run fail at its end."""
        self.has_failed = True
        self.end_message = self.end_message or message
        if message not in self._reasons and len(self._reasons) < _MOST_REASONS:
            self._reasons.add(message)
            logger.error("test marked as failed%s", f": {message}" if message else "")

    def options(self) -> Mapping[str, Any]:
        """The options of the run; nobody can change them."""
        frozen = self._frozen
        if frozen is None:
            frozen = self._frozen = _freeze(self._options.to_dict())
        return frozen


def _ignore(_exit_code: int) -> None:
    """There is nothing left to stop."""


def _freeze(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType(
            {key: _freeze(one) for key, one in cast("dict[str, Any]", value).items()}
        )
    if isinstance(value, list):
        return tuple(_freeze(one) for one in cast("list[Any]", value))
    return value
