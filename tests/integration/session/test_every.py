"""Messages that a session sends again and again, and requests of them, which keep their plan."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any

import pytest

import k6ws
from k6ws import _core, match, ws
from k6ws.correlate import by, in_order
from support.requests import ask, assert_accounts
from support.runs import run_once
from support.speaking import PLACES, TRANSPORTS, Open, params, service, speak

INTERVAL_MS, HELD_MS = 10, 200


@pytest.mark.parametrize("place", PLACES)
def test_every(place: str, echo: _core.EchoServer) -> None:
    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open() as session:
            beat = session.every("5ms", "beat")
            numbers = iter(range(100))
            counted = session.every("5ms", lambda: None if (n := next(numbers)) == 1 else f"n{n}")
            for _ in range(3):
                assert await session.recv("beat") == "beat"
            beat.stop()
            beat.stop()
            for number in (0, 2, 3):
                assert await session.recv(match.starts_with("n")) == f"n{number}"
            counted.stop()
            last = session.every("1ms", "never stopped")
        assert last is not None

    speak(place, echo.url(), body)


@pytest.mark.parametrize("is_async", [False, True])
def test_every_whose_function_raises_fails_its_iteration(
    echo: _core.EchoServer, *, is_async: bool
) -> None:
    def default() -> None:
        with ws.open(echo.url()) as session:
            session.every("1ms", lambda: 1 / 0)
            session.recv(timeout="5s", default=None)

    async def adefault() -> None:
        async with ws.aopen(echo.url()) as session:
            session.every("1ms", lambda: 1 / 0)
            await session.recv(timeout="5s", default=None)

    result = k6ws.run(adefault if is_async else default, vus=1, iterations=1)
    assert [one.type for one in result.exceptions] == ["ZeroDivisionError"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_with_a_name_each_is_a_request(place: str, transport: str) -> None:
    """Nobody waits for it, its reply reaches nobody else, and who does wait asks in between."""
    made: list[int] = []

    def question() -> str:
        made.append(len(made))
        return ask(made[-1])

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=by("/id"))) as session:
            beat = session.every("2ms", question, "beat")
            numbers = count(1000)
            while len(made) < 5:
                number = next(numbers)
                assert json.loads(await session.request(ask(number), "own"))["id"] == number
            beat.stop()
            # In order: so all before it are answered.
            await session.request(ask(next(numbers)), "own")

    with service(transport) as asked:
        result = speak(place, asked, body, summary_trend_stats=["max", "count"])
    if result is None:
        return
    assert assert_accounts(result, transport) == {}
    for metric in ("req_duration", "req_planned_duration"):
        found = [
            values["count"]
            for tags, values in result.series(f"{transport}_{metric}")
            if tags["name"] == "beat"
        ]
        assert found == [len(made)]
    planned = result.series(f"{transport}_req_planned_duration")
    assert [tags["name"] for tags, _ in planned] == ["beat"]


def test_requests_that_came_due_while_handlers_kept_the_loop_are_all_made(
    echo: _core.EchoServer,
) -> None:
    """The wait is in the time from the plan and in no other; without a name they are one message."""

    def default() -> None:
        with ws.open(echo.url(), correlate=in_order(where=match.equals("asked"))) as session:
            beats = [
                session.every(f"{INTERVAL_MS}ms", "asked", "asked"),
                session.every(f"{INTERVAL_MS}ms", "said"),
            ]
            time.sleep(HELD_MS / 1000)
            assert session.recv("said") == "said"
            for beat in beats:
                beat.stop()
            session.request("asked", "last")  # and so all before it are answered

    result = run_once(default, summary_trend_stats=["max", "count"])
    made = result.metrics["ws_reqs"]["count"]
    assert made > HELD_MS / INTERVAL_MS
    assert result.metrics["ws_msgs_sent"]["count"] - made < made / 2
    [(tags, planned)] = result.series("ws_req_planned_duration")
    assert (tags["name"], planned["count"]) == ("asked", made - 1)
    assert planned["max"] >= HELD_MS - 2 * INTERVAL_MS > 0.5 * HELD_MS
    assert result.metrics["ws_req_duration"].max < planned["max"]


@pytest.mark.parametrize("name", [7, b"x", True])
def test_a_name_is_text(name: Any, echo: _core.EchoServer) -> None:
    with ws.open(echo.url(), correlate=in_order()) as session, pytest.raises(TypeError):
        session.every("1s", "x", name)
