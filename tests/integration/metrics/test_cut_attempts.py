"""Attempts that nobody waits for any more: each is counted, opened or failed, whoever ended it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import k6ws
from k6ws import execution, ws
from k6ws.tcp import Socket
from k6ws.websockets import WebSocket
from support import frames
from support.journal import PATIENCE_S
from support.runs import total
from support.servers import ScriptedServer, hang, read_frame, read_request, read_to_end, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VUS = 3


@pytest.fixture
def silent() -> Iterator[ScriptedServer]:
    """Takes connections and never answers a request; nor does it speak TLS."""
    with ScriptedServer([hang]) as server:
        yield server


def functions(server: ScriptedServer) -> dict[str, Callable[[], object]]:
    async def connect_async() -> None:
        await ws.aconnect(server.url(), lambda _: None)

    def connect_tls() -> None:
        Socket({"tls": True}).connect(server.port, "127.0.0.1").wait()

    return {
        "connect": lambda: ws.connect(server.url(), lambda _: None),
        "aconnect": connect_async,
        "WebSocket": lambda: WebSocket(server.url()),
        "wss": lambda: ws.connect(server.url().replace("ws:", "wss:"), lambda _: None),
        "tcp": connect_tls,
    }


def failed(result: k6ws.Result, api: str) -> float:
    """How many attempts were counted as cut, after checking that no other was counted as anything else."""
    if api == "tcp":
        cut = total(result, "tcp_errors", error="cut")
        assert (total(result, "tcp_errors"), total(result, "tcp_sockets")) == (cut, 0)
        assert total(result, "tcp_socket_duration") == 0
        return cut
    cut = total(result, "ws_connect_failed", error="cut")
    assert total(result, "ws_connect_failed") == total(result, "ws_sessions") == cut
    # What nobody waited for says nothing of the server.
    assert "ws_connecting" not in result.metrics
    assert "ws_upgrade" not in result.metrics
    return cut


@pytest.mark.parametrize("api", ["connect", "aconnect", "WebSocket", "wss", "tcp"])
def test_attempts_that_the_end_of_a_scenario_cuts_are_counted(
    silent: ScriptedServer, api: str
) -> None:
    cut: Any = {"executor": "constant-vus", "vus": VUS, "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(functions(silent)[api], scenarios={"cut": cut})
    assert failed(result, api) == VUS
    [failure] = result.to_dict()["run"]["connection_failures"]
    phase = "tls" if api in {"wss", "tcp"} else "upgrade"
    assert (failure["cause"], failure["count"]) == ("cut", VUS)
    assert f"cut in the {phase} phase" in failure["message"]


def test_so_are_those_that_an_abort_cuts(silent: ScriptedServer) -> None:
    def default() -> None:
        WebSocket(silent.url())
        k6ws.timers.set_timeout(lambda: execution.test.abort("enough"), 50)

    assert failed(k6ws.run(default), "WebSocket") == 1


def test_so_are_those_that_a_signal_cuts(silent: ScriptedServer, tmp_path: Path) -> None:
    script, export = tmp_path / "script.py", tmp_path / "summary.json"
    call = f"ws.connect({silent.url()!r}, lambda socket: None)"
    script.write_text(f"from k6ws import ws\n\ndef default():\n    {call}\n")
    words = ["run", "-u2", "-d60s", f"--summary-export={export}", script]
    process = subprocess.Popen(
        [sys.executable, "-m", "k6ws", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    silent.peer(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 105
    assert json.loads(export.read_text())["metrics"]["ws_connect_failed"]["values"]["count"] == 2


def test_one_that_its_script_gives_up_is_one_of_them(silent: ScriptedServer) -> None:
    def default() -> None:
        socket = WebSocket(silent.url())
        k6ws.timers.set_timeout(socket.close, 50)

    assert failed(k6ws.run(default), "WebSocket") == 1


def test_a_refusal_that_comes_as_its_vu_is_cut_keeps_its_cause() -> None:
    """An attempt has one outcome, whichever of the two is first."""

    def reset(peer: Any) -> None:
        read_request(peer)
        peer.stopping.wait(0.95)

    with ScriptedServer([reset]) as server:
        cut: Any = {"executor": "constant-vus", "vus": 20, "duration": "1s", "gracefulStop": "0s"}
        result = k6ws.run(functions(server)["connect"], scenarios={"cut": cut})
    assert total(result, "ws_sessions") == total(result, "ws_connect_failed")
    causes = {tags["error"] for tags, _ in result.series("ws_connect_failed")}
    assert causes <= {"cut", "eof", "reset"}


@pytest.mark.parametrize("api", ["connect", "WebSocket"])
def test_a_close_that_is_under_way_is_cut_short(api: str) -> None:
    """The peer sees the end with the run, whatever `close_timeout` says."""
    params: k6ws.Params = {"close_timeout": "60s"}
    with ScriptedServer([upgrade(), read_frame(frames.CLOSE), read_to_end]) as server:

        def default() -> None:
            if api == "connect":
                ws.connect(server.url(), params, lambda socket: socket.close())
            else:
                socket = WebSocket(server.url(), None, params)
                socket.onopen = lambda: socket.close()

        cut: k6ws.Scenario = {"executor": "constant-vus", "duration": "1s", "gracefulStop": "0s"}
        result = k6ws.run(default, scenarios={"cut": cut})
        assert server.peer().wait_end() == "fin"
    [(tags, values)] = result.series("ws_closes")
    assert (tags["code"], values["count"]) == ("1006", 1)
    assert total(result, "ws_session_duration") == 1
    assert result.metrics["ws_active"].value == 0
