"""`k6ws.metrics`: what scripts count themselves."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import execution, group
from k6ws.errors import InitContextError, K6Error
from k6ws.metrics import Counter, Gauge, Rate, Trend
from support.journal import PATIENCE_S
from support.runs import run_once

SCRIPT = """
from k6ws.metrics import Counter, Gauge, Rate, Trend
"""


def test_each_kind_adds_up_in_its_own_way() -> None:
    counter, gauge, rate = Counter("things"), Gauge("depth"), Rate("good")
    trend, time = Trend("size"), Trend("wait", is_time=True)

    def default() -> None:
        for value in (3, -1.5):
            assert counter.add(value)
            gauge.add(value)
            trend.add(value)
        time.add(12.5)
        for value in (True, False, 0, 2):
            rate.add(value)

    result = run_once(default)
    assert result.metrics["things"].count == 1.5
    assert dict(result.metrics["depth"]) == {"value": -1.5, "min": -1.5, "max": 3}
    assert dict(result.metrics["good"]) == {"rate": 0.5, "passes": 2, "fails": 2}
    assert (result.metrics["size"].med, result.metrics["wait"].max) == (0.75, 12.5)
    contains = {name: metric["contains"] for name, metric in result.to_dict()["metrics"].items()}
    assert (contains["size"], contains["wait"], contains["things"]) == (
        "default",
        "time",
        "default",
    )


FINALISER = """
import gc
import k6ws
from k6ws.metrics import Counter, Trend

hits, clash = Counter("hits"), Trend("hits")

class Loud:
    def __init__(self):
        self.me = self
    def __del__(self):
        hits.add(1, {"where": "finaliser"})

refused = []

def default():
    hits.add(1)
    for _ in range(50):
        Loud()
        gc.set_threshold(1, 1, 1)
        try:
            clash.add(1)
        except k6ws.K6Error:
            refused.append(1)
        finally:
            gc.set_threshold(700, 10, 10)
    gc.collect()

result = k6ws.run(default, vus=1, iterations=1)
print(len(refused), int(result.metrics["hits"].count))
"""


def test_a_finaliser_may_count_while_a_metric_is_being_refused() -> None:
    # In a process of its own: one that stands still holds the interpreter.
    ran = subprocess.run(
        [sys.executable, "-c", FINALISER],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert ran.stdout.split() == ["50", "51"]


def test_values_carry_the_tags_of_the_vu_the_group_and_the_call() -> None:
    counter = Counter("tagged")

    def default() -> None:
        counter.add(1)
        counter.add(1, {"n": 7, "flag": True})
        execution.vu.tags["vu"] = "here"
        counter.add(1)
        with group("inner"):
            counter.add(1)

    result = run_once(default, tags={"run": "r"}, systemTags=["group"])
    tags = [tags for tags, _ in result.series("tagged")]
    base = {"run": "r", "group": ""}
    assert tags == [
        base,
        {**base, "n": "7", "flag": "true"},
        {**base, "vu": "here"},
        {**base, "vu": "here", "group": "::inner"},
    ]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "five", [], object()])
def test_what_is_no_number_is_not_recorded_and_said(
    value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    counter = Counter("odd_values")
    with caplog.at_level(logging.WARNING, "k6ws"):
        result = run_once(lambda: counter.add(value))
    assert "odd_values" not in result.metrics
    assert "is an invalid value for metric 'odd_values', a number is expected" in caplog.text
    thrown = k6ws.run(lambda: counter.add(value), throw=True)
    assert [e.type for e in thrown.exceptions] == ["K6Error"]


def test_text_that_is_a_number_is_one() -> None:
    counter = Counter("from_text")
    result = run_once(lambda: (counter.add("5"), counter.add(" 2.5e1 ")))
    assert result.metrics["from_text"].count == 30


@pytest.mark.parametrize("name", ["x", "", "1a", "a-b", "é1", "a b", "x" * 130])
def test_names_follow_the_rule_of_k6(name: str) -> None:
    with pytest.raises(K6Error, match="invalid metric name"):
        Counter(name)


def test_metrics_are_declared_in_the_init_context_and_added_to_elsewhere() -> None:
    counter = Counter("declared")
    with pytest.raises(InitContextError, match="cannot add to the metric 'declared'"):
        counter.add(1)
    result = k6ws.run(lambda: Counter("too_late"))
    assert [(e.type, e.message) for e in result.exceptions] == [
        ("InitContextError", "metrics must be declared in the init context")
    ]


def test_the_same_metric_again_is_the_same_one(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT + 'one, two = Counter("twice"), Counter("twice")\n'
        "def default():\n    one.add(1)\n    two.add(2)\n"
    )
    assert k6ws.run(script).metrics["twice"].count == 3
    script.write_text(SCRIPT + 'one, two = Counter("twice"), Trend("twice")\ndef default(): pass\n')
    with pytest.raises(
        K6Error, match='metric "twice" already exists as a counter of default values'
    ):
        k6ws.run(script)
    # A name of k6's own is taken as well.
    script.write_text(SCRIPT + 'Counter("checks")\ndef default(): pass\n')
    with pytest.raises(K6Error, match='metric "checks" already exists as a rate'):
        k6ws.run(script)


def test_two_metrics_of_one_name_clash_where_both_are_used() -> None:
    one, two = Counter("clash_here"), Trend("clash_here")
    result = k6ws.run(lambda: (one.add(1), two.add(1)))
    assert [e.type for e in result.exceptions] == ["K6Error"]
    assert result.metrics["clash_here"].count == 1


def test_metrics_work_in_every_stage_and_in_coroutines(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT + "import asyncio\n"
        'seen = Counter("seen")\n'
        "def setup(): seen.add(1)\n"
        "async def default():\n    await asyncio.sleep(0)\n    seen.add(10)\n"
        "def teardown(): seen.add(100)\n"
    )
    result = k6ws.run(script, iterations=3, vus=3)
    assert result.metrics["seen"].count == 131
    groups = {tags["group"]: values["count"] for tags, values in result.series("seen")}
    assert groups == {"::setup": 1, "": 30, "::teardown": 100}


def test_a_metric_serves_one_run_after_another_and_two_at_once() -> None:
    counter = Counter("shared")

    async def both() -> list[k6ws.Result]:
        return list(
            await asyncio.gather(
                k6ws.arun(lambda: counter.add(1), iterations=300),
                k6ws.arun(lambda: counter.add(2), iterations=300),
            )
        )

    for _ in range(2):
        counts = [result.metrics["shared"].count for result in asyncio.run(both())]
        assert counts == [300, 600]


def test_a_cut_vu_adds_nothing_more() -> None:
    counter = Counter("after_cut")

    def default() -> None:
        counter.add(1)
        try:
            k6ws.sleep(60)
        finally:
            assert counter.add(1) is False

    cut: k6ws.Scenario = {"executor": "constant-vus", "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(default, scenarios={"cut": cut})
    assert result.metrics["after_cut"].count == 1


def test_thresholds_judge_them() -> None:
    errors, wait = Counter("errors_seen"), Trend("wait_time", is_time=True)
    limits: dict[str, list[str | k6ws.Threshold]] = {
        "errors_seen": ["count<1"],
        "wait_time": ["p(95)<10"],
        "wait_time{kind:slow}": ["max<5"],
    }
    result = k6ws.run(lambda: wait.add(7, {"kind": "slow"}), thresholds=limits)
    stood = {(one.metric, one.expression): (one.ok, one.value) for one in result.thresholds}
    assert stood == {
        ("errors_seen", "count<1"): (True, 0),
        ("wait_time", "p(95)<10"): (True, 7),
        ("wait_time{kind:slow}", "max<5"): (False, 7),
    }
    assert result.exit_code == 99
    with pytest.raises(k6ws.OptionsError, match="errors_sen"):
        k6ws.run(lambda: errors.add(1), thresholds={"errors_sen": ["count<1"]})
