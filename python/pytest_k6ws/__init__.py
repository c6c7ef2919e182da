"""The pytest plugin of k6ws: fixtures, a marker, options. It stands beside the package, for what it costs.

pytest loads this in every project that has k6ws installed, and importing ``k6ws`` would load its compiled
core. So there is nothing here but names. What they do is in ``k6ws._pytest``, which the first test that asks
for one of these fixtures loads.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from k6ws._pytest.judge import Judge
    from k6ws.testing import Address, CompareFixture, RunFixture

JUDGES: pytest.StashKey[list[Judge]] = pytest.StashKey()
"""What is to be judged when a test has ended: made by the fixtures."""
_PROPERTY = "k6ws"
"""The property of a test report that says what its runs came to."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add options and settings."""
    group = parser.getgroup("k6ws", "load tests with k6ws")
    group.addoption(
        "--k6ws-report",
        metavar="DIR",
        help="write each run as one page for a browser into this folder",
    )
    group.addoption(
        "--k6ws-baseline",
        metavar="FILE",
        help="compare the times of each run with those in this file; a test that is not in it yet is added",
    )
    parser.addini(
        "k6ws_trust",
        "what becomes of a test whose times may not be the target's: error, or warn",
        default="error",
    )
    parser.addini(
        "k6ws_baseline_tolerance",
        "by how much times may be above those of --k6ws-baseline, as a share (25%) and a time (1ms); "
        "both must be passed",
        default="25% 1ms",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means, and look at the options once."""
    config.addinivalue_line("markers", "k6ws(**options): what k6ws_run begins with in this test")
    trust = config.getini("k6ws_trust")
    if trust not in {"error", "warn"}:
        message = f"k6ws_trust is error or warn, not {trust!r}"
        raise pytest.UsageError(message)
    report = config.getoption("--k6ws-report")
    if report is not None:
        from k6ws._page import page_text  # noqa: PLC0415 - few ask for it
        from k6ws.errors import OptionsError  # noqa: PLC0415 - as above

        try:
            page_text("--k6ws-report")
            _path(config, report).mkdir(parents=True, exist_ok=True)
        except OptionsError as error:
            message = f"{error}: {error.hint}"
            raise pytest.UsageError(message) from None
        except OSError as error:
            message = f"--k6ws-report {report}: {error.strerror or error}"
            raise pytest.UsageError(message) from None
    baseline = config.getoption("--k6ws-baseline")
    if baseline is not None:
        from k6ws._pytest.baseline import Baseline  # noqa: PLC0415 - as above

        tolerance = config.getini("k6ws_baseline_tolerance")
        known = Baseline(
            _path(config, baseline), tolerance, is_worker=hasattr(config, "workerinput")
        )
        config.pluginmanager.register(known, Baseline.NAME)


@pytest.fixture(scope="session")
def k6ws_echo() -> Generator[Address]:
    """The URL of an echo server in this process, for the whole session; text, with ``host`` and ``port``."""
    from k6ws.testing import echo  # noqa: PLC0415 - as above

    with echo() as url:
        yield url


@pytest.fixture
def k6ws_run(request: pytest.FixtureRequest) -> Generator[RunFixture]:
    """Run a load test as ``k6ws.run`` does; a result that nobody judges is judged when the test has ended."""
    from k6ws._pytest.runs import Runs  # noqa: PLC0415 - as above

    with Runs(request).of_a_test(JUDGES) as runs:
        yield runs


@pytest.fixture(scope="session")
def k6ws_shared_run(request: pytest.FixtureRequest) -> Generator[RunFixture]:
    """The same for fixtures of a wider scope; what nobody has judged is an error as the session ends."""
    from k6ws._pytest.runs import Runs  # noqa: PLC0415 - as above

    runs = Runs(request)
    yield runs
    runs.judge()
    runs.conclude()


@pytest.fixture
def k6ws_compare(request: pytest.FixtureRequest) -> Generator[CompareFixture]:
    """Compare two targets as ``k6ws.testing.compare`` does; judged when the test has ended, if not before."""
    from k6ws._pytest.comparisons import Comparisons  # noqa: PLC0415 - as above

    with Comparisons(request).of_a_test(JUDGES) as comparisons:
        yield comparisons


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge what a test left unjudged, as part of it."""
    __tracebackhide__ = True
    outcome = yield
    for judge in item.stash.get(JUDGES, ()):
        judge.judge()
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say beside the failure of a test what its runs came to."""
    __tracebackhide__ = True
    report = yield
    if call.when == "call" and call.excinfo is not None:
        for judge in item.stash.get(JUDGES, ()):
            judge.tell(report, call.excinfo)
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was not to be trusted, and where the pages are."""
    import json  # noqa: PLC0415 - pytest has it; what this module costs is counted

    lines: list[str] = []
    has_run = False
    for reports in terminalreporter.stats.values():
        for report in reports:
            properties: list[tuple[str, Any]] = getattr(report, "user_properties", [])
            for name, value in properties if getattr(report, "when", "") == "call" else ():
                if name == _PROPERTY:
                    has_run = True
                    lines += [f"{report.nodeid}: {one}" for one in json.loads(value)["warnings"]]
    directory = config.getoption("--k6ws-report")
    if directory is not None and has_run:
        lines.append(f"pages of the runs: {directory}")
    if lines:
        terminalreporter.section("k6ws")
        for line in dict.fromkeys(lines):
            terminalreporter.write_line(line)


def _path(config: pytest.Config, given: str) -> Path:
    """A path of the command line is seen from where pytest was called."""
    return config.invocation_params.dir / given
