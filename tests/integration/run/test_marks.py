"""`execution.mark`: a named instant in the outputs and in the data of the summary."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import k6ws
from k6ws import execution
from support.runs import total


def test_a_mark_is_in_the_outputs_and_in_the_summary(tmp_path: Path) -> None:
    def default() -> None:
        execution.mark("deploy" if execution.scenario.iteration_in_test else "begin")

    began = time.time() * 1000.0
    result = k6ws.run(default, iterations=3, vus=1, out=[f"json={tmp_path / 'samples.json'}"])
    marks = result.to_dict()["run"]["marks"]
    assert [mark["name"] for mark in marks] == ["begin", "deploy", "deploy"]
    assert all(began <= mark["time"] <= time.time() * 1000.0 for mark in marks)
    assert (total(result, "marks"), total(result, "marks", mark="deploy")) == (3, 2)
    lines = [json.loads(line) for line in (tmp_path / "samples.json").read_text().splitlines()]
    points = [one for one in lines if one["type"] == "Point" and one["metric"] == "marks"]
    assert [one["data"]["tags"]["mark"] for one in points] == ["begin", "deploy", "deploy"]


def test_a_threshold_can_be_about_a_mark() -> None:
    result = k6ws.run(
        lambda: execution.mark("failover"), thresholds={"marks{mark:failover}": ["count==1"]}
    )
    assert result.exit_code == 0


def test_there_is_nothing_to_mark_outside_a_run() -> None:
    with pytest.raises(k6ws.K6Error, match="no test outside a run"):
        execution.mark("deploy")
