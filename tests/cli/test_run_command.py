"""`k6ws run` as a user types it: options, files, signals, exit codes. Each case is a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

TIMEOUT_S = 30

SESSION = """
    from k6ws import check, env, ws

    def default():
        def session(socket):
            socket.on("open", lambda: socket.send("hello"))
            socket.on("message", lambda message: socket.close())

        response = ws.connect(env["URL"], session)
        check(response, {"status is 101": lambda r: r.status == 101})
"""

WAITS = """
    from k6ws import sleep

    def default():
        print("started", flush=True)
        sleep(60)
"""

HOGS = """
    options = {"scenarios": {"hog": {
        "executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}}}

    def default():
        while True:
            pass
"""

STUBBORN = """
    options = {"scenarios": {"hog": {
        "executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}}}

    def default():
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
"""


def start(folder: Path, source: str, *words: str, **kwargs: object) -> subprocess.Popen[str]:
    script = folder / "script.py"
    script.write_text(textwrap.dedent(source))
    command = [sys.executable, "-m", "k6ws", "run", str(script), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **kwargs)  # type: ignore[call-overload]


def run(folder: Path, source: str, *words: str) -> tuple[int, str, str]:
    process = start(folder, source, *words)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, out, err


def test_the_summary_is_on_stdout_and_everything_else_on_stderr(tmp_path: Path, url: str) -> None:
    code, out, err = run(tmp_path, SESSION, "-u", "2", "-i", "4", "-e", f"URL={url}")
    assert code == 0, err
    assert "ws_sessions" in out
    assert "100% 4 out of 4" in out
    assert "4 iterations shared among 2 VUs" in err
    assert "\x1b" not in out + err, "no colours without a terminal"


def test_a_part_of_a_ramp_is_announced_and_run(tmp_path: Path) -> None:
    source = "from k6ws import sleep\ndef default():\n    sleep(0.1)\n"
    words = ("-s", "200ms:6", "--stage", "300ms:6", "--execution-segment", "0:50%")
    code, out, err = run(tmp_path, source, *words)
    assert code == 0, err
    assert "scenarios: (50.00%) 1 scenario, 3 max VUs, 30.5s max duration" in err
    ramp = "Up to 3 looping VUs for 500ms over 2 stages (gracefulRampDown: 30s, gracefulStop: 30s)"
    assert f"* default: {ramp}" in err
    assert "iterations" in out


def test_quiet_leaves_the_summary_only(tmp_path: Path, url: str) -> None:
    code, out, err = run(tmp_path, SESSION, "--quiet", "-e", f"URL={url}")
    assert (code, err) == (0, "")
    assert "ws_sessions" in out


def test_the_export_is_the_data_of_handle_summary(tmp_path: Path, url: str) -> None:
    export = tmp_path / "summary.json"
    words = ("-i", "3", "-e", f"URL={url}", "--tag", "release=7", "--summary-export", str(export))
    code, _, err = run(tmp_path, SESSION, *words)
    assert code == 0, err
    data = json.loads(export.read_text())
    assert data["metrics"]["iterations"]["values"]["count"] == 3
    assert data["root_group"]["checks"][0]["passes"] == 3
    assert data["metrics"]["ws_sessions"]["type"] == "counter"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-u", "many"], "'vus'"),
        (["-u", "0"], "'vus'"),
        (["-d", "10"], "'duration'"),
        (["-i", "2", "-d", "soon"], "'duration'"),
        (["-e", "=1"], "-e"),
        (["--tag", "novalue"], "tag"),
        (["--summary-export", "/no/such/folder/x.json"], "/no/such/folder/x.json"),
    ],
)
def test_a_bad_option_is_named_and_is_104(tmp_path: Path, words: list[str], said: str) -> None:
    code, out, err = run(tmp_path, SESSION, *words)
    assert (code, out) == (104, "")
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("def default(:\n", 107, "not valid Python"),
        ("import no_such_module\n", 107, "no_such_module"),
        ("raise SystemExit(3)\n", 107, "SystemExit"),
        ("options = 5\ndef default(): pass\n", 104, "`options`"),
        ("x = 1\n", 104, "'default'"),
        ("def defalt(): pass\n", 104, "is its function 'defalt' meant to be 'default'?"),
        ("def default(data, more): pass\n", 104, "'default' needs more than a VU gives it"),
        ("def default(*, more): pass\n", 104, "'default' needs more than a VU gives it"),
        ("from k6ws import ws\nws.connect('ws://x/', print)\n", 107, "init context"),
    ],
)
def test_a_script_that_cannot_run_says_why(
    tmp_path: Path, source: str, code: int, said: str
) -> None:
    got, out, err = run(tmp_path, source)
    assert (got, out) == (code, ""), err
    assert said in err
    assert "/k6ws/_" not in err, "none of our own frames"


def test_a_missing_script_is_one_line(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", str(tmp_path / "nowhere.py")],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert process.returncode == 255
    assert process.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_the_run_with_its_summary(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path, WAITS, "-d", "60s")
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 105
    assert number.name in err
    assert "iterations_interrupted" in out


SLEEPS_IN_SETUP = """
from k6ws import sleep

def setup():
    print("started", flush=True)
    sleep(60)
    sleep(60)
    return {"made": 1}

def default():
    print("iteration", flush=True)

def teardown(data):
    print("teardown", data, flush=True)
"""


def test_a_signal_in_setup_ends_its_sleep_and_tears_down(tmp_path: Path) -> None:
    process = start(tmp_path, SLEEPS_IN_SETUP)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert (process.returncode, out.splitlines()[0]) == (105, "teardown {'made': 1}")
    assert "iteration\n" not in out


def test_two_signals_end_the_process_without_a_summary(tmp_path: Path) -> None:
    swallows = WAITS.replace("sleep(60)", "import time; time.sleep(60)")
    process = start(tmp_path, swallows, "-d", "60s")
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "SIGINT" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 105
    assert "TOTAL RESULTS" not in out


def test_a_loop_without_end_is_ended_at_the_hard_end(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, HOGS)
    assert code == 0, err
    assert "iterations_interrupted" in out


def test_a_handler_that_cannot_be_ended_ends_the_process_and_is_named(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, STUBBORN)
    assert code == 109
    assert "script.py" in err


def test_nobody_reading_is_no_traceback(tmp_path: Path, url: str) -> None:
    read, write = os.pipe()
    os.close(read)
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SESSION))
    process = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", "-q", str(script), "-e", f"URL={url}"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    os.close(write)
    assert (process.returncode, process.stderr) == (0, "")
