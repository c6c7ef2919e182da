"""`--strict` and `--fail-on-untrustworthy`: what they ask, which code wins, and that all of it is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from itertools import permutations
from pathlib import Path

import pytest

from k6ws import _core
from k6ws._run.exit_codes import gravest
from support.command import Done, k6ws

QUIET = "def default(): pass\n"
RAISES = "def default(): raise ValueError('broken')\n"
# Most of what arrives waits for a handler.
LATE = """
    import time
    from k6ws import env, ws

    options = {"vus": 2, "iterations": 60}


    def burn():
        end = time.monotonic() + 0.025
        while time.monotonic() < end:
            pass


    def default():
        def session(socket):
            socket.on("open", lambda: socket.send("x"))
            socket.on("message", lambda _: (burn(), socket.close()))

        ws.connect(env["URL"], session)
"""
CROSSED = "options = {'thresholds': {'iterations': ['count>100']}}\n"


def run(folder: Path, source: str, *words: str, **variables: str) -> Done:
    script = folder / "script.py"
    script.write_text(textwrap.dedent(source))
    command = [sys.executable, "-m", "k6ws", "run", "-q", str(script), *words]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **variables},
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_run_in_which_all_went_well_ends_with_0(tmp_path: Path) -> None:
    done = run(tmp_path, QUIET, "--strict", "--fail-on-untrustworthy")
    assert (done.code, done.err) == (0, "")


def test_strict_is_113_and_says_why_and_every_file_has_it(tmp_path: Path) -> None:
    export, junit, kept = tmp_path / "e.json", tmp_path / "j.xml", tmp_path / "run.k6ws"
    words = ("--summary-export", str(export), "--junit", str(junit), "-o", f"snapshots={kept}")
    assert run(tmp_path, RAISES, *words).code == 0
    done = run(tmp_path, RAISES, "--strict", *words)
    assert done.code == 113
    assert "not all went well, and --strict is on:" in done.err
    assert "1 × ValueError at script.py:1: broken" in done.err
    assert done.out.splitlines()[-1].startswith("FAILED not all went well")
    document = json.loads(export.read_text())
    assert (document["exit_code"], document["passed"], document["run"]["exit_code"]) == (
        113,
        False,
        113,
    )
    assert "exit code 113" in junit.read_text()
    told = k6ws("report", kept)
    assert (told.code, told.out) == (113, done.out)


def test_a_variable_asks_for_it_as_well(tmp_path: Path) -> None:
    assert run(tmp_path, RAISES, K6WS_STRICT="true").code == 113
    assert run(tmp_path, RAISES, K6WS_STRICT="true", K6WS_FAIL_ON_UNTRUSTWORTHY="1").code == 113


def test_a_crossed_threshold_stays_99_and_all_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, CROSSED + RAISES, "--strict")
    assert done.code == 99
    assert "thresholds on metrics 'iterations' have been crossed" in done.err
    assert "--strict is on" in done.err
    assert "iterations: count>100 does not hold: count=1" in done.err
    assert "ValueError" in done.err


def test_what_ended_the_run_stays_the_code(tmp_path: Path) -> None:
    source = "from k6ws.execution import test\ndef default(): test.abort()\n"
    done = run(tmp_path, source, "--strict")
    assert done.code == 108
    assert "the script aborted the run: exit code 108" in done.err


def test_numbers_that_are_our_own_are_112_where_that_is_asked(tmp_path: Path) -> None:
    echo = _core.EchoServer("127.0.0.1", 0)
    try:
        done = run(tmp_path, LATE, "--fail-on-untrustworthy", URL=echo.url())
        assert done.code == 112, done.err
        assert "the numbers are not the target's, and --fail-on-untrustworthy is on" in done.err
        assert "generator saturated" in done.out
        both = run(tmp_path, LATE, "--fail-on-untrustworthy", "--strict", URL=echo.url())
        assert both.code == 113
        assert "--fail-on-untrustworthy is on" in both.err
        assert "events waited for the script" in both.err
        assert run(tmp_path, LATE, URL=echo.url()).code == 0
    finally:
        echo.stop()


def test_lost_samples_give_way_to_what_was_asked_for(tmp_path: Path) -> None:
    words = ("-o", "json=/dev/full")
    assert run(tmp_path, QUIET, *words).code == 255
    assert run(tmp_path, QUIET, *words, "--strict").code == 113
    assert run(tmp_path, QUIET, *words, "--fail-on-untrustworthy").code == 112
    assert run(tmp_path, CROSSED + QUIET, *words, "--strict").code == 99


def test_it_holds_without_any_summary(tmp_path: Path) -> None:
    done = run(tmp_path, RAISES, "--strict", "--summary-mode", "disabled")
    assert (done.code, done.out) == (113, "")


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ((0, 99), 99),
        ((99, 105, 113), 105),
        ((108, 100), 100),
        ((113, 99, 112), 99),
        ((112, 113, 255), 113),
        ((112, 255, 0), 112),
        ((255, 0), 255),
        ((), 0),
    ],
)
def test_the_order_of_codes(codes: tuple[int, ...], code: int) -> None:
    assert {gravest(one) for one in permutations(codes)} == {code}
