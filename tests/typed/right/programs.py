"""What programs and tests rightly write: runs, and what they measured."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import k6ws
from k6ws import Options, testing

OPTIONS: Options = {"vus": 2, "iterations": 4}


def default() -> None:
    """Do nothing."""


def test_run(tmp_path: Path) -> None:
    """Run a function, a file, with options of all sorts."""
    result = k6ws.run(default, vus=2, iterations=4)
    k6ws.run("script.py", **OPTIONS)
    k6ws.run(tmp_path / "script.py", noSetup=True, stages=[{"duration": "1s", "target": 2}])
    k6ws.run(lambda: None, thresholds={"checks": ["rate==1"]}, out=["json=samples.json"])
    k6ws.run(default, progress=True, report=tmp_path / "run.html", dashboard="127.0.0.1:0")
    assert result.passed
    result.assert_ok()


def test_metrics(result: k6ws.Result) -> None:
    """Ask for figures: of built-in metrics, of parts, of one's own."""
    assert_type(result.metrics["ws_req_duration"]["p(95)"], float)
    assert_type(result.metrics["ws_req_duration"].med, float)
    assert_type(result.metrics["iterations"].count, float)
    assert_type(result.metrics["iterations"]["rate"], float)
    assert_type(result.metrics["checks"].passes, float)
    assert_type(result.metrics["vus"]["max"], float)
    assert_type(result.metrics["answer_time"]["p(99.9)"], float)
    assert_type(result.metrics["answer_time"].avg, float)
    assert_type(result.metrics["ws_req_duration{name:ask}"].med, float)
    assert_type(result.metrics["ws_ping"].get("p(95)"), float | None)
    assert_type(result.metrics["ws_ping"].get("p(95)", 0.0), float)
    assert result.metrics["ws_req_duration"]["p(95)"] < 200
    for name, metric in result.metrics.items():
        print(name, metric.kind, dict(metric))


async def in_a_program() -> float:
    """Await a run."""
    result = await k6ws.arun(default, iterations=3)
    return result.metrics["iterations"].count


def test_fixtures(k6ws_run: testing.RunFixture, k6ws_compare: testing.CompareFixture) -> None:
    """Run and compare in tests."""
    k6ws_run("script.py", env={"URL": "ws://127.0.0.1:1/"}, seed=7, vus=2).assert_ok()
    k6ws_compare("ws://a/", "ws://b/", script="script.py", at_most=0.2, vus=5).assert_ok()
    testing.once(default, env={"URL": "ws://127.0.0.1:1/"}, seed=7)
