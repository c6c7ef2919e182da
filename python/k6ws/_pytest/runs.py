"""``k6ws_run``: runs load tests for a test, and judges what the test itself did not."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pytest

from k6ws import _core
from k6ws._pytest.baseline import Baseline, figures_of
from k6ws._pytest.judge import QUIETER, Judge
from k6ws._pytest.messages import nothing_worked, threshold_lines
from k6ws._pytest.watched import TIME, Watched
from k6ws._result import Problem, Result, Threshold, listed, problems_of
from k6ws._run.api import Subject, arun, run
from k6ws.errors import RunNotOk

if TYPE_CHECKING:
    from k6ws._typed.run import RunKeywords

_JUDGED = {"assert_ok", "exit_code", "passed", "problems", "thresholds"}
"""Who looked at one of these has judged the result; of what is left only that nothing worked is told."""
_KNOWN = {
    "checks": {"check"},
    "connection_failures": {"connection"},
    "exceptions": {"exception"},
    "session_ends": {"session"},
    "session_failures": {"session"},
}
"""Kinds of problems that a test knows of which looked at this."""
_JUDGED_BY = {
    "checks": "check",
    "dropped_iterations": "missing",
    "iteration_failed": "exception",
    "tcp_errors": "connection",
    "ws_connect_failed": "connection",
}
"""Kinds of problems that a threshold on a metric judges: it says how many there may be."""
_SHOWN = 10


@dataclass(frozen=True)
class Ran:
    """One run of a test."""

    script: str
    result: Watched

    @property
    def reasons(self) -> list[str]:
        """Why its numbers may not be the target's; none where they are, or the test asked that itself."""
        if "trustworthy" in self.result.looks:
            return []
        return self.result.to_dict()["run"]["reasons"]

    @property
    def is_about_time(self) -> bool:
        """Whether the outcome depends on a time: a threshold on one, or a figure that the test has read."""
        return TIME in self.result.looks or any(
            one.unit == "ms" for one in _thresholds(self.result)
        )


class Runs(Judge):
    """The runs of one test, or of a session."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        """Made by a fixture."""
        super().__init__(request)
        self._ran: list[Ran] = []
        self._defaults = _of_marker(request.node)
        directory = request.config.getoption("--k6ws-report")
        self._pages = (
            None if directory is None else request.config.invocation_params.dir / directory
        )
        known = request.config.pluginmanager.get_plugin(Baseline.NAME)
        self._baseline: Baseline | None = known if self.is_of_a_test else None

    def __repr__(self) -> str:
        return f"<k6ws_run, {len(self._ran)} so far>"

    def __call__(self, script: Subject, **options: Unpack[RunKeywords]) -> Result:
        """Run a load test as ``k6ws.run`` does.

        Args:
            script: The path of a script, or a function.
            **options: As for ``k6ws.run``; those of the marker lie below these.

        Returns:
            The result, whatever it says.

        Raises:
            OptionsError: An option is wrong.
        """
        return self._take(script, run(script, **self._given(options)))

    async def arun(self, script: Subject, **options: Unpack[RunKeywords]) -> Result:
        """Run a load test as ``k6ws.arun`` does: for coroutines.

        Args:
            script: The path of a script, or a function.
            **options: As for ``k6ws.run``; those of the marker lie below these.

        Returns:
            The result, whatever it says.

        Raises:
            OptionsError: An option is wrong.
        """
        return self._take(script, await arun(script, **self._given(options)))

    def _given(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a run: its own over those of the marker, whichever spelling either has."""
        ours = {name: one for one, name, _ in _core.option_names()}
        own = {ours.get(name, name) for name in options}
        given = {k: v for k, v in self._defaults.items() if ours.get(k, k) not in own}
        given.update(options)
        if self._pages is not None and "report" not in given:
            given["report"] = self._pages / _page_name(self._request.node.nodeid, len(self._ran))
        return given

    def _take(self, script: Subject, result: Result) -> Result:
        name = getattr(script, "__name__", "") if callable(script) else Path(script).name
        watched = Watched.of(result)
        self._ran.append(Ran(name or "script", watched))
        return watched

    def _judged(self) -> list[str]:
        lines: list[str] = []
        told: list[dict[str, Any]] = []
        for number, ran in enumerate(self._ran):
            problems = self._left_over(ran)
            if problems:
                head = f"the run of {ran.script} is not ok, and the test did not look:"
                if ran.result.looks & _JUDGED:
                    head = f"nothing worked in the run of {ran.script}:"
                lines += [head, *(f"  {line}" for line in listed(map(str, problems)))]
            if not ran.result.looks & _JUDGED:
                lines += self._judged_thresholds(number, ran)
            figures = figures_of(ran.result)
            if self._baseline is not None and not ran.reasons:
                key = self._key(number)
                lines += self._baseline.slower(key, figures)
                told.append({"key": key, "figures": figures})
            elif self._baseline is not None:
                self._warnings.append(
                    "not compared with the baseline: its times are not to be trusted"
                )
            if ran.reasons and not self._is_error(ran):
                self._warnings.append(f"the numbers may not be the target's: {ran.reasons[0]}")
        if self._ran:
            self._add_property({"runs": told})
        return lines

    def _left_over(self, ran: Ran) -> list[Problem]:
        """What is not in order and the test did not look at, but for thresholds and trust."""
        looks = ran.result.looks
        document = ran.result.to_dict()
        if looks & {"assert_ok", "problems"}:
            return []
        known = {"threshold", "untrustworthy"}.union(*(_KNOWN.get(one, ()) for one in looks))
        known |= {
            kind
            for one in _thresholds(ran.result)
            if (kind := _JUDGED_BY.get(one.metric.partition("{")[0]))
        }
        found = nothing_worked(document) if looks & _JUDGED else problems_of(document)
        return [one for one in found if one.kind not in known]

    def _judged_thresholds(self, number: int, ran: Ran) -> list[str]:
        """Each as a subtest, where there are such; as lines where not."""
        # What an untrustworthy generator says of times is an error when the fixture ends, no failure.
        judged = [
            one for one in _thresholds(ran.result) if not (self._is_error(ran) and one.unit == "ms")
        ]
        subtests = self._subtests() if judged else None
        lines: list[str] = []
        for one in judged:
            said = [] if one.ok else threshold_lines(ran.result, one)
            if subtests is None:
                lines += said
                continue
            run = f"run {number + 1}: " if len(self._ran) > 1 else ""
            with subtests.test(msg=f"{run}{one.metric}: {one.expression}"):
                if said:
                    self.fail("\n".join(said))
        return lines

    def _subtests(self) -> Any:
        """The fixture of pytest 9, or of the plugin that came before it; nothing without."""
        # What is expected to fail is judged as a whole.
        if not self.is_of_a_test or self._request.node.get_closest_marker("xfail"):
            return None
        with suppress(pytest.FixtureLookupError):
            return self._request.getfixturevalue("subtests")
        return None

    def _beside(self, raised: BaseException) -> list[str]:
        return [line for ran in self._ran for line in self._told(ran, raised)]

    def _told(self, ran: Ran, raised: BaseException) -> Iterator[str]:
        result = ran.result
        if isinstance(raised, RunNotOk):
            # It says what was not in order.
            if result.report is not None:
                yield f"{ran.script}: {result.report}"
            return
        lines = [
            line
            for one in _thresholds(result)
            if not one.ok
            for line in threshold_lines(result, one)
        ]
        problems = [one for one in problems_of(result.to_dict()) if one.kind != "threshold"]
        lines += listed(map(str, problems))
        yield f"{ran.script}: {repr(result)[len('<k6ws.Result ') : -1]}"
        yield from (f"  {line}" for line in lines[:_SHOWN])
        if len(lines) > _SHOWN:
            yield f"  … and {len(lines) - _SHOWN} more lines; print(result) has the summary"

    def _is_error(self, ran: Ran) -> bool:
        return self._trust == "error" and bool(ran.reasons) and ran.is_about_time

    def _doubts(self) -> list[str]:
        lines: list[str] = []
        for ran in self._ran:
            if self._is_error(ran):
                lines += [
                    f"the times of {ran.script} were judged, and may be this machine's, not the target's:",
                    *(f"  - {reason}" for reason in ran.reasons),
                    f"  {QUIETER}",
                ]
        return lines

    def _key(self, number: int) -> str:
        return self._request.node.nodeid + (f" run {number + 1}" if number else "")


def _thresholds(result: Watched) -> list[Threshold]:
    """Them all, without that this counts as a look of the test."""
    return vars(result)["thresholds"]


def _of_marker(node: pytest.Item | pytest.Collector) -> dict[str, Any]:
    """What ``@pytest.mark.k6ws(…)`` says, the nearest one last."""
    options: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("k6ws"))):
        if marker.args:
            message = f"@pytest.mark.k6ws takes options by name, not {marker.args[0]!r}"
            raise pytest.UsageError(message)
        options.update(marker.kwargs)
    return options


def _page_name(nodeid: str, number: int) -> str:
    """A file name for a run; what cannot stand in one is replaced, and the number tells such tests apart."""
    name = re.sub(r"[^\w.-]+", "-", nodeid, flags=re.ASCII).strip("-")[-100:]
    run = f"-{number + 1}" if number else ""
    return f"{name}-{zlib.crc32(nodeid.encode('utf-8', 'replace')):08x}{run}.html"
