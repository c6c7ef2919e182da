"""`sleep` takes seconds, waits at least that long, and can be cut short."""

from __future__ import annotations

import math
import time
from datetime import timedelta
from typing import Any

import pytest

import k6ws
from k6ws import sleep, ws
from support.runs import run_once
from support.servers import WebsocketsServer
from support.transcript import Transcript


@pytest.mark.parity("sleep-lasts")
def test_sleep_lasts_at_least_its_seconds() -> None:
    elapsed: list[float] = []

    def default() -> None:
        started = time.monotonic()
        sleep(1)
        elapsed.append(time.monotonic() - started)

    run_once(default)
    assert len(elapsed) == 1
    assert 1 <= elapsed[0] < 2


@pytest.mark.parity("sleep-ends-with-the-run")
def test_the_end_of_the_run_cuts_a_sleep_short_without_an_error() -> None:
    scenario: Any = {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}
    started = time.monotonic()
    result = k6ws.run(lambda: sleep(10), scenarios={"cut": scenario})
    assert time.monotonic() - started < 3
    assert result.exceptions == []
    assert result.exit_code == 0


@pytest.mark.parametrize("seconds", [(-1,), (0,), (math.nan,), ("soon",), (None,), ()])
def test_what_is_no_positive_number_of_seconds_returns_at_once(seconds: tuple[Any, ...]) -> None:
    elapsed: list[float] = []

    def default() -> None:
        snooze: Any = sleep
        started = time.monotonic()
        snooze(*seconds)
        elapsed.append(time.monotonic() - started)

    run_once(default)
    assert len(elapsed) == 1
    assert elapsed[0] < 0.5


@pytest.mark.parametrize("time_with_a_unit", ["300ms", "0.3s", "0.3", timedelta(seconds=0.3)])
def test_a_time_may_have_a_unit_of_its_own(time_with_a_unit: Any) -> None:
    elapsed: list[float] = []

    def default() -> None:
        started = time.monotonic()
        sleep(time_with_a_unit)
        elapsed.append(time.monotonic() - started)

    run_once(default)
    assert 0.3 <= elapsed[0] < 1.3


def test_sleeping_vus_do_not_hold_each_other_up() -> None:
    started = time.monotonic()
    result = run_once(lambda: sleep(0.5), vus=20, iterations=20)
    assert time.monotonic() - started < 2
    assert result.metrics["iterations"].count == 20


def test_sleeping_in_a_handler_holds_back_only_the_events_of_that_vu(
    server: WebsocketsServer,
) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        def slowly(message: str) -> None:
            sleep(0.1)
            transcript.note(f"woke after {message}")
            if message == "two":
                socket.close()

        socket.on("open", lambda: (socket.send("one"), socket.send("two")))
        socket.on("message", slowly)

    ws.connect(server.url("/ws-echo-multi"), transcript.before(session))
    assert transcript.events == [
        ("open",),
        ("message", "one"),
        ("woke after one",),
        ("message", "two"),
        ("woke after two",),
        ("close", 1001),
    ]
