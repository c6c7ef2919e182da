"""A script for the fuzzing server of the Autobahn suite: `k6ws.ws` echoes what it is sent."""

from __future__ import annotations

from k6ws import env, execution, ws

URL = env["AUTOBAHN_URL"]
AGENT = env["AUTOBAHN_AGENT"]

options = {
    "scenarios": {
        "cases": {
            "executor": "shared-iterations",
            "vus": 3,
            "iterations": int(env["AUTOBAHN_CASES"]),
            "maxDuration": "60m",
        }
    }
}


def default() -> None:
    number = execution.scenario.iteration_in_test + 1
    # The suite accepts it in groups 12 and 13, and has to be understood where it declines.
    ws.connect(
        f"{URL}/runCase?case={number}&agent={AGENT}", _echo, compression={"algorithm": "deflate"}
    )


def teardown() -> None:
    ws.connect(f"{URL}/updateReports?agent={AGENT}", lambda socket: None)


def _echo(socket: ws.Socket) -> None:
    socket.on("message", socket.send)
    socket.on("binaryMessage", socket.send_binary)
    # Many cases are violations that end the connection: the suite judges how.
    socket.on("error", lambda _error: None)
