"""Signals that come while `k6ws run` already ends: 105 at once, no traceback, no death by the signal."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TIMEOUT_S = 20
QUICK_S = 3.0

SCRIPT = """
import atexit, time
from k6ws import sleep

options = {"vus": 2, "duration": "60s"}

def leave():
    print("leaving", flush=True)
    time.sleep(60)

atexit.register(leave)

def default():
    print("here", flush=True)
    sleep(60)
"""


def started(tmp_path: Path, text: str) -> subprocess.Popen[str]:
    (script := tmp_path / "script.py").write_text(text)
    process = subprocess.Popen(
        [sys.executable, "-m", "k6ws", "run", "-q", str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    read_until(process, "here")
    return process


def read_until(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    while word not in process.stdout.readline():
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_python_shuts_down_ends_it_at_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = started(tmp_path, SCRIPT)
    process.send_signal(signal.SIGINT)
    read_until(process, "leaving")
    process.send_signal(number)
    began = time.monotonic()
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert time.monotonic() - began < QUICK_S
    assert (process.returncode, "Traceback" in err) == (105, False), err


def test_a_storm_of_signals_is_105(tmp_path: Path) -> None:
    process = started(tmp_path, SCRIPT.replace("time.sleep(60)", "time.sleep(0.1)"))
    deadline = time.monotonic() + TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, "Traceback" in err) == (105, False), err


def test_a_program_keeps_its_own_signals_after_a_command() -> None:
    # Called inside a process of somebody else's, a command gives back what it took.
    code = (
        "import signal, sys\n"
        "from k6ws._cli.main import main\n"
        "try: main(['run', 'missing.py'])\n"
        "except SystemExit: pass\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("presses", [1, 2])
def test_a_task_that_swallows_its_end_does_not_keep_the_process(
    tmp_path: Path, presses: int
) -> None:
    process = started(
        tmp_path,
        """
import asyncio

options = {"vus": 2, "duration": "60s"}

async def default():
    print("here", flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except BaseException:
            pass
""",
    )
    for _ in range(presses):
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, "Traceback" in err) == (105, False), err


def test_a_program_ends_whose_run_had_a_task_that_swallows_its_end(tmp_path: Path) -> None:
    (program := tmp_path / "program.py").write_text(
        """
import asyncio, k6ws

async def default():
    while True:
        try:
            await asyncio.sleep(60)
        except BaseException:
            pass

timing = {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"}
print(k6ws.run(default, scenarios={"s": timing}).to_dict()["run"]["iterations_interrupted"])
"""
    )
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, timeout=TIMEOUT_S, check=True
    )
    assert done.stdout.split() == ["2"]
