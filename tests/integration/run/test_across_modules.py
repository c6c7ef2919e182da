"""Promises that hold across modules: tags of runs and scenarios, wrong calls, operations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import check, group, ws
from k6ws._loop import Operation, current
from k6ws.tcp import Socket, TCPError
from support.runs import run_once
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer, listen


@pytest.mark.parity("missing-arguments-raise")
@pytest.mark.parametrize(
    "call",
    [
        lambda: group(),  # type: ignore[call-overload]
        lambda: group("x", "wat"),  # type: ignore[call-overload]
        lambda: ws.connect("ws://127.0.0.1:1/"),  # type: ignore[call-overload]
    ],
)
def test_a_call_without_its_function_raises(call: Any) -> None:
    result = k6ws.run(lambda: call(), iterations=1)
    assert len(result.exceptions) == 1
    assert result.metrics["iterations"].count == 1


@pytest.mark.parity("tags-of-run-call-and-group")
def test_tags_of_the_run_the_call_and_the_group_are_on_every_sample(
    tmp_path: Path, server: WebsocketsServer
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import check, group, ws\n"
        "options = {'vus': 2, 'iterations': 3}\n"
        "def session(socket):\n"
        "    socket.on('open', lambda: socket.send('test'))\n"
        "    socket.on('message', lambda m: socket.close())\n"
        "def default():\n"
        "    with group('websockets'):\n"
        f"        r = ws.connect({server.url('/ws-echo')!r}, {{'tags': {{'over': 'call'}}}}, session)\n"
        "        check(r, {'status is 101': lambda r: r.status == 101})\n"
    )
    result = k6ws.run(script, tags={"run": "yes", "over": "run"})
    for metric in ("ws_sessions", "ws_msgs_sent", "ws_msgs_received", "ws_session_duration"):
        [(tags, values)] = result.series(metric)
        assert values["count"] == 3, metric
        assert (tags["run"], tags["over"], tags["group"], tags["scenario"]) == (
            "yes",
            "call",
            "::websockets",
            "default",
        )
    [(tags, values)] = result.series("checks")
    assert (tags["check"], tags["over"], values["passes"]) == ("status is 101", "run", 3)
    assert result.metrics["data_sent"].count > 0
    assert result.metrics["data_received"].count > 0
    assert [name for name in result.metrics if name.startswith("http")] == []


@pytest.mark.parity("tags-of-a-scenario")
def test_tags_of_a_scenario_do_not_cross_to_another(server: WebsocketsServer) -> None:
    def default() -> None:
        ws.connect(server.url("/ws-echo"), lambda socket: socket.close(), tags={"call": "c"})

    once = {"executor": "per-vu-iterations", "vus": 1, "iterations": 1}
    scenarios: Any = {
        "one": {**once, "tags": {"test": "first", "only": "one"}},
        "two": {**once, "tags": {"test": "second"}},
    }
    result = k6ws.run(default, scenarios=scenarios)
    found = {
        tags["scenario"]: (tags["test"], tags.get("only"), tags["call"])
        for tags, _ in result.series("ws_sessions")
    }
    assert found == {"one": ("first", "one", "c"), "two": ("second", None, "c")}


@pytest.mark.parity("operation-ends-once")
def test_an_operation_ends_once() -> None:
    operation: Operation[int] = Operation(current(), "test")
    operation._settle(1)
    operation._settle(2)
    operation._fail(ValueError("too late"), is_handled=True)
    assert (operation.wait(), operation.done()) == (1, True)


@pytest.mark.parity("tcp-address-as-dialled")
@pytest.mark.parametrize(
    ("host", "shown"), [("127.0.0.1", "127.0.0.1:1"), ("::1", "[::1]:1"), ("localhost", ":1")]
)
@pytest.mark.keeps_threads(1)
def test_addresses_are_shown_as_they_are_dialled(host: str, shown: str) -> None:
    def default() -> None:
        with pytest.raises(TCPError) as caught:
            Socket().connect(1, host).wait()
        assert shown in caught.value.message

    run_once(default)


@pytest.mark.parity("tcp-last-idle-time-holds")
def test_the_last_of_many_idle_times_holds() -> None:
    story: list[str] = []
    with TcpServer(listen) as server:

        def default() -> None:
            socket = Socket()
            socket.on("timeout", lambda: (story.append("timeout"), socket.destroy()))
            for ms in range(60_000, 60_100):
                socket.set_timeout(ms)
            socket.connect(server.port, "127.0.0.1").wait()
            socket.set_timeout(20)

        run_once(default)
    assert story == ["timeout"]


@pytest.mark.parity("tcp-sockets-side-by-side", "tcp-write-needs-a-connection")
def test_many_sockets_of_many_vus_do_not_disturb_each_other() -> None:
    with TcpServer() as server:

        def default() -> None:
            got: list[bytes] = []
            for number in range(20):
                socket = Socket()
                with pytest.raises(TCPError, match="no active connection"):
                    socket.write("early").wait()

                def data(piece: bytes, socket: Socket = socket, number: int = number) -> None:
                    got.append(piece)
                    check(piece, {"is its own": piece == str(number).encode()})
                    socket.destroy()

                socket.on("data", data)
                socket.on("connect", lambda socket=socket, n=number: socket.write(str(n)))
                socket.on("connect", lambda s=socket, n=number: s.write(str(n)))
                socket.connect(server.port, "127.0.0.1")

        result = run_once(default, vus=10, iterations=20)
    assert result.checks["is its own"].passes == 400
    assert result.checks["is its own"].fails == 0


def test_deprecated_names_are_shown_by_the_command_line(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from k6ws.experimental import timers\ndef default(): pass\n")
    command = [sys.executable, "-m", "k6ws", "run", "-q", str(script)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert "k6ws.experimental.timers is now k6ws.timers" in ran.stderr
