"""Every exit code of `k6ws run` from the cause that it stands for, with what ran until then: k6's table.

`stages` is what the script got to print; `summary` whether the summary came after it.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

LIMIT_S = 40

PLAIN = """
from k6ws import sleep
from k6ws.execution import test
from k6ws.metrics import Counter

errors = Counter("errors")
options = {options}

def setup():
    print("setup", flush=True)
    {setup}

def default():
    print("iteration", flush=True)
    {default}

def teardown():
    print("teardown", flush=True)
    {teardown}
"""

STUBBORN = """
def hog():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""

Act = Callable[[subprocess.Popen[str], str], None]


def interrupt(process: subprocess.Popen[str], _address: str) -> None:
    process.send_signal(signal.SIGINT)


def terminate(process: subprocess.Popen[str], _address: str) -> None:
    process.send_signal(signal.SIGTERM)


def stop_by_rest(_process: subprocess.Popen[str], address: str) -> None:
    body = {"data": {"type": "status", "id": "default", "attributes": {"stopped": True}}}
    request = urllib.request.Request(
        f"http://{address}/v1/status", json.dumps(body).encode(), method="PATCH"
    )
    urllib.request.urlopen(request, timeout=10).close()


@dataclass(frozen=True)
class Case:
    """A cause, and what comes of it."""

    code: int
    stages: tuple[str, ...] = ("setup", "iteration", "teardown")
    summary: bool = True
    options: str = "{}"
    setup: str = "pass"
    default: str = "pass"
    teardown: str = "pass"
    source: str = PLAIN
    words: tuple[str, ...] = ()
    act: Act | None = None
    """What is done once the first iteration has begun."""
    serves: bool = False


ABORTS = (
    "{'duration': '60s', 'thresholds': {'errors': [{'threshold': 'count<1', 'abortOnFail': True}]}}"
)
NOTHING_RAN = ()

CASES = {
    "a run to its end": Case(0),
    "failed checks": Case(0, default="__import__('k6ws').check(1, {'is two': lambda n: n == 2})"),
    "an exception in an iteration": Case(0, default="1 / 0"),
    "an exception where it is to count": Case(
        107, default="1 / 0", words=("--fail-on-exceptions",)
    ),
    "an exception in handle_summary": Case(
        255, source=PLAIN + "\ndef handle_summary(data):\n    1 / 0\n"
    ),
    "a crossed threshold": Case(
        99, options="{'thresholds': {'errors': ['count<1']}}", default="errors.add(1)"
    ),
    "a threshold without data": Case(99, options="{'thresholds': {'ws_ping': ['max<10']}}"),
    "a threshold that aborts": Case(99, options=ABORTS, default="errors.add(1); sleep(60)"),
    "setup takes too long": Case(
        100, ("setup",), options="{'setupTimeout': '100ms'}", setup="sleep(60)"
    ),
    "teardown takes too long": Case(
        101, options="{'teardownTimeout': '100ms'}", teardown="sleep(60)"
    ),
    "stopped by REST": Case(
        103, options="{'duration': '60s'}", default="sleep(60)", act=stop_by_rest, serves=True
    ),
    "an option of the script is wrong": Case(
        104, NOTHING_RAN, summary=False, options="{'vus': -1}"
    ),
    "an option of a scenario is unknown": Case(
        104,
        NOTHING_RAN,
        summary=False,
        options="{'scenarios': {'a': {'executor': 'constant-vus', 'duration': '1s', 'vus_': 1}}}",
    ),
    "an option of the command line is wrong": Case(
        104, NOTHING_RAN, summary=False, words=("--duration", "5")
    ),
    "a threshold that is no threshold": Case(
        104, NOTHING_RAN, summary=False, options="{'thresholds': {'errors': ['count~1']}}"
    ),
    "no default function": Case(104, NOTHING_RAN, summary=False, source="def other(): pass\n"),
    "a report that cannot be written": Case(
        104, NOTHING_RAN, summary=False, words=("--junit", "/nonexistent/folder/report.xml")
    ),
    "an output that cannot be opened": Case(
        104, NOTHING_RAN, summary=False, words=("--out", "json=/nonexistent/folder/out.json")
    ),
    "Ctrl-C": Case(105, options="{'duration': '60s'}", default="sleep(60)", act=interrupt),
    "SIGTERM": Case(105, options="{'duration': '60s'}", default="sleep(60)", act=terminate),
    "the REST address is taken": Case(106, NOTHING_RAN, summary=False, serves=True),
    "an exception while loading": Case(107, NOTHING_RAN, summary=False, source="1 / 0\n"),
    "a syntax error": Case(107, NOTHING_RAN, summary=False, source="def default(:\n"),
    "an exception in setup": Case(107, ("setup",), setup="1 / 0"),
    "an exception in teardown": Case(107, teardown="1 / 0"),
    "test.abort() in an iteration": Case(108, default="test.abort('enough')"),
    "test.abort() while loading": Case(
        108,
        NOTHING_RAN,
        summary=False,
        source="from k6ws.execution import test\ntest.abort()\ndef default(): pass\n",
    ),
    "a handler that cannot be stopped": Case(
        109,
        ("setup", "iteration"),
        options="{'scenarios': {'a': {'executor': 'constant-vus', 'duration': '1s', 'gracefulStop': '0s'}}}",
        source=PLAIN + STUBBORN,
        default="hog()",
    ),
    "test.fail()": Case(110, default="test.fail('no good')"),
    "test.fail() and a crossed threshold": Case(
        110,
        options="{'thresholds': {'errors': ['count<1']}}",
        default="errors.add(1); test.fail('no good')",
    ),
    "an unknown flag": Case(255, NOTHING_RAN, summary=False, words=("--no-such-flag",)),
    "an unknown output": Case(255, NOTHING_RAN, summary=False, words=("--out", "nowhere=1")),
    "an unknown summary mode": Case(
        255, NOTHING_RAN, summary=False, words=("--summary-mode", "loud")
    ),
    "no such script": Case(255, NOTHING_RAN, summary=False, source=""),
    "samples that could not be written": Case(255, words=("--out", "json=/dev/full")),
    "a summary that could not be written": Case(255, words=("--summary-export", "/dev/full")),
}


@pytest.fixture
def taken() -> Iterator[str]:
    """An address that somebody else listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("name", CASES)
def test_exit_code(tmp_path: Path, taken: str, name: str) -> None:
    case = CASES[name]
    script = tmp_path / "script.py"
    if case.source:
        source = case.source
        for part in ("options", "setup", "default", "teardown"):
            source = source.replace(f"{{{part}}}", getattr(case, part))
        script.write_text(source)
    address = taken if case.code == 106 else free_address()
    words = [*case.words, *(("--address", address) if case.serves else ())]
    command = [sys.executable, "-m", "k6ws", "run", *words, str(script)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        printed = ""
        if case.act is not None:
            assert process.stdout is not None
            while "iteration" not in printed:
                line = process.stdout.readline()
                assert line, process.communicate()[1]
                printed += line
            case.act(process, address)
        out, err = process.communicate(timeout=LIMIT_S)
    printed += out
    stages = tuple(dict.fromkeys(one for one in printed.split() if one in STAGES))
    assert (process.returncode, stages) == (case.code, case.stages), err
    assert ("TOTAL RESULTS" in printed) == case.summary, printed
    if case.code not in {0, 99}:
        assert "Traceback" not in err or "script.py" in err
        assert err.strip()


STAGES = ("setup", "iteration", "teardown")


def free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
