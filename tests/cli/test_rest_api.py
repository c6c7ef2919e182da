"""The REST API as tools use it that start, watch and stop runs. Each case is a process of its own."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from k6ws._cli import rest

SCRIPT = """
from k6ws import check, sleep

options = {
    "vus": 2, "duration": "60s",
    "thresholds": {"checks": ["rate>0.9"], "iterations": ["count>0"]},
}

def setup():
    print("setup", flush=True)

def default():
    check(1, {"fails": False})
    print("started", flush=True)
    sleep(60)

def teardown():
    print("teardown", flush=True)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(
    tmp_path: Path, *flags: str
) -> Generator[tuple[subprocess.Popen[str], str], None, None]:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "k6ws", "run", "-v", "--address", address, *flags, str(script)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            # It listens before the line is written.
            while "REST API on port" not in process.stderr.readline():
                assert process.poll() is None
            yield process, f"http://{address}"
        finally:
            process.kill()
            process.communicate()


def ask(url: str, body: object = None) -> tuple[int, Any]:
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method="GET" if data is None else "PATCH")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
            return answer.status, json.loads(text) if text[:1] in "{[" else text
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def change(url: str, **attributes: object) -> tuple[int, Any]:
    data = {"type": "status", "id": "default", "attributes": attributes}
    return ask(f"{url}/v1/status", {"data": data})


def status(url: str) -> dict[str, Any]:
    code, body = ask(f"{url}/v1/status")
    assert (code, body["data"]["type"], body["data"]["id"]) == (200, "status", "default")
    return body["data"]["attributes"]


def test_a_paused_run_waits_begins_and_is_stopped(tmp_path: Path) -> None:
    with running(tmp_path, "--paused") as (process, url):
        assert ask(f"{url}/ping") == (200, "ok")
        # It is served a moment before the run has got as far as its pause.
        waiting = status(url)
        while waiting["status"] == 0:
            waiting = status(url)
        assert (waiting["status"], waiting["paused"], waiting["running"]) == (4, True, False)
        assert change(url, paused=False)[0] == 200
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == [
            "setup\n",
            "started\n",
            "started\n",
        ]
        assert status(url) == {
            "status": 7,
            "paused": False,
            "vus": 2,
            "vus-max": 2,
            "stopped": False,
            "running": True,
            "tainted": False,
        }
        assert change(url, stopped=True)[0] == 200
        out, _ = process.communicate(timeout=10)
        assert process.returncode == 103
        assert "teardown\n" in out
        assert "iterations_interrupted" in out


def test_a_paused_run_can_be_stopped_before_it_begins(tmp_path: Path) -> None:
    with running(tmp_path, "--paused") as (process, url):
        assert change(url, stopped=True)[0] == 200
        out, _ = process.communicate(timeout=10)
        assert process.returncode == 103
        assert "setup" not in out


def test_metrics_are_told_while_the_run_lasts(tmp_path: Path) -> None:
    with running(tmp_path) as (process, url):
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        assert lines == ["setup\n", "started\n", "started\n"]
        _, body = ask(f"{url}/v1/metrics")
        metrics = {one["id"]: one["attributes"] for one in body["data"]}
        assert metrics["checks"]["type"] == "rate"
        assert metrics["checks"]["sample"] == {"rate": 0, "passes": 0, "fails": 2}
        assert metrics["data_sent" if "data_sent" in metrics else "checks"]["tainted"] in {
            None,
            False,
        }
        code, one = ask(f"{url}/v1/metrics/checks")
        assert (code, one["data"]["attributes"]["sample"]["fails"]) == (200, 2)
        assert ask(f"{url}/v1/metrics/nothing")[0] == 404


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"paused": True}, "doesn't support pause and resume operations after its start"),
        ({"vus": 7}, "live VU configuration updates are not supported"),
        ({"vus-max": 7}, "live VU configuration updates are not supported"),
    ],
)
def test_what_cannot_be_changed_is_refused(
    tmp_path: Path, attributes: dict[str, object], text: str
) -> None:
    with running(tmp_path) as (process, url):
        assert process.stdout is not None
        assert process.stdout.readline() == "setup\n"
        code, body = change(url, **attributes)
        assert (code, text in body["errors"][0]["title"]) == (500, True)
        assert process.poll() is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"data": 1}', b"x" * 70_000, b"\xff"])
def test_bad_requests_are_answered(tmp_path: Path, body: bytes) -> None:
    with running(tmp_path) as (_, url):
        code, answer = ask(f"{url}/v1/status", body)
        assert (code in {400, 413}, "errors" in answer) == (True, True)
        assert ask(f"{url}/nowhere")[0] == 404
        assert ask(f"{url}/nowhere", b"{}")[0] == 404


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "k6ws", "run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_an_address_that_cannot_be_served_is_106(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("def default(): pass\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run(str(script), "--address", address)
    assert done.returncode == 106
    assert f"the REST API cannot listen on {address}: Address already in use" in done.stderr
    for address in ("localhost:http", ":99999", "999.1.1.1:80"):
        assert run(str(script), "-a", address).returncode == 106


def test_paused_without_an_address_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("def default(): pass\n")
    done = run(str(script), "--paused")
    assert done.returncode == 104
    assert "add --address" in done.stderr


def rough(address: tuple[str, int], data: bytes, *, leaves: bool) -> None:
    """A client that says something and waits for an answer, or leaves with a reset."""
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(data)
        if leaves:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            client.recv(1)


def test_rough_clients_neither_hold_up_the_run_nor_reach_the_terminal(tmp_path: Path) -> None:
    nested = b"[" * 60_000
    head = b"PATCH /v1/status HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
    with running(tmp_path, "-q") as (process, url):
        port = int(url.rpartition(":")[2])
        address = ("127.0.0.1", port)
        for said in (
            head % len(nested) + nested,
            head % 10**30,
            head % 100 + b"half",
            b"GET /v1/metrics HTTP/1.1\r\n\r\n" * 50,
            b"\xff\xfe\x00\r\n\r\n",
        ):
            rough(address, said, leaves=True)
            rough(address, said + b"\r\n" * 60, leaves=False)
        with contextlib.ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(address, timeout=10))
            with socket.create_connection(address, timeout=10) as one_more:
                assert one_more.recv(12) == b"HTTP/1.1 503"
        deadline = time.monotonic() + 5.0
        while ask_quietly(f"{url}/ping") != 200:
            assert time.monotonic() < deadline
        assert change(url, stopped=True)[0] == 200
        began = time.monotonic()
        # Somebody is still in the middle of a request when the run ends.
        with socket.create_connection(address, timeout=10) as slow:
            slow.sendall(b"GET /v1/sta")
            _, err = process.communicate(timeout=10)
        assert time.monotonic() - began < 5.0
        assert process.returncode == 103
        assert "Traceback" not in err


def ask_quietly(url: str) -> int | None:
    try:
        return ask(url)[0]
    except (OSError, ValueError):
        return None


def test_a_client_that_sends_a_byte_now_and_then_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rest, "_LONGEST_S", 0.3)
    with rest.RestApi("127.0.0.1:0", cast("Any", None)) as api:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", api.port), timeout=0.05) as client:
            while is_served(client):
                assert time.monotonic() - began < 4.0


def is_served(client: socket.socket) -> bool:
    """Send a byte and see whether the connection is still there."""
    try:
        client.sendall(b"x")
        return client.recv(1) != b""
    except TimeoutError:
        return True
    except ConnectionError:
        return False
