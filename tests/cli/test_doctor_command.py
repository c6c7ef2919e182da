"""`k6ws doctor` on this machine, and what `run` tells of the same limits."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.command import k6ws


def test_a_small_test_can_be_held_and_its_target_is_tried(url: str) -> None:
    done = k6ws("doctor", "--connections", "10", "--target", url)
    assert (done.code, done.err) == (0, "")
    assert f"10 connections to {url}: nothing here stops them" in done.out
    assert "the target:" in done.out
    assert "connected in" in done.out
    assert "connections waiting to be accepted" in done.out, "the target is on this machine"


def test_too_many_connections_are_told_with_what_helps() -> None:
    done = k6ws("doctor", "--connections", "9000000", "--json")
    assert done.code == 1
    found = json.loads(done.out)
    assert found["ok"] is False
    stops = {one["topic"]: one["fix"] for one in found["limits"] if one["level"] == "stop"}
    assert "prlimit" in stops["open files"]
    assert "--local-ips" in stops["local ports to one target"]


@pytest.mark.parametrize("scheme", ["ws", "tcp"])
def test_a_target_that_is_not_there_stops_the_test(scheme: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        done = k6ws("doctor", "--target", f"{scheme}://127.0.0.1:{free.getsockname()[1]}")
    assert done.code == 1
    assert "onnection refused" in done.out
    assert "start the target" in done.out


def test_a_tcp_target_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = k6ws("doctor", "--target", f"tcp://127.0.0.1:{listener.getsockname()[1]}")
    assert done.code == 0, done.out


@pytest.mark.parametrize("target", ["http://x", "x", "tcp://x", "tcp://x:y", "tcp://x:70000"])
def test_a_target_that_is_none_is_104(target: str) -> None:
    done = k6ws("doctor", "--target", target)
    assert done.code == 104
    assert "invalid --target" in done.err


def run(tmp_path: Path, soft: int, hard: int, *words: str) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "script.py"
    script.write_text(
        "import resource\n"
        "def default():\n    pass\n"
        "def teardown():\n    print(resource.getrlimit(resource.RLIMIT_NOFILE))\n"
    )
    return subprocess.run(
        [sys.executable, "-m", "k6ws", "run", "-q", *words, script],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
    )


def test_a_run_raises_its_limit_of_open_files_and_tells_when_that_is_not_enough(
    tmp_path: Path,
) -> None:
    done = run(tmp_path, 100, 300, "-u", "1000")
    assert done.returncode == 0
    assert "(300, 300)" in done.stdout
    assert "1000 VUs with a socket each need" in done.stderr
    assert "open files" in done.stderr
    done = run(tmp_path, 100, 300, "-u", "10")
    assert "(300, 300)" in done.stdout
    assert done.stderr == ""
