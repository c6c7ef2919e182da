"""A run of the command line asks Python's collector less often, and memory stays bounded."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import k6ws

USUAL = (True, gc.get_threshold(), True)
RELAXED = (True, (10_000, *gc.get_threshold()[1:]), False)
# CPython 3.12 itself leaves some out when it starts.
BARE = subprocess.run(
    [sys.executable, "-c", "import gc; print(gc.get_freeze_count())"],
    capture_output=True, text=True, timeout=50, check=True,
).stdout.strip()  # fmt: skip
SAYS = f"""
import gc, json
def settings():
    return [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() <= {BARE}]
def default():
    print("SAYS", json.dumps(settings()))
"""


def run(tmp_path: Path, source: str, *words: str, **variables: str) -> list[Any]:
    """What a script says, as JSON behind SAYS, run in a process of its own."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(source))
    done = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", "-q", *words, str(script)],
        env={**os.environ, **variables}, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return [json.loads(one.removeprefix("SAYS ")) for one in lines if one.startswith("SAYS ")]


def shown(settings: tuple[bool, tuple[int, int, int], bool]) -> list[Any]:
    return json.loads(json.dumps(settings))


def test_vus_run_with_a_collector_that_looks_less_often_and_leaves_out_what_was_there(
    tmp_path: Path,
) -> None:
    assert run(tmp_path, SAYS) == [shown(RELAXED)]


def test_it_is_relaxed_behind_setup_and_until_the_summary_is_there(tmp_path: Path) -> None:
    source = SAYS + textwrap.dedent("""
        def setup(): default()
        def handle_summary(data):
            return {"stdout": "SAYS " + json.dumps(settings()) + chr(10)}
    """)
    assert run(tmp_path, source) == [shown(USUAL), shown(RELAXED), shown(RELAXED)]


def test_what_is_garbage_by_then_is_not_kept(tmp_path: Path) -> None:
    source = SAYS + textwrap.dedent("""
        import weakref
        class Node:
            pass
        def setup():
            global left
            node = Node()
            node.own, left = node, weakref.ref(node)
        def default():
            print("SAYS", json.dumps(left() is None))
    """)
    assert run(tmp_path, source) == [True]


@pytest.mark.parametrize(
    ("words", "variables"),
    [(["--no-gc-tuning"], {}), ([], {"K6WS_NO_GC_TUNING": "true"})],
    ids=["flag", "variable"],
)
def test_it_can_be_left_alone(tmp_path: Path, words: list[str], variables: dict[str, str]) -> None:
    assert run(tmp_path, SAYS, *words, **variables) == [shown(USUAL)]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("gc.disable()", (False, gc.get_threshold(), True)),
        ("gc.set_threshold(5_000, 20, 20)", (True, (5_000, 20, 20), True)),
        ("gc.freeze()", (True, gc.get_threshold(), False)),
    ],
)
def test_what_a_script_says_of_it_in_its_body_holds(
    tmp_path: Path, own: str, expected: tuple[bool, tuple[int, int, int], bool]
) -> None:
    assert run(tmp_path, SAYS + own) == [shown(expected)]


# The command is called as click's tests do; whatever this process of pytest has lying about is none of it.
WITHIN = """
import gc, json, sys
from click.testing import CliRunner
from k6ws._cli.main import main
def settings():
    return gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()
before = settings()
for body in ("pass", "raise KeyError", "k6ws.execution.test.abort('enough')"):
    lines = ["import gc, k6ws", "def default():", "    assert gc.get_freeze_count()", "    " + body]
    open(sys.argv[1], "w").write(chr(10).join(lines))
    code = CliRunner().invoke(main, ["run", "-q", sys.argv[1]]).exit_code
    print(code, settings() == before)
"""


def test_a_command_within_a_process_gives_it_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHIN, str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout.splitlines() == ["0 True", "0 True", "108 True"]


def settings() -> tuple[bool, tuple[int, int, int], int]:
    return gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()


def test_a_run_of_a_program_never_touches_it() -> None:
    before = settings()
    seen: list[object] = []
    k6ws.run(lambda: seen.append(settings()), iterations=2)
    assert seen == [before, before]
    assert settings() == before


RESIDENT = """
import json
from pathlib import Path

number = 0
kib = {}

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

def counted(*marks):
    global number
    number += 1
    if number in marks:
        kib[number] = resident()
    if number == marks[-1]:
        print("SAYS", json.dumps([kib[mark] for mark in marks]))
"""


def test_memory_is_flat_over_a_hundred_thousand_sessions_that_fail(tmp_path: Path) -> None:
    # One half is refused by the machine, the other is no URL: the quickest ways to fail.
    source = RESIDENT + textwrap.dedent("""
        from k6ws import ws
        options = {"vus": 1, "iterations": 100_000}
        def default():
            url = "ws://127.0.0.1:1/" if number % 2 else "http://127.0.0.1/"
            assert ws.connect(url, lambda socket: None).error
            counted(20_000, 100_000)
    """)
    [(early, late)] = run(tmp_path, source)
    assert late - early < 2 * 1024


def test_circles_that_a_script_leaves_are_bounded(tmp_path: Path) -> None:
    # Two objects in each, so 5,000 lie about at most, with 10 MB; all of them would have 200 MB.
    source = RESIDENT + textwrap.dedent("""
        options = {"vus": 1, "iterations": 100_000}
        class Node:
            pass
        def default():
            one, other = Node(), Node()
            one.other, other.other, one.data = other, one, bytearray(2_000)
            counted(1, 20_000, 100_000)
    """)
    [(first, early, late)] = run(tmp_path, source)
    assert max(early, late) - first < 24 * 1024
