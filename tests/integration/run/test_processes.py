"""Worker processes: results and errors come back from them, and scripts may start them."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import k6ws

STARTS = pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])


def counted() -> k6ws.Result:
    return k6ws.run(lambda: k6ws.check(1, {"fine": True}), iterations=3)


def python(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=50, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done


def figures(result: k6ws.Result) -> tuple[object, ...]:
    assert result.series("iterations")
    return (
        result.passed,
        result.metrics["iterations"].count,
        result.checks["fine"].passes,
        result.to_dict()["metrics"]["iterations"]["values"]["count"],
    )


def round_trip(result: k6ws.Result) -> k6ws.Result:
    return pickle.loads(pickle.dumps(result))


@pytest.mark.parametrize("trip", [copy.copy, copy.deepcopy, round_trip])
def test_a_result_travels_with_its_figures(trip: Callable[[k6ws.Result], k6ws.Result]) -> None:
    result = counted()
    arrived = trip(result)
    assert figures(arrived) == figures(result) == (True, 3, 3, 3)
    assert arrived.to_dict() == result.to_dict()
    with pytest.raises(AttributeError, match="has no figure 'p95'"):
        _ = arrived.metrics["iterations"].p95  # type: ignore[attr-defined]


WORK = """
import multiprocessing, socket, sys
from concurrent.futures import ProcessPoolExecutor

from collections.abc import Callable

import k6ws
from k6ws.tcp import Socket

def load(_):
    return k6ws.run(lambda: None, iterations=3)

def refused(_):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    Socket().connect(port, "127.0.0.1").wait()

def outcome(call):
    try:
        result = call()
        return result.passed, result.metrics["iterations"].count
    except k6ws.TCPError as error:
        return error.hint, error.method, error.cause, "refused" in str(error)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(1) as pool:
        for function in (load, refused):
            print(outcome(lambda: pool.map_async(function, [0]).get(20)[0]))
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        for function in (load, refused):
            print(outcome(lambda: pool.submit(function, 0).result(20)))
"""


@STARTS
def test_results_and_errors_come_back_from_pools(tmp_path: Path, start: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(WORK)
    done = python(str(program), start)
    result = (True, 3)
    error = ("is the server running there?", "connect", "connect_refused", True)
    assert done.stdout.splitlines() == [str(one) for one in (result, error, result, error)]


POOL = """
import argparse, multiprocessing
from concurrent.futures import ProcessPoolExecutor
from k6ws import env, check
from k6ws.metrics import Counter
import helpers

argparse.ArgumentParser().parse_args()
made = Counter("made")
WHO = env.get("WHO", "nobody")
options = {"iterations": 1, "setupTimeout": "25s", "thresholds": {"checks": ["rate==1"]}}

def user(number):
    return f"{WHO}{number}{helpers.NAME}"

def in_workers():
    context = multiprocessing.get_context("START")
    with context.Pool(1) as pool:
        users = pool.map_async(user, range(2)).get(20)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return users + [pool.submit(user, 2).result(20)]

def setup():
    return in_workers()

def default(users):
    check(users, {repr(users): True})
    made.add(1)
"""


def write(folder: Path, name: str, start: str) -> Path:
    (folder / "helpers.py").write_text("NAME = '!'\n")
    path = folder / name
    path.write_text(POOL.replace("START", start))
    return path


@pytest.mark.timeout(60)
@STARTS
# The last two cannot be imported by their names.
@pytest.mark.parametrize("name", ["load_test.py", "load.test.py", "click.py"])
def test_a_script_starts_workers_that_know_its_functions(
    tmp_path: Path, start: str, name: str
) -> None:
    path = write(tmp_path, name, start)
    done = python("-m", "k6ws", "run", "-q", "-e", "WHO=ann", str(path))
    assert "['ann0!', 'ann1!', 'ann2!']" in done.stdout


@pytest.mark.timeout(60)
@STARTS
def test_a_script_of_a_program_starts_workers_as_well(tmp_path: Path, start: str) -> None:
    write(tmp_path, "load_test.py", start)
    program = tmp_path / "program.py"
    program.write_text(
        "import k6ws\n"
        "if __name__ == '__main__':\n"
        "    result = k6ws.run('load_test.py')\n"
        "    print(result.passed, list(result.checks))\n"
    )
    # It has arguments of its own, which are none of the script's.
    done = python(str(program), "--of-the-program", folder=tmp_path)
    assert done.stdout == f"True {[str(['nobody0!', 'nobody1!', 'nobody2!'])]}\n"
