"""Scripts that do what no script should: the run ends in time, the process lives, and it shows."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

OPTIONS = """
import gc, multiprocessing, os, subprocess, sys, threading, time
from k6ws import fail, sleep, timers

options = {"scenarios": {
    "bad": {"executor": "per-vu-iterations", "vus": 1, "iterations": 2, "exec": "bad",
            "maxDuration": "1s", "gracefulStop": "0s"},
    "good": {"executor": "per-vu-iterations", "vus": 2, "iterations": 3, "exec": "good",
             "startTime": "100ms", "maxDuration": "10s"},
}, "failOnExceptions": True}

def good():
    sleep(0.05)
    print("good", flush=True)

def recurse():
    recurse()
"""


def run(tmp_path: Path, body: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "script.py"
    script.write_text(f"{OPTIONS}\ndef bad():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n")
    command = [sys.executable, "-m", "k6ws", "run", str(script)]
    return subprocess.run(command, capture_output=True, text=True, timeout=25, check=False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("sys.exit(0)", "SystemExit"),
        ("raise SystemExit", "SystemExit"),
        ("timers.set_timeout(lambda: sys.exit(0), 1)", "SystemExit"),
        ("raise BaseException('odd')", "BaseException"),
        ("raise MemoryError", "MemoryError"),
        ("x = bytearray(1 << 60)", "MemoryError"),
        ("recurse()", "RecursionError"),
        ("timers.set_timeout(recurse, 1)", "RecursionError"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_what_ends_a_program_ends_an_iteration_and_is_no_success(
    tmp_path: Path, body: str, kind: str
) -> None:
    done = run(tmp_path, body)
    assert done.returncode == 107, done.stderr
    assert done.stdout.count("good\n") == 6
    assert kind in done.stdout, "the summary counts it"
    assert "2 out of 8" in done.stdout, "iteration_failed"
    assert "/k6ws/_" not in done.stderr, "none of our own frames"


@pytest.mark.parametrize(
    "body",
    [
        "lock = threading.Lock(); lock.acquire(); lock.acquire()",
        "threading.Event().wait()",
        "time.sleep(1e9)",
        "while True: pass",
        "while True: sleep(0)",
        "while True:\n    try: sleep(60)\n    except Exception: pass",
    ],
)
def test_what_waits_for_ever_is_cut_and_the_others_finish(tmp_path: Path, body: str) -> None:
    began = time.monotonic()
    done = run(tmp_path, body)
    assert time.monotonic() - began < 15.0
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("good\n") == 6
    assert "iterations_interrupted" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        """
        class Sour:
            def __del__(self): raise ValueError("sour")
        gc.disable()
        one = Sour()
        one.itself = one
        del one
        gc.collect()
        """,
        """
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        child = context.Process(target=queue.put, args=("from the child",))
        child.start()
        assert queue.get() == "from the child"
        child.join()
        """,
        """
        child = os.fork()
        if child == 0:
            code = 1
            # In a loop of its own: that of the parent is left alone.
            try: sleep(0.01); code = 42
            finally: os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
        """,
        """
        list_open = ["ls", "/proc/self/fd"]
        told = subprocess.run(list_open, capture_output=True, close_fds=False, check=True)
        assert len(told.stdout.split()) == 4, told.stdout  # the three, and the directory itself
        """,
        """
        thread = threading.Thread(target=time.sleep, args=(0.1,))
        thread.start()
        """,
    ],
)
def test_odd_but_legal_scripts_do_no_harm(tmp_path: Path, body: str) -> None:
    done = run(tmp_path, body)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("good\n") == 6


def test_a_thread_left_behind_does_not_keep_the_process(tmp_path: Path) -> None:
    began = time.monotonic()
    done = run(
        tmp_path, "threading.Thread(target=time.sleep, args=(600,), name='forgotten').start()"
    )
    assert time.monotonic() - began < 15.0
    assert done.returncode == 0, done.stderr
    assert "iterations" in done.stdout
    assert done.stderr.endswith("threads that the script started still run: forgotten, forgotten\n")


PROGRAMS = {
    "imports and leaves": ("", 0, ""),
    "leaves while a run lasts": ("start(daemon=True); sys.exit(7)", 7, ""),
    "ends while a run lasts": ("start(daemon=False)", 0, "0\n"),
    "sleeps in a thread": (
        "threading.Thread(target=k6ws.sleep, args=(60,), daemon=True).start(); time.sleep(0.3)",
        0,
        "",
    ),
    "runs at exit": (
        "atexit.register(lambda: print(k6ws.run(lambda: None, iterations=1).exit_code))",
        0,
        "0\n",
    ),
    "had a timer": ("timers.set_timeout(print, 60_000); timers.clear_timeout(1)", 0, ""),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_ends_does_so_quietly(name: str) -> None:
    body, code, out = PROGRAMS[name]
    program = f"""
import atexit, sys, threading, time
import k6ws
from k6ws import timers

def start(daemon):
    begun = threading.Event()
    def default():
        begun.set()
        k6ws.sleep(0.05)
    def work():
        print(k6ws.run(default, vus=2, duration="1s").exit_code)
    threading.Thread(target=work, daemon=daemon).start()
    begun.wait(10)

{body}
"""
    for _ in range(3):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", program],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (code, out, "")
        assert time.monotonic() - began < 6.0
