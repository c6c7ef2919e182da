"""What docs/reference/thresholds.md shows is true: its script runs, and its selectors are read."""

from __future__ import annotations

import re
from pathlib import Path

import k6ws
from k6ws import _core

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "thresholds.md").read_text()


def test_the_script_runs_and_its_thresholds_hold(tmp_path: Path) -> None:
    [block] = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    target = _core.EchoServer("127.0.0.1", 0)
    script = tmp_path / "script.py"
    script.write_text(f"URL = {target.url()!r}\n{block}")
    result = k6ws.run(script)
    target.stop()
    assert (result.exit_code, result.exceptions) == (0, [])
    assert [one.expression for one in result.thresholds if one.no_data] == ["p(95)<200 over 30s"]
    assert len(result.thresholds) == 6


def test_the_selectors_and_conditions_of_the_page_are_read() -> None:
    selectors = re.findall(r"`(ws_ping\{.+?\})`", PAGE)
    assert len(selectors) == 7
    parts: dict[str, list[str | k6ws.Threshold]] = {selector: [] for selector in selectors}
    result = k6ws.run(lambda: None, thresholds=parts)
    assert parts.keys() <= result.metrics.keys()

    conditions = re.findall(r"`((?:rate|p\(95\))[<>][^`]+)`", PAGE)
    assert conditions == ["rate<0.01", "p(95)<200 over 30s", "rate>100 over 10s"]
    metrics = ["ws_req_failed{error:timeout}", "ws_ping", "iterations"]
    for metric, condition in zip(metrics, conditions, strict=True):
        k6ws.run(lambda: None, thresholds={metric: [condition]})
