"""Thresholds as a user of `k6ws run` meets them: exit codes, what is said, the summary, the export."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

TIMEOUT_S = 30

SCRIPT = """
    from k6ws import check, sleep

    options = {"thresholds": %s}

    def default():
        check(1, {"ok": True})
        check(1, {"not ok": False})
"""

WAITS = """
    from k6ws import check, sleep

    options = {"thresholds": %s}

    def default():
        check(1, {"ok": False})
        print("started", flush=True)
        sleep(60)

    def teardown():
        print("cleaned up", flush=True)
"""


def start(folder: Path, source: str, thresholds: Any, *words: str) -> subprocess.Popen[str]:
    script = folder / "script.py"
    script.write_text(textwrap.dedent(source) % repr(thresholds))
    command = [sys.executable, "-m", "k6ws", "run", str(script), *words]
    pipe = subprocess.PIPE
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)


def run(folder: Path, source: str, thresholds: Any, *words: str) -> tuple[int, str, str]:
    process = start(folder, source, thresholds, *words)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, out, err


def test_a_crossed_threshold_is_99_and_shown(tmp_path: Path) -> None:
    export = tmp_path / "summary.json"
    thresholds = {
        "checks": ["rate>0.9", "rate > 0.1"],
        "checks{check:ok}": ["rate==1"],
        "ws_ping": [{"threshold": "p(95)<200", "allowNoData": True}],
        "iterations": [],
    }
    words = ("-i", "2", "--summary-export", str(export))
    code, out, err = run(tmp_path, SCRIPT, thresholds, *words)
    assert code == 99, err
    assert "thresholds on metrics 'checks' have been crossed" in err
    block = out.partition("█ THRESHOLDS")[2].partition("█ TOTAL RESULTS")[0]
    assert [line.strip() for line in block.splitlines() if line.strip()] == [
        "checks",
        "✗ 'rate>0.9' rate=50%",
        "✓ 'rate > 0.1' rate=50%",
        "checks{check:ok}",
        "✓ 'rate==1' rate=100%",
        "ws_ping",
        "✓ 'p(95)<200' no data",
    ]
    metrics = json.loads(export.read_text())["metrics"]
    assert metrics["checks"]["thresholds"]["rate>0.9"] == {
        "ok": False,
        "value": 0.5,
        "figure": "rate",
        "operator": ">",
        "limit": 0.9,
        "margin": -0.4,
        "unit": "",
        "window": "",
        "undecided": False,
    }
    assert metrics["ws_ping"]["thresholds"]["p(95)<200"] == {
        "ok": True,
        "value": None,
        "figure": "p(95)",
        "operator": "<",
        "limit": 200,
        "margin": None,
        "unit": "ms",
        "window": "",
        "undecided": False,
    }


def test_thresholds_that_hold_are_0(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, SCRIPT, {"checks": ["rate==0.5"]})
    assert code == 0, err
    assert "✓ 'rate==0.5' rate=50%" in out


def test_a_threshold_without_data_is_99_and_says_what_to_do(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, SCRIPT, {"ws_ping": ["p(95)<200"]})
    assert code == 99
    assert "✗ 'p(95)<200' no data" in out
    assert "thresholds on metrics 'ws_ping' had no data to judge by" in err
    assert "allowNoData" in err


def test_no_thresholds_judges_nothing(tmp_path: Path) -> None:
    thresholds = {"checks": ["rate>0.9"], "checks{check:ok}": []}
    code, out, err = run(tmp_path, SCRIPT, thresholds, "--no-thresholds")
    assert code == 0, err
    assert "THRESHOLDS" not in out


def test_abort_on_fail_stops_at_the_next_look(tmp_path: Path) -> None:
    thresholds = {
        "checks": [{"threshold": "rate>0.9", "abortOnFail": True, "delayAbortEval": "1s"}]
    }
    export = tmp_path / "summary.json"
    words = ("-u", "2", "-d", "60s", "--summary-export", str(export))
    code, out, err = run(tmp_path, WAITS, thresholds, *words)
    assert code == 99, err
    said = "thresholds on metrics 'checks' were crossed; at least one has abortOnFail enabled"
    assert err.count(said) == 1
    assert "have been crossed" not in err
    assert "cleaned up" in out
    assert re.search(r"iterations_interrupted\.*: 2", out)
    data = json.loads(export.read_text())
    assert 2000 <= data["state"]["testRunDurationMs"] < 6000


def test_a_signal_comes_before_a_crossed_threshold(tmp_path: Path) -> None:
    process = start(tmp_path, WAITS, {"checks": ["rate>0.9"]}, "-d", "60s")
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 105
    assert "crossed" not in err
    assert "✗ 'rate>0.9' rate=0%" in out


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({"ws_pign": ["avg<1"]}, ["'thresholds.ws_pign'", "hint: did you mean 'ws_ping'?"]),
        ({"ws_ping": ["p95<1"]}, ["'thresholds.ws_ping[0]'", '"p95<1"', "hint: write p(95)"]),
        ({"ws_ping": ["rate<1"]}, ["a trend has no figure 'rate'", "hint: thresholds of a trend"]),
        ({"checks{a}": ["rate<1"]}, ["'thresholds.checks{a}'", "no condition on a tag"]),
        (
            {"checks": [{"threshold": "rate<1", "abortOnFial": True}]},
            ["'thresholds.checks[0].abortOnFial'", "hint: did you mean 'abortOnFail'?"],
        ),
    ],
)
def test_a_bad_threshold_is_104_and_names_itself(
    tmp_path: Path, thresholds: Any, said: list[str]
) -> None:
    code, out, err = run(tmp_path, SCRIPT, thresholds)
    assert (code, out) == (104, "")
    assert [text for text in [*said, "script options"] if text not in err] == []
    assert "Traceback" not in err


def test_the_help_names_the_exit_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "k6ws", "run", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    assert "99 a threshold failed" in " ".join(shown.stdout.split())
    assert "--no-thresholds" in shown.stdout
