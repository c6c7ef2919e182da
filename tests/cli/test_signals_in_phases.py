"""Signals, and code that never gives way, in each phase of `k6ws run`. Each case is a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TIMEOUT_S = 20
QUICK_S = 3.0

SCRIPT = """
import time
from k6ws import sleep

options = {"iterations": 1, "setupTimeout": "1h", "teardownTimeout": "1h", "handleSummaryTimeout": "1h"}

def wait(phase):
    if phase == "PHASE":
        print("here", flush=True)
        WAIT

def setup():
    wait("setup")

def default():
    wait("default")
    sleep(0)

def teardown():
    wait("teardown")

def handle_summary(data):
    wait("handle_summary")
    return {"stdout": "summary\\n"}

wait("init")
"""


STUBBORN = """while True:
            try: time.sleep(60)
            except BaseException: pass"""


def start(
    tmp_path: Path, phase: str, wait: str, *flags: str, script: str = SCRIPT
) -> subprocess.Popen[str]:
    """A run that has come to `phase`, in which it waits."""
    path = tmp_path / "script.py"
    path.write_text(script.replace("PHASE", phase).replace("WAIT", wait))
    process = subprocess.Popen(
        [sys.executable, "-m", "k6ws", "run", *flags, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    return process


def told_of(process: subprocess.Popen[str], name: str) -> None:
    assert process.stderr is not None
    while name not in process.stderr.readline():
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_script_is_loaded_ends_it_at_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = start(tmp_path, "init", "time.sleep(60)")
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out) == (105, "")
    assert err == f"k6ws: {number.name} before the run had begun\n"


@pytest.mark.parametrize("wait", ["time.sleep(60)", "while True: pass"])
@pytest.mark.parametrize("phase", ["setup", "default"])
def test_a_signal_ends_code_that_never_gives_way(tmp_path: Path, phase: str, wait: str) -> None:
    process = start(tmp_path, phase, wait)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert time.monotonic() - began < QUICK_S
    assert (process.returncode, out) == (105, "summary\n"), err
    assert "Traceback" not in err


@pytest.mark.parametrize("phase", ["teardown", "handle_summary"])
def test_a_signal_lets_a_stage_after_the_iterations_finish(tmp_path: Path, phase: str) -> None:
    # Longer than the patience of whoever ends what hogs.
    process = start(tmp_path, phase, "time.sleep(2); print('finished', flush=True)")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out) == (105, "finished\nsummary\n"), err


@pytest.mark.parametrize("phase", ["setup", "default", "teardown", "handle_summary"])
def test_a_second_signal_ends_any_phase_at_once(tmp_path: Path, phase: str) -> None:
    wait = "time.sleep(60)" if phase in {"teardown", "handle_summary"} else STUBBORN
    process = start(tmp_path, phase, wait)
    process.send_signal(signal.SIGINT)
    told_of(process, "SIGINT")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=TIMEOUT_S)
    assert time.monotonic() - began < 1.0
    assert (process.returncode, out) == (105, "")


def test_a_second_signal_ends_the_wait_for_an_output(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    # What follows teardown is the wait for a reader that never comes: five seconds.
    process = start(tmp_path, "teardown", "pass", "-o", f"json={pipe}")
    process.send_signal(signal.SIGINT)
    told_of(process, "SIGINT")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, time.monotonic() - began < 1.0) == (105, True)


@pytest.mark.parametrize(
    ("phase", "code", "option"),
    [("setup", 100, "setupTimeout"), ("teardown", 101, "teardownTimeout")],
)
@pytest.mark.parametrize("wait", ["time.sleep(60)", "while True: pass"])
def test_a_stage_that_never_gives_way_is_ended_by_its_timeout(
    tmp_path: Path, phase: str, code: int, option: str, wait: str
) -> None:
    flags = ["--no-setup"] if phase == "teardown" else []
    script = SCRIPT.replace(f'"{option}": "1h"', f'"{option}": "500ms"')
    process = start(tmp_path, phase, wait, *flags, script=script)
    began = time.monotonic()
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert time.monotonic() - began < QUICK_S
    assert (process.returncode, out) == (code, "summary\n"), err
    assert f"{phase}() did not end within 0.5 s (option {option})" in err


def test_a_summary_that_never_gives_way_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    script = SCRIPT.replace('"handleSummaryTimeout": "1h"', '"handleSummaryTimeout": "500ms"')
    path.write_text(script.replace("PHASE", "handle_summary").replace("WAIT", "while True: pass"))
    done = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", str(path)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, "TOTAL RESULTS" in done.stdout) == (255, True), done.stderr
    assert "handle_summary() did not end within 0.5 s" in done.stderr


STOPPED = """
from k6ws import sleep

options = {"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 20, "duration": "6s",
    "preAllocatedVUs": 2}}}

def default():
    print("iteration", flush=True)
    sleep(0)
"""


def test_a_process_that_was_stopped_catches_up_with_nothing(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(STOPPED)
    command = [sys.executable, "-m", "k6ws", "run", str(script)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    time.sleep(4.0)  # the point: nothing runs for so long
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    iterations = out.count("iteration\n")
    assert process.returncode == 0, err
    # 121 were due; those of the four seconds are dropped, but for the two VUs that were free.
    assert 30 <= iterations <= 45, out
    assert "dropped_iterations" in out
    for text in (out, err):
        gap = re.search(r"nothing ran for (\d\.\d) s: the process was stopped", text)
        assert gap is not None, text
        assert 2.5 <= float(gap[1]) <= 4.5
