"""Tests of tests: each runs pytest, in this process, on a file that it writes."""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws._pytest import runs
from support.golden import agrees

GOLDEN = Path(__file__).parent / "golden"
HEAD = """
import pytest
import k6ws
from k6ws import check, env, metrics, sleep, testing, ws

reply = metrics.Trend("reply", True)


def fine():
    reply.add(12)
    check(1, {"is one": lambda one: one == 1})


def slow():
    for name, ms in (("say", 189.5), ("say", 12.25), ("join", 20)):
        reply.add(ms, {"name": name})


def refused():
    ws.connect("ws://127.0.0.1:9/", lambda socket: None)


def raising():
    assert False, "what the script found"

"""


class Told:
    """What pytest said of a file of tests."""

    def __init__(self, recorder: pytest.HookRecorder) -> None:
        self._reports: list[Any] = [
            report
            for report in recorder.getreports("pytest_runtest_logreport")
            if report.when == "call" or report.failed
        ]
        self.code = recorder.ret

    @property
    def text(self) -> str:
        """Every report, as its reader sees it, but for lines that say how long something took."""
        parts: list[str] = []
        for report in self._reports:
            context = getattr(report, "context", None)
            of = f" [{context.msg}]" if context else ""
            parts.append(f"== {report.nodeid}{of}: {report.when} {report.outcome}")
            if report.longrepr:
                parts.append(str(report.longrepr))
            parts += [f"-- {name}\n{text}" for name, text in report.sections if name == "k6ws"]
        return re.sub(r" at 0x[0-9a-f]+", "", "\n".join(parts)) + "\n"

    @property
    def outcomes(self) -> list[str]:
        """`test_x call passed` of each, subtests left out."""
        return [
            f"{report.nodeid.partition('::')[2]} {report.when} {report.outcome}"
            for report in self._reports
            if not hasattr(report, "context")
        ]

    def of(self, name: str) -> str:
        """What was said of one test."""
        blocks = re.split(r"^(?=== )", self.text, flags=re.MULTILINE)
        return "".join(block for block in blocks if f"::{name}" in block.partition("\n")[0])


Tested = Callable[..., Told]


@pytest.fixture(scope="session", autouse=True)
def _all_is_loaded() -> None:
    """Have every module of k6ws there: what a session in this process loads first, it takes away as it ends.

    Whoever asked for a name after that would get another object than who had asked before.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for module in pkgutil.walk_packages(k6ws.__path__, "k6ws."):
            if not module.name.endswith("__main__") and "templates" not in module.name:
                importlib.import_module(module.name)


@pytest.fixture
def reasons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why runs are not to be trusted: nothing, however busy this machine is, unless a test says so."""
    given: list[str] = []
    really = runs.run

    def run(*arguments: Any, **keywords: Any) -> k6ws.Result:
        result = really(*arguments, **keywords)
        result._document["run"].update(trustworthy=not given, reasons=list(given))
        return result

    monkeypatch.setattr(runs, "run", run)
    return given


@pytest.fixture
def tested(pytester: pytest.Pytester, reasons: list[str]) -> Tested:
    """Run pytest on a file that begins with some scripts."""
    assert reasons == []

    def run(body: str, *arguments: str) -> Told:
        pytester.makepyfile(test_it=HEAD + body)
        inline_run: Any = getattr(pytester, "inline_run")  # noqa: B009 - its types are not all known
        return Told(inline_run("-p", "no:cacheprovider", *arguments))

    return run


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Compare with what was agreed on for this test."""

    def compare(text: str) -> None:
        name = request.node.originalname.removeprefix("test_")
        assert agrees(GOLDEN / f"{name}.txt", text), text

    return compare
