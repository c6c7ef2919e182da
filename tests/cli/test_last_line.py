"""The last line of what `k6ws run` and `k6ws report` print is the verdict, however a run ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from support.command import Done

TIMEOUT_S = 30

TALK = """
    from k6ws import check, env, sleep, ws
    from k6ws.correlate import in_order
    from k6ws.metrics import Trend

    known = Trend("known_trend", is_time=True)
    options = {
        "iterations": 2,
        "thresholds": {
            "ws_req_duration{name:say}": ["p(95)<60000"],
            "known_trend": ["p(95)<150", "max>0"],
        },
    }

    def default():
        with ws.open(env["URL"], correlate=in_order()) as session:
            session.request("hello", "say")
        known.add(float(env.get("KNOWN", "12.5")))
"""

FORGETS = """
    from k6ws import env
    from k6ws.websockets import WebSocket

    options = {"scenarios": {"a": {
        "executor": "per-vu-iterations", "vus": 2, "maxDuration": "1s", "gracefulStop": "0s"}}}

    def default():
        WebSocket(env["URL"])
"""


def start(folder: Path, text: str, *words: str) -> subprocess.Popen[str]:
    script = folder / "script.py"
    script.write_text(textwrap.dedent(text))
    command = [sys.executable, "-m", "k6ws", "run", "-q", *words, str(script)]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)


def run(folder: Path, text: str, *words: str) -> Done:
    process = start(folder, text, *words)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Done(process.returncode, out, err)


def last(text: str) -> str:
    """The last line, without what a loaded machine decides."""
    return re.sub(r" · (?:not )?trustworthy(?:: .*?)?(?=$| · )", "", text.splitlines()[-1])


def test_a_run_that_passed_ends_with_its_figure(tmp_path: Path, url: str) -> None:
    done = run(tmp_path, TALK, "-e", f"URL={url}")
    assert done.code == 0, done.err
    assert re.fullmatch(r"PASSED known_trend p\(95\)=12\.5ms < 150ms \(\+2 more\)", last(done.out))


def test_a_crossed_threshold_is_the_last_word(tmp_path: Path, url: str) -> None:
    done = run(tmp_path, TALK, "-e", f"URL={url}", "-e", "KNOWN=189.551")
    assert done.code == 99
    assert last(done.out) == "FAILED known_trend p(95)=189ms ≥ 150ms"


def test_a_report_ends_as_its_run(tmp_path: Path, url: str) -> None:
    kept = tmp_path / "run.k6ws"
    words = ("-d", "1500ms", "-o", f"snapshots={kept}", "--show", "ws_msgs_sent")
    done = run(tmp_path, TALK, "-e", f"URL={url}", *words)
    command = [sys.executable, "-m", "k6ws", "report", str(kept)]
    again = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert again.stdout == done.out
    assert again.returncode == done.code == 0
    kept.write_bytes(kept.read_bytes()[:-20])
    cut = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert cut.returncode == 255
    assert last(cut.stdout) == "FAILED the end of the run is missing"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (
            "from k6ws import execution\ndef default(): execution.test.abort('the room is gone')",
            108,
            "aborted by the script: the room is gone",
        ),
        (
            "from k6ws import execution\ndef default(): execution.test.fail('no\\nanswer')",
            110,
            "marked as failed by the script: no answer",
        ),
        ("def setup(): [][1]\ndef default(): pass", 107, "ended by IndexError at script.py:1"),
        (
            (
                "from k6ws import sleep\noptions = {'setupTimeout': '100ms'}\n"
                "def setup(): sleep(60)\ndef default(): pass"
            ),
            100,
            "setup() took too long",
        ),
        (
            "def default(): pass\ndef handle_summary(data): return {'no/such/folder': 'x'}",
            255,
            "not written: what handle_summary() returned",
        ),
    ],
)
def test_what_ended_a_run_is_its_last_word(tmp_path: Path, text: str, code: int, said: str) -> None:
    done = run(tmp_path, text)
    assert done.code == code, done.err
    assert last(done.out).startswith(f"FAILED {said}"), done.out


def test_a_signal_is_told(tmp_path: Path) -> None:
    process = start(
        tmp_path, "from k6ws import sleep\ndef default():\n print('on', flush=True)\n sleep(60)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 105, err
    assert last(out) == (
        "FAILED interrupted by a signal · 0 complete iterations · 1 interrupted iteration"
    )


def test_exceptions_are_counted_in_a_run_that_passed(tmp_path: Path) -> None:
    done = run(tmp_path, "def default(): [][1]", "-i", "3")
    assert done.code == 0
    assert last(done.out) == "PASSED 3 complete iterations · 3 exceptions"


def test_where_the_script_writes_the_output_the_verdict_is_elsewhere(tmp_path: Path) -> None:
    text = "def default(): pass\ndef handle_summary(data): return {'stdout': 'mine'}"
    done = run(tmp_path, text)
    assert done.out == "mine"
    assert last(done.err) == "PASSED 1 complete iteration"


def test_without_a_summary_there_is_no_verdict(tmp_path: Path) -> None:
    done = run(tmp_path, "def default(): pass", "--summary-mode", "disabled")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_iterations_that_were_cut_for_their_sockets_are_told_with_the_line(
    tmp_path: Path, url: str
) -> None:
    export = tmp_path / "out.json"
    done = run(tmp_path, FORGETS, "-e", f"URL={url}", "--summary-export", str(export))
    said = "  ! 2 iterations ended only because they were cut: sockets still open at script.py:9"
    assert said in done.out.splitlines()
    left = json.loads(export.read_text())["run"]["left_open"]
    assert left == [{"where": "script.py:9", "count": 2}]
    assert last(done.out) == "PASSED 0 complete iterations · 2 interrupted iterations"


def test_a_metric_to_be_shown_that_is_none_is_told_with_the_nearest(tmp_path: Path) -> None:
    done = run(tmp_path, TALK, "--show", "ws_msgs_sent,known_trnd")
    assert done.code == 104
    assert "there is no metric 'known_trnd'" in done.err
    assert "did you mean 'known_trend'?" in done.err
    assert "command line" in done.err
