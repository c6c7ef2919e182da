"""Whether the numbers of a run are the target's: lateness, and what the verdict says of it."""

from __future__ import annotations

import time
from typing import Any

import pytest

import k6ws
from k6ws import _core, sleep, ws
from support.runs import run_once


def work(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def echoing(url: str, seconds: float, *, heavy: bool, is_async: bool = False) -> Any:
    """A function of VUs that exchange messages every few milliseconds; a heavy one works now and then."""

    def session(socket: ws.Socket) -> None:
        def pause_for_thought() -> None:
            work(0.08)

        socket.on("open", lambda: socket.set_interval(lambda: socket.send("x"), 5))
        socket.on("message", lambda _: None)
        if heavy:
            socket.set_interval(pause_for_thought, 200)
        socket.set_timeout(socket.close, seconds * 1000)

    async def waits() -> None:
        await ws.aconnect(url, session)

    return waits if is_async else lambda: ws.connect(url, session)


@pytest.mark.parametrize("is_async", [False, True], ids=["VU", "async VU"])
def test_handlers_that_make_events_late_are_named_with_their_share(
    echo: _core.EchoServer, *, is_async: bool
) -> None:
    result = k6ws.run(echoing(echo.url(), 1.0, heavy=True, is_async=is_async), vus=4, iterations=4)
    assert not result.trustworthy
    # A busy machine may add that sockets were looked at late; the script comes first.
    reason = result.to_dict()["run"]["reasons"][0]
    assert reason.startswith("events waited for the script: ")
    assert "vu_loop_lag" in reason
    assert "pause_for_thought (test_verdict.py:" in reason
    # Four of them, each of 80 ms, one after the other: most events came late.
    lag = result.metrics["vu_loop_lag"]
    assert lag["p(95)"] > 80
    assert result.metrics["driver_lag"]["max"] < lag["max"]


def test_each_event_has_its_sample_and_not_each_batch(echo: _core.EchoServer) -> None:
    total = 5000

    def default() -> None:
        got = 0

        def session(socket: ws.Socket) -> None:
            def count(_: str) -> None:
                nonlocal got
                got += 1
                if got == total:
                    socket.close()

            socket.on("open", lambda: [socket.send("x") for _ in range(total)])
            socket.on("message", count)

        ws.connect(echo.url(), session)

    result = k6ws.run(default, vus=1, iterations=1, summary_trend_stats=["count", "max"])
    assert result.metrics["vu_loop_lag"]["count"] >= total


def test_one_long_message_in_a_calm_run_is_no_doubt(echo: _core.EchoServer) -> None:
    def default() -> None:
        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: socket.send_binary(b"x" * 8_000_000))
            socket.on("binaryMessage", lambda _: socket.close())

        ws.connect(echo.url(), session)

    result = run_once(default)
    assert (result.trustworthy, result.to_dict()["run"]["reasons"]) == (True, [])


def test_starts_after_their_time_are_measured_and_doubted() -> None:
    def default() -> None:
        work(0.03)

    scenario: k6ws.Scenario = {
        "executor": "constant-arrival-rate",
        "rate": 100,
        "duration": "1s",
        "preAllocatedVUs": 10,
        "maxVUs": 10,
    }
    result = k6ws.run(default, scenarios={"s": scenario})
    lateness = result.metrics["iteration_lateness"]
    assert lateness["max"] > 50
    assert not result.trustworthy
    assert any("iteration_lateness" in one for one in result.to_dict()["run"]["reasons"])


def test_only_a_timetable_can_be_late() -> None:
    result = run_once(lambda: sleep(0.01), vus=2, iterations=4)
    assert "iteration_lateness" not in result.metrics


def test_what_the_generator_uses_of_its_core_is_sampled() -> None:
    result = k6ws.run(lambda: work(0.02), vus=1, duration="2500ms")
    used = result.metrics["generator_cpu"]
    # The machine may be busy with other things; nobody uses more than a core.
    assert 0 < used["value"] <= used["max"] <= 100
