"""A metric of the script that has the name of a built-in one: nothing is counted twice without a word."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import k6ws
from k6ws.errors import K6Error
from k6ws.metrics import Rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.servers import WebsocketsServer

    Run = Callable[..., k6ws.Result]

SCRIPT = """
from k6ws import ws
from k6ws.metrics import {kind}

own = {kind}({name!r})

def default():
    ws.connect({url!r}, lambda socket: socket.on("open", socket.close))
    own.add(1)
"""


@pytest.fixture
def run(tmp_path: Path, server: WebsocketsServer) -> Run:
    """Runs a script with one metric of its own and three sessions.

    A script, because the metrics of a program are those of all its runs.
    """

    def run(kind: str, name: str, **options: Any) -> k6ws.Result:
        script = tmp_path / "script.py"
        script.write_text(SCRIPT.format(kind=kind, name=name, url=server.url("/ws-echo")))
        return k6ws.run(script, vus=1, iterations=3, **options)

    return run


@pytest.mark.parametrize(
    ("kind", "figure", "value"),
    [("Counter", "count", 3), ("Rate", "passes", 3), ("Trend", "max", 1)],
)
@pytest.mark.parametrize("name", ["ws_closes", "ws_dns", "ws_upgrade", "iteration_failed"])
def test_a_name_that_is_free_in_k6_is_the_scripts_alone(
    run: Run, name: str, *, kind: str, figure: str, value: float, caplog: pytest.LogCaptureFixture
) -> None:
    result = run(kind, name)
    own = result.metrics[name]
    assert (own.kind, own[figure]) == (kind.lower(), value)
    assert f"k6ws_{name}" in result.metrics
    [told] = result.to_dict()["run"]["warnings"]
    assert told == (
        f'the script\'s own metric "{name}" takes the name of a built-in one, which is called '
        f'"k6ws_{name}" in this run'
    )
    assert told in caplog.text


def test_thresholds_look_at_the_scripts_own(run: Run) -> None:
    result = run("Counter", "ws_active", thresholds={"ws_active": ["count==3"]})
    assert (result.exit_code, result.metrics["k6ws_ws_active"].kind) == (0, "gauge")


def test_a_name_of_k6_counts_together_with_the_built_in_one_and_is_told(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    result = run("Counter", "ws_sessions")
    assert result.metrics["ws_sessions"].count == 6
    [told] = result.to_dict()["run"]["warnings"]
    assert told.startswith('the script\'s own metric "ws_sessions" has the name of a built-in one')
    assert told in caplog.text


def test_a_name_of_k6_with_another_kind_is_refused() -> None:
    with pytest.raises(K6Error, match='"ws_sessions" already exists as a counter'):
        Rate("ws_sessions")


def test_a_name_of_its_own_needs_no_word_nor_does_what_another_script_took(run: Run) -> None:
    run("Counter", "ws_closes")
    result = run("Counter", "own_closes")
    assert (result.metrics["own_closes"].count, result.metrics["ws_closes"].count) == (3, 3)
    assert result.to_dict()["run"]["warnings"] == []


def test_the_command_line_warns_by_name_and_writes_both_names(
    tmp_path: Path, server: WebsocketsServer
) -> None:
    script, samples = tmp_path / "script.py", tmp_path / "samples.json"
    script.write_text(
        "from k6ws import ws\n"
        "from k6ws.metrics import Counter\n"
        "own = Counter('ws_closes')\n"
        "def default():\n"
        f"    ws.connect({server.url('/ws-echo')!r}, lambda socket: socket.on('open', socket.close))\n"
        "    own.add(5)\n"
    )
    command = [sys.executable, "-m", "k6ws", "run", "-q", "-o", f"json={samples}", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert 'the script\'s own metric "ws_closes"' in done.stderr
    assert "  ws_closes" in done.stdout
    assert "  k6ws_ws_closes" in done.stdout
    lines = [json.loads(line) for line in samples.read_text().splitlines()]
    points = {one["metric"]: one["data"]["value"] for one in lines if one["type"] == "Point"}
    assert (points["ws_closes"], points["k6ws_ws_closes"]) == (5, 1)
