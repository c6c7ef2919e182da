"""What goes wrong while dialling, each from its real cause, and told apart."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import K6Error, ws
from k6ws.tcp import Socket, TCPError
from support.namespace import run_in_namespace
from support.runs import run_once
from support.servers import ScriptedServer, WebsocketsServer, fin, read_request, rst


def close(socket: ws.Socket) -> None:
    socket.close()


def failure(url: str, **params: Any) -> Any:
    """The error of a connect under `throw`; the run counts it by its cause."""
    seen: list[Any] = []

    def default() -> None:
        with pytest.raises(K6Error) as caught:
            ws.connect(url, close, timeout="5s", **params)
        seen.append(caught.value)

    result = run_once(default, throw=True)
    [(tags, values)] = result.series("ws_connect_failed")
    assert (tags["error"], values["count"]) == (seen[0].cause, 1)
    return seen[0]


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(f"ws://127.0.0.1:{port}/")
    assert str(error) == f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    assert (error.phase, error.cause) == ("connect", "connect_refused")
    assert error.hint == "is the server running there?"


def test_nobody_answers_and_no_route_leads_there() -> None:
    """In a network of its own: without a route, and with one to a machine that drops what it gets."""
    found = run_in_namespace("""
import socket
from k6ws import run, ws
found = []
def default():
    for url in ("ws://192.0.2.1:80/", "ws://[2001:db8::1]:80/"):
        response = ws.connect(url, lambda s: s.close(), connect_timeout="300ms")
        found.append([response.error, response.hint])
raise_loopback()
result = run(default, vus=1, iterations=1)
causes = [[tags["error"], values["count"]] for tags, values in result.series("ws_connect_failed")]
report([found, causes])
""")
    [[[text, hint], [text6, _]], causes] = found
    assert text == "dial tcp 192.0.2.1:80: connect: network is unreachable"
    assert text6.startswith("dial tcp [2001:db8::1]:80: connect: ")
    assert text6.endswith(" unreachable") or "assign requested address" in text6
    assert hint.startswith("no route leads there")
    assert ["unreachable", 1] in [[cause, int(count)] for cause, count in causes] or causes == [
        ["unreachable", 2]
    ]


@pytest.mark.parametrize(
    ("script", "causes"),
    [
        ([fin], {"eof", "reset"}),
        ([rst], {"reset"}),
        ([read_request, fin], {"eof"}),
        ([read_request, rst], {"reset"}),
    ],
    ids=["fin", "rst", "request then fin", "request then rst"],
)
def test_accepted_and_ended_at_once(script: Any, causes: set[str]) -> None:
    with ScriptedServer(script) as server:
        error = failure(server.url())
    # A reset may be there before the kernel has told us that the connection is made.
    assert error.phase in ({"upgrade", "connect"} if script == [rst] else {"upgrade"})
    assert error.cause in causes
    text = str(error)
    assert text == "unexpected EOF" or text.startswith(
        ("read tcp 127.0.", "write tcp 127.0.", "dial tcp")
    )


def test_accepted_and_ended_at_once_under_tls() -> None:
    with ScriptedServer([fin]) as server:
        error = failure(server.url().replace("ws:", "wss:"))
    assert error.phase == "tls"
    assert error.cause in {"eof", "reset"}


def test_a_tcp_socket_that_is_reset_at_once_is_told() -> None:
    with ScriptedServer([rst]) as server:
        events: list[str] = []

        def default() -> None:
            raw = Socket()
            raw.on("error", lambda error: events.append(error.cause))
            raw.on("close", lambda: events.append("close"))
            raw.connect(server.port, "127.0.0.1")

        k6ws.run(default, vus=1, iterations=1)
    # What comes first, our side of the handshake or the reset, is up to the kernel.
    assert events in (["close"], ["reset", "close"], ["reset"])


SCRIPT = """
import json
from k6ws import sleep, ws

hints = set()

def default():
    response = ws.connect(URL, lambda socket: socket.set_timeout(socket.close, 300))
    if response.error:
        hints.add((response.error.rsplit(": ", 1)[-1], response.hint))
        sleep(0.3)

def teardown():
    print("HINTS", json.dumps(sorted(hints)))
"""


def limited(folder: Path, url: str, *words: str) -> subprocess.Popen[str]:
    """`k6ws run` where 64 files may be open."""
    if shutil.which("prlimit") is None:
        pytest.skip("needs prlimit (package util-linux)")
    script = folder / "script.py"
    script.write_text(f"URL = {url!r}\n{SCRIPT}")
    command = [
        "prlimit",
        "--nofile=64:128",
        sys.executable,
        "-m",
        "k6ws",
        "run",
        *words,
        str(script),
    ]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    )


def test_no_file_descriptor_is_left(server: WebsocketsServer, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["-u", "1000", "-i", "2000", "--out", "json=samples.json"]
    process = limited(tmp_path, server.url("/ws-echo"), *words, "--summary-export", "summary.json")
    out, err = process.communicate(timeout=25)
    assert process.returncode == 0, err
    [line] = [line for line in (out + err).splitlines() if "HINTS" in line]
    [[text, hint]] = json.loads(line[line.index("[") :].replace('\\"', '"').rstrip('"'))
    assert text == "too many open files"
    assert hint == (
        # `run` has taken what there was to take.
        "no file descriptor is left: this process may have 128 (hard limit 128); "
        "before the run: as root `prlimit --nofile=1048576 k6ws …`"
    )
    samples = [json.loads(line) for line in (tmp_path / "samples.json").read_text().splitlines()]
    points = [one for one in samples if one["type"] == "Point"]
    failed = [one for one in points if one["metric"] == "ws_connect_failed"]
    sessions = [one for one in points if one["metric"] == "ws_sessions"]
    assert {one["data"]["tags"]["error"] for one in failed} == {"no_fds"}
    assert len(sessions) == 2000
    assert 20 < len(sessions) - len(failed) < 2000
    metrics = json.loads((tmp_path / "summary.json").read_text())["metrics"]
    assert metrics["iterations"]["values"]["count"] == 2000
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert spent < 10, "nobody may spin while there are no descriptors"


def test_signals_work_without_descriptors(server: WebsocketsServer, tmp_path: Path) -> None:
    process = limited(tmp_path, server.url("/ws-echo"), "-u", "300", "-d", "60s")
    # More sessions than there are descriptors for have begun.
    sessions = server.journal.sessions
    server.journal.wait_until(lambda: len(sessions) > 128, "129 sessions", patience=20)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 105, err
    assert time.monotonic() - started < 10


@pytest.mark.keeps_threads(1)
def test_a_name_that_cannot_be_asked_for_says_why() -> None:
    """The system's resolver finds no host where it can open no file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ws.connect("ws://127.0.0.1:1/", close)
    held: list[socket.socket] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        while True:
            try:
                held.append(socket.socket())
            except OSError:
                break
        response = ws.connect("ws://some-host.test:1/", close)
        raw = Socket()
        with pytest.raises(TCPError) as caught:
            raw.connect(1, "127.0.0.1").wait()
    finally:
        for one in held:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert response.error == "lookup some-host.test: too many open files"
    assert caught.value.cause == "no_fds"
