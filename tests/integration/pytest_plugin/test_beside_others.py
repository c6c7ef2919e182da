"""The plugin beside what else pytest does: workers, signals, coroutines, projects that do not use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import k6ws

LOADS = """
import k6ws

reply = k6ws.metrics.Trend("reply", True)

def fine():
    reply.add(12)

def slow():
    reply.add(120)
"""


def test_who_does_not_use_it_does_not_pay_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_it(request):
            assert request.config.pluginmanager.has_plugin("pytest_k6ws") or any(
                name == "k6ws" for name, _ in request.config.pluginmanager.list_name_plugin()
            )
            assert "pytest_k6ws" in sys.modules
            loaded = [name for name in sys.modules if name.split(".")[0] == "k6ws"]
            assert loaded == []
        """
    )
    pytester.runpytest_subprocess("-W", "error").assert_outcomes(passed=1)


def test_it_loads_nothing_that_pytest_has_not() -> None:
    code = """
import sys, pytest
before = set(sys.modules)
import pytest_k6ws
print(*set(sys.modules) - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["pytest_k6ws"]


def test_it_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(k6ws_run): pass")
    done = pytester.runpytest_subprocess("-p", "no:k6ws")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*fixture 'k6ws_run' not found*"])


def test_no_warning_is_ours(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        LOADS
        + """
def test_it(k6ws_run, k6ws_echo):
    from k6ws import testing, ws
    def default():
        with testing.target({"a": "b"}) as url, ws.open(url) as session:
            session.send("a")
            assert session.recv() == "b"
        ws.open(k6ws_echo).close()
    k6ws_run(fine, thresholds={"reply": ["max<100"]})
    k6ws_run(default, iterations=2)
"""
    )
    done = pytester.runpytest_subprocess("-W", "error", "-o", "k6ws_trust=warn")
    done.assert_outcomes(passed=1)


def test_a_program_that_has_loaded_k6ws_may_run_pytest(pytester: pytest.Pytester) -> None:
    # As a wheel installs it: pytest marks what is listed for its own way of importing.
    info = pytester.mkdir("site") / "k6ws-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: k6ws\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[pytest11]\nk6ws = pytest_k6ws\n")
    names = ("k6ws", "pytest_k6ws")
    (info / "RECORD").write_text("".join(f"{name}/__init__.py,,\n" for name in names))
    for name in names:
        (info.parent / name).symlink_to(Path(k6ws.__file__).parents[1] / name)
    pytester.makepyfile(LOADS + "def test_it(k6ws_run): k6ws_run(fine)\n")
    program = """
import sys, k6ws, pytest
assert "/site/" in k6ws.__file__
sys.exit(pytest.main(["-W", "error"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(info.parent)},
        cwd=pytester.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_workers_of_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        LOADS
        + """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(k6ws_run, k6ws_echo, number):
    k6ws_run(slow if number == 3 else fine, thresholds={"reply": ["max<100"]})
"""
    )
    done = pytester.runpytest_subprocess(
        "-n2", "--k6ws-baseline=b.json", "-o", "k6ws_trust=warn", "-p", "no:timeout"
    )
    done.assert_outcomes(passed=5, failed=2)
    done.stdout.fnmatch_lines(["*reply: max=120ms ≥ 100ms*"])
    tests = json.loads((pytester.path / "b.json").read_text())["tests"]
    # A run of which this machine was too busy is left out.
    assert set(tests) <= {f"test_workers_of_xdist.py::test_it[{n}]" for n in (0, 1, 2, 4, 5)}


def test_the_first_failure_ends_it_where_that_is_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        LOADS
        + """
def test_it(k6ws_run):
    k6ws_run(slow, thresholds={"reply": ["max<100", "min<100"]})

def test_not_reached(k6ws_run):
    raise SystemError
"""
    )
    done = pytester.runpytest_subprocess("-x", "-o", "k6ws_trust=warn")
    done.stdout.fnmatch_lines(["*reply: max=120ms ≥ 100ms*", "*stopping after *"])
    assert "SystemError" not in done.stdout.str()


def test_a_keyboard_interrupt_ends_run_and_session(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pathlib
        from k6ws import sleep

        def default():
            pathlib.Path("begun").touch()
            sleep(60)

        def test_it(k6ws_run):
            k6ws_run(default, duration="60s")

        def test_not_reached():
            pathlib.Path("reached").touch()
        """
    )
    begun = pytester.path / "begun"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    with subprocess.Popen(command, cwd=pytester.path, stdout=subprocess.PIPE) as process:
        try:
            # Until it is under way; the test's own limit is the deadline.
            while not begun.exists() and process.poll() is None:
                os.sched_yield()
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == pytest.ExitCode.INTERRUPTED, out
    assert b"KeyboardInterrupt" in out
    assert not (pytester.path / "reached").exists()


def test_coroutines(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        LOADS
        + """
import asyncio
import pytest
from k6ws import testing, ws

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_it(k6ws_run):
    ticks = 0
    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)
    beside = asyncio.create_task(tick())
    result = await k6ws_run.arun(lambda: k6ws.sleep(0.1), iterations=2)
    beside.cancel()
    assert ticks > 3
    assert result.metrics["iterations"].count == 2

@pytest.mark.anyio
async def test_red(k6ws_run):
    await k6ws_run.arun(slow, thresholds={"reply": ["max<100"]})

@pytest.mark.anyio
async def test_targets():
    async with testing.echo() as echo, testing.target("hi") as url:
        async with ws.aopen(echo) as session, ws.aopen(url) as other:
            await session.send("hello")
            assert await session.recv() == "hello"
            await other.send("hello")
            assert await other.recv() == "hi"
"""
    )
    done = pytester.runpytest_subprocess("-W", "error", "-o", "k6ws_trust=warn")
    done.assert_outcomes(passed=2, failed=2)
    done.stdout.fnmatch_lines(["*reply: max=120ms ≥ 100ms*"])


def test_junit_has_what_failed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        LOADS
        + """
def test_it(k6ws_run):
    k6ws_run(slow, thresholds={"reply": ["max<100"]})
"""
    )
    pytester.runpytest_subprocess("--junitxml=k6ws.xml", "-o", "k6ws_trust=warn")
    assert "reply: max=120ms ≥ 100ms" in (pytester.path / "k6ws.xml").read_text()
