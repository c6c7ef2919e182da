"""`k6ws.execution`: who and where a script is, and what it may do to its run."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import execution, sleep
from k6ws.errors import InitContextError, K6Error
from support.runs import run_once

INIT = "information in the init context is not supported"


def test_a_scenario_tells_its_name_its_executor_its_start_and_its_progress() -> None:
    seen: list[Any] = []
    before = time.time() * 1000

    def default() -> None:
        scenario = execution.scenario
        seen.append((scenario.name, scenario.executor, scenario.progress))
        assert before <= scenario.start_time <= time.time() * 1000
        assert scenario.startTime == scenario.start_time
        assert scenario.iterationInTest == scenario.iteration_in_instance

    k6ws.run(
        default,
        scenarios={"some": {"executor": "shared-iterations", "iterations": 4, "vus": 1}},
    )
    assert seen == [("some", "shared-iterations", share) for share in (0.0, 0.25, 0.5, 0.75)]


def test_progress_is_by_time_where_iterations_are_not_counted() -> None:
    shares: list[float] = []

    def default() -> None:
        sleep(0.3)
        shares.append(execution.scenario.progress)

    k6ws.run(default, duration="1s", vus=1)
    assert shares == sorted(shares)
    assert 0.25 < shares[0] < 0.6
    assert shares[-1] <= 1


def test_every_iteration_has_a_number_of_its_own() -> None:
    numbers: list[int] = []
    ids: set[int] = set()

    def default() -> None:
        numbers.append(execution.scenario.iteration_in_test)
        ids.add(execution.vu.id_in_test)
        sleep(0.001)

    k6ws.run(default, vus=7, iterations=100)
    assert sorted(numbers) == list(range(100))
    assert ids == set(range(1, 8))


def test_the_instance_counts() -> None:
    seen: list[tuple[int, int, int, int]] = []

    def default() -> None:
        one = execution.instance
        seen.append(
            (
                one.iterations_completed,
                one.iterationsInterrupted,
                one.vus_active,
                one.vusInitialized,
            )
        )
        assert one.current_test_run_duration > 0

    k6ws.run(default, vus=1, iterations=3)
    assert seen == [(0, 0, 1, 1), (1, 0, 1, 1), (2, 0, 1, 1)]


def test_the_options_are_merged_derived_and_read_only() -> None:
    def default() -> None:
        options = execution.test.options
        assert (options["vus"], options["duration"], options["summaryTimeUnit"]) == (None,) * 3
        assert options["scenarios"]["default"] == {
            "executor": "shared-iterations",
            "startTime": "0s",
            "gracefulStop": "30s",
            "vuStart": None,
            "vuStop": None,
            "exec": "default",
            "env": {},
            "tags": {},
            "vus": 2,
            "iterations": 2,
            "maxDuration": "10m0s",
        }
        assert options["thresholds"] == {"iterations": ("count>0",)}
        with pytest.raises(TypeError):
            options["tags"] = {}  # type: ignore[index]

    run_once(default, vus=2, iterations=2, thresholds={"iterations": ["count>0"]})


STAGES = """
from k6ws import execution
from k6ws.errors import K6Error

def refused(get):
    try:
        get()
    except K6Error as error:
        return str(error)

seen = {}

def setup():
    vu = execution.vu
    seen["setup"] = (vu.id_in_test, vu.id_in_instance, execution.instance.iterations_completed,
                     refused(lambda: execution.scenario.name))

def default():
    pass

def teardown():
    seen["teardown"] = (execution.vu.id_in_test, refused(lambda: execution.scenario.executor))
    import sys
    sys.modules["seen_by_stages"] = seen
"""


def test_setup_and_teardown_have_no_scenario_and_no_number(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(STAGES)
    result = k6ws.run(script)
    assert result.exceptions == []
    text = "getting scenario information outside of the VU context is not supported"
    seen: Any = sys.modules.pop("seen_by_stages")
    assert seen == {"setup": (0, 0, 0, text), "teardown": (0, text)}


@pytest.mark.parametrize(
    "what",
    ["vu.id_in_test", "scenario.name", "instance.vus_active", "test.options", "test.fail()"],
)
def test_in_the_init_context_nothing_is_known(what: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"from k6ws import execution\nexecution.{what}\ndef default(): pass\n")
    with pytest.raises(K6Error, match=INIT):
        k6ws.run(script)


def test_outside_a_run_there_is_a_vu_and_no_test() -> None:
    assert (execution.vu.id_in_test, execution.scenario.name) == (0, "")
    for ask in (
        lambda: execution.instance.vus_active,
        lambda: execution.scenario.progress,
        lambda: execution.test.options,
        lambda: execution.test.abort(),
    ):
        with pytest.raises(K6Error, match="outside a run"):
            ask()
    assert issubclass(InitContextError, K6Error)


def test_abort_cuts_what_runs_and_tears_down(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "script.py"
    done = tmp_path / "done"
    script.write_text(
        "from k6ws import execution, sleep\n"
        "def default():\n"
        "    if execution.scenario.iteration_in_test == 2:\n"
        "        try:\n"
        "            execution.test.abort('no such user')\n"
        "        except Exception:\n"
        "            raise SystemError('swallowed')\n"
        "    sleep(0.01 if execution.vu.id_in_test == 1 else 60)\n"
        f"def teardown(): open({str(done)!r}, 'w').close()\n"
    )
    with caplog.at_level(logging.ERROR, "k6ws"):
        result = k6ws.run(script, vus=2, duration="1m")
    assert (result.exit_code, result.exceptions, done.exists()) == (108, [], True)
    assert result.to_dict()["run"]["iterations_interrupted"] == 2
    assert "test aborted: no such user" in caplog.text


@pytest.mark.parametrize("is_async", [False, True])
def test_abort_in_setup_ends_everything(tmp_path: Path, *, is_async: bool) -> None:
    script = tmp_path / "script.py"
    done = tmp_path / "done"
    script.write_text(
        "from k6ws import execution\n"
        f"{'async ' if is_async else ''}def setup(): execution.test.abort()\n"
        "def default(): raise SystemError\n"
        f"def teardown(): open({str(done)!r}, 'w').close()\n"
    )
    result = k6ws.run(script)
    assert (result.exit_code, result.exceptions, done.exists()) == (108, [], False)


def test_abort_while_the_script_is_loaded(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from k6ws import execution\nexecution.test.abort('not today')\n")
    with pytest.raises(k6ws.TestAborted, match="not today"):
        k6ws.run(script)


def test_fail_lets_the_run_go_on(caplog: pytest.LogCaptureFixture) -> None:
    def default() -> None:
        if execution.scenario.iteration_in_test == 1:
            execution.test.fail("too few")

    with caplog.at_level(logging.ERROR, "k6ws"):
        result = k6ws.run(default, iterations=5, thresholds={"iterations": ["count<1"]})
    # The first failure is the result: the threshold is not even spoken of.
    assert (result.exit_code, result.passed) == (110, False)
    assert result.metrics["iterations"].count == 5
    assert "test marked as failed: too few" in caplog.text
    assert "crossed" not in caplog.text
