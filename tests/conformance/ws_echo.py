"""A script for the fuzzing server of the Autobahn suite: `k6ws.ws` echoes what it is sent."""

from __future__ import annotations

from typing import Any

from k6ws import env, execution, ws

URL = env["AUTOBAHN_URL"]
AGENT = env["AUTOBAHN_AGENT"]
COMPRESSION = env.get("AUTOBAHN_COMPRESSION", "")

options = {
    "scenarios": {
        "cases": {
            "executor": "shared-iterations",
            "vus": 3,
            "iterations": int(env["AUTOBAHN_CASES"]),
            "maxDuration": "30m",
        }
    }
}


def default() -> None:
    number = execution.scenario.iteration_in_test + 1
    params: dict[str, Any] = {"compression": {"algorithm": "deflate"}} if COMPRESSION else {}
    ws.connect(f"{URL}/runCase?case={number}&agent={AGENT}", params, _echo)


def teardown() -> None:
    ws.connect(f"{URL}/updateReports?agent={AGENT}", lambda socket: None)


def _echo(socket: ws.Socket) -> None:
    socket.on("message", socket.send)
    socket.on("binaryMessage", socket.send_binary)
    # Many cases are violations that end the connection: the suite judges how.
    socket.on("error", lambda _error: None)
