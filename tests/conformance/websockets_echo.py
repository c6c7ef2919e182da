"""A script for the fuzzing server of the Autobahn suite: `k6ws.websockets` echoes what it is sent.

Three VUs share the cases, as in k6's own run of the suite.
"""

from __future__ import annotations

from collections.abc import Callable

from k6ws import env, execution
from k6ws.websockets import WebSocket

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
    socket = WebSocket(
        f"{URL}/runCase?case={number}&agent={AGENT}", compression={"algorithm": "deflate"}
    )
    socket.binary_type = "arraybuffer"
    socket.onmessage = lambda event: socket.send(event.data)
    # Many cases are violations that end the connection: the suite judges how.
    socket.onerror = _ignore


def teardown() -> None:
    socket = WebSocket(f"{URL}/updateReports?agent={AGENT}")
    socket.onerror = _ignore


_ignore: Callable[[object], None] = lambda _event: None  # noqa: E731
