"""Timers of `k6ws.timers` at the ends of a run: its stages, the body of the script, a VU that is cut."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

import k6ws
from k6ws.timers import set_timeout


@pytest.mark.parity("stages-finish-their-timers")
def test_every_stage_finishes_its_timers_before_the_next(tmp_path: Path) -> None:
    """The body of the script, its function, and `handle_summary`."""
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws.timers import set_timeout\n"
        "set_timeout(lambda: print('init'), 50)\n"
        "def setup():\n    set_timeout(lambda: print('setup'), 50)\n"
        "def default():\n    set_timeout(lambda: print('default'), 50)\n"
        "def teardown(): set_timeout(lambda: print('teardown'), 50)\n"
        "def handle_summary(): set_timeout(lambda: print('summary'), 50)\n"
    )
    command = [sys.executable, "-m", "k6ws", "run", "-q", "-i", "1", str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    stages = [line for line in ran.stdout.splitlines() if line.isalpha()]
    assert (ran.returncode, stages) == (0, ["init", "setup", "default", "teardown", "summary"]), (
        ran.stderr
    )


def test_an_exception_of_a_timer_of_the_body_is_a_load_error(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws.timers import set_timeout\nset_timeout(lambda: 1 / 0, 1)\ndef default(): pass\n"
    )
    with pytest.raises(k6ws.K6Error, match="ZeroDivisionError"):
        k6ws.run(script)


def test_many_timers_of_a_cut_vu_are_not_named_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    def default() -> None:
        for _ in range(100):
            set_timeout(print, 60_000)
        raise ValueError("enough")

    with caplog.at_level(logging.WARNING, "k6ws"):
        k6ws.run(default, iterations=1)
    stopped = [r.message for r in caplog.records if "stopped" in r.message]
    assert (len(stopped), stopped[-1]) == (11, "90 more timers of VU 1 were stopped")
