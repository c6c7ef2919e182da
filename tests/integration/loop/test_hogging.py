"""One VU that hogs the interpreter does not make the others late at the protocol."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import k6ws
from k6ws import ws

METER = Path(__file__).parents[2] / "support" / "pong_meter.py"
IDLE = 200
HOG_S = 3.0
PING_INTERVAL_S = 0.1


def block() -> None:
    """A library that waits without telling anyone."""
    time.sleep(HOG_S)


def compute() -> None:
    """A loop that never lets go of the interpreter by itself."""
    deadline = time.monotonic() + HOG_S
    number = 0
    while time.monotonic() < deadline:
        number = (number * 31 + 7) % 1_000_003


@pytest.fixture
def meter() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(METER), str(IDLE + 1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("hog", [block, compute])
def test_pongs_leave_in_time_while_a_handler_hogs(
    meter: subprocess.Popen[str], hog: Callable[[], None]
) -> None:
    assert meter.stdout is not None
    url = meter.stdout.readline().strip()
    roles = iter(["hog", *["idle"] * IDLE])
    codes: list[int] = []

    def hogging(socket: ws.Socket) -> None:
        socket.on("close", codes.append)
        socket.send("ready?")

        def announce() -> None:
            socket.send("hog")
            # The next handler hogs, so that the announcement has left before it.
            socket.set_timeout(lambda: (hog(), socket.send("done")), 20)

        socket.on("message", announce)

    def idle(socket: ws.Socket) -> None:
        socket.on("close", codes.append)

    def default() -> None:
        role = next(roles)
        ws.connect(url, hogging if role == "hog" else idle)

    result = k6ws.run(default, vus=IDLE + 1, iterations=IDLE + 1)
    measured = json.loads(meter.stdout.readline())
    assert result.exceptions == []
    assert result.metrics["ws_sessions"].count == IDLE + 1
    assert codes == [1000] * (IDLE + 1)
    assert measured["unanswered"] == 0
    assert len(measured["idle_s"]) >= IDLE * HOG_S / PING_INTERVAL_S / 2
    assert statistics.quantiles(measured["idle_s"], n=20)[-1] <= 0.05
    assert max(measured["idle_s"]) <= 0.5
    assert max(measured["hog_s"]) <= 0.5  # its own connection is looked after too
