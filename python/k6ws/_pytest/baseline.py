"""``--k6ws-baseline=FILE``: the times of runs, kept in a file, and whether they have grown since."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest

from k6ws import _core
from k6ws._pytest.judge import PROPERTY
from k6ws._result import Result

VERSION = 1
_FIGURES = ("med", "p(95)")
# What this process does, and how long the script lasts, are not the target's.
_OURS = {"vu_loop_lag", "driver_lag", "iteration_duration", "iteration_lateness", "group_duration"}
Figures = dict[str, dict[str, float]]


def figures_of(result: Result) -> Figures:
    """The times of a run that are the target's: for each metric the middle and the 95th percentile."""
    found: Figures = {}
    metrics: Mapping[str, Any] = result.to_dict()["metrics"]
    for name in sorted(metrics):
        metric: Mapping[str, Any] = metrics[name]
        is_time = metric["type"] == "trend" and metric.get("contains") == "time"
        if is_time and name.partition("{")[0] not in _OURS:
            values = {one: metric["values"].get(one) for one in _FIGURES}
            known = {one: round(value, 4) for one, value in values.items() if value is not None}
            if known:
                found[name] = known
    return found


class Baseline:
    """The file, and what is compared with it; a plugin of pytest, which hears of every test."""

    NAME: ClassVar[str] = "k6ws-baseline"

    def __init__(self, path: Path, tolerance: str, *, is_worker: bool) -> None:
        """``is_worker`` for a process of xdist, which leaves the writing to the one that began it.

        Raises:
            pytest.UsageError: The file is no baseline, or the tolerance is none.
        """
        self._path = path
        self._share, self._ms = _tolerance(tolerance)
        self._is_worker = is_worker
        self._known: dict[str, Figures] = _read(path)
        self._new: dict[str, Figures] = {}
        self._trouble = ""

    def slower(self, key: str, figures: Figures) -> list[str]:
        """What of a run has grown by more than is tolerated, as lines."""
        lines: list[str] = []
        known = self._known.get(key, {})
        for name, before in known.items():
            for figure, was in before.items():
                now = figures.get(name, {}).get(figure)
                if now is None:
                    lines.append(f"  {name} {figure}: was {was:g} ms, and nothing was measured now")
                elif now - was > self._ms and now > was * (1 + self._share):
                    more = f" ({now / was - 1:+.0%})" if was else ""
                    lines.append(f"  {name} {figure}: {now:g} ms, was {was:g} ms{more}")
        if lines:
            allowed = f"{self._share:.0%} and {self._ms:g} ms more are tolerated"
            lines.insert(0, f"slower than the baseline {self._path.name}; {allowed}:")
            lines.append(
                "  hint: if this is how it is to be, delete the file, and it is written anew"
            )
        return lines

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test that passed has measured, if the file has not got it."""
        if report.when != "call" or not report.passed:
            return
        for name, value in report.user_properties:
            if name == PROPERTY:
                runs: list[dict[str, Any]] = json.loads(str(value)).get("runs", [])
                self._new |= {
                    one["key"]: one["figures"] for one in runs if one["key"] not in self._known
                }

    def pytest_sessionfinish(self) -> None:
        """Write the file, if there is something new."""
        if self._is_worker or not self._new:
            return
        told = {
            "version": VERSION,
            "k6ws": _core.__version__,
            "unit": "ms",
            "tests": {**self._known, **self._new},
        }
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            aside.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            aside.replace(self._path)
        except OSError as error:
            self._trouble = error.strerror or str(error)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was written."""
        if self._new:
            what = f"{len(self._new)} new in the baseline {self._path}"
            if self._trouble:
                what = f"the baseline {self._path} cannot be written: {self._trouble}"
            terminalreporter.write_line(f"k6ws: {what}")


def _tolerance(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"(\d+(?:\.\d*)?)%(?: +(\S+))?", text.strip())
    with suppress(ValueError):
        if found:
            return float(found[1]) / 100, _core.parse_duration(found[2] or "0s")
    message = f"k6ws_baseline_tolerance is a share and a time, such as '25% 1ms', not {text!r}"
    raise pytest.UsageError(message)


def _read(path: Path) -> dict[str, Figures]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        version = told["version"]
        tests: dict[str, Figures] = {
            str(key): {
                str(name): {str(figure): float(value) for figure, value in one.items()}
                for name, one in figures.items()
            }
            for key, figures in told["tests"].items()
        }
    except FileNotFoundError:
        return {}
    except OSError as error:
        message = f"--k6ws-baseline {path}: {error.strerror or error}"
        raise pytest.UsageError(message) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        message = f"--k6ws-baseline {path}: that is no baseline of k6ws"
        raise pytest.UsageError(message) from None
    if version != VERSION:
        message = f"--k6ws-baseline {path}: it is of version {version}, and this reads {VERSION}"
        raise pytest.UsageError(message)
    return tests
