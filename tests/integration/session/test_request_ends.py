"""Whatever ends a request: it is recorded once, and made = answered + failed."""

from __future__ import annotations

import json
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws.correlate import by, in_order
from support.requests import ask, assert_accounts
from support.runs import run_once
from support.speaking import PLACES, TRANSPORTS, Open, outcome, params, service, speak

BY_ID = by("/id")


def has_of(reply: Any) -> bool:
    return "of" in reply


@pytest.mark.parametrize("place", ["vu", "async vu"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_thousands_under_way_when_the_server_is_killed(place: str, transport: str) -> None:
    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open(**params(transport, correlate=BY_ID, recv_timeout="60s")) as session:
            started = [session.start(ask(number, "lose"), "lost") for number in range(3000)]
            await session.request(ask(3000), "answered")
            session.start(ask(3001, "reset"), "last")
            for one in started:
                with pytest.raises(k6ws.RequestFailed, match="closed"):
                    await outcome(one)

    with service(transport) as asked:
        result = speak(place, asked, body)
    assert result is not None
    assert assert_accounts(result, transport) == {"closed": 3001}
    assert result.metrics[f"{transport}_reqs"]["count"] == 3002


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("is_async", [False, True])
def test_a_cut_vu_records_what_was_under_way(transport: str, *, is_async: bool) -> None:
    def default() -> None:
        with make(*where, **how) as session:
            session.request(ask(0), "answered")
            for number in range(1, 5):
                session.start(ask(number, "lose"), "lost")
            session.request(ask(5, "lose"), "lost")

    async def adefault() -> None:
        async with make(*where, **how) as session:
            await session.request(ask(0), "answered")
            for number in range(1, 5):
                session.start(ask(number, "lose"), "lost")
            await session.request(ask(5, "lose"), "lost")

    how = params(transport, correlate=BY_ID, recv_timeout=None)
    with service(transport) as asked:
        where: tuple[Any, ...] = (
            (asked.url("/"),) if transport == "ws" else ("127.0.0.1", asked.port)
        )
        module: Any = ws if transport == "ws" else tcp
        make = module.aopen if is_async else module.open
        scenario: k6ws.Scenario = {
            "executor": "constant-vus",
            "vus": 2,
            "duration": "1s",
            "gracefulStop": "0s",
        }
        result = k6ws.run(adefault if is_async else default, scenarios={"one": scenario})
    assert assert_accounts(result, transport) == {"cut": 10}
    assert result.metrics[f"{transport}_reqs"]["count"] == 12


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_replies_before_the_peers_close_still_count(place: str, transport: str) -> None:
    """With a check in Python too: the end of the session is known before it was asked."""

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=BY_ID)) as session:
            checks: list[Any] = [None, has_of]
            held = [
                session.start(ask(number, "hold"), "held", check=checks[number % 2])
                for number in range(100)
            ]
            last = session.start(ask(200, "close"), "close")
            for one in held:
                await outcome(one)
            with pytest.raises(k6ws.RequestFailed, match="closed"):
                await outcome(last)

    with service(transport) as asked:
        result = speak(place, asked, body)
    if result is not None:
        assert assert_accounts(result, transport) == {"closed": 1}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", ["vu", "async vu"])
def test_a_late_reply_is_nobodys(transport: str, place: str) -> None:
    """R1: no reply in time is exactly one `ws_req_failed` with the error `timeout`."""

    async def body(open: Open) -> None:  # noqa: A002
        how = params(transport, correlate=in_order(where={"/of/do": "hold"}))
        async with open(**how) as session:
            late = [session.start(ask(n, "hold"), "late", timeout="20ms") for n in range(3)]
            for one in late:
                with pytest.raises(k6ws.RequestFailed, match="timeout"):
                    await outcome(one)
            good = [session.start(ask(n, "hold"), "good") for n in range(3, 6)]
            await session.request(ask(9, "flush"), "flush", match={"/id": 9})
            # In random order: what counts is that three were late, and the others in their places.
            assert {json.loads(await outcome(one))["of"]["do"] for one in good} == {"hold"}

    with service(transport) as asked:
        result = speak(place, asked, body)
    assert result is not None
    assert assert_accounts(result, transport) == {"timeout": 3}
    assert result.metrics[f"{transport}_req_late"]["count"] == 3


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_second_reply_is_a_message_like_any_other(transport: str, place: str) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=BY_ID)) as session:
            reply = await session.request(ask(1, "twice"), "twice")
            assert await session.recv() == reply

    with service(transport) as asked:
        speak(place, asked, body)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_flood_that_nobody_reads_is_not_in_the_way(transport: str, place: str) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=BY_ID)) as session:
            await session.request(ask(1, "push", n=5000), "flooded")
            assert json.loads(await session.recv())["push"] > 0

    with service(transport) as asked:
        result = speak(place, asked, body)
    if result is not None:
        assert result.metrics[f"{transport}_msgs_unhandled"]["count"] >= 5000 - 1024


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("is_async", [False, True])
def test_a_reader_that_asks_does_not_wait_for_itself(transport: str, *, is_async: bool) -> None:
    """The peer waits for a slow reader, but for none who waits for a reply."""

    def default() -> None:
        with make(*where, **how) as session:
            session.send(ask(0))
            for _ in session:
                session.request(ask(1, "push", n=5000), "flooded")
                break

    async def adefault() -> None:
        async with make(*where, **how) as session:
            await session.send(ask(0))
            async for _ in session:
                await session.request(ask(1, "push", n=5000), "flooded")
                break

    how = params(transport, correlate=BY_ID)
    with service(transport) as asked:
        where: tuple[Any, ...] = (
            (asked.url("/"),) if transport == "ws" else ("127.0.0.1", asked.port)
        )
        module: Any = ws if transport == "ws" else tcp
        make = module.aopen if is_async else module.open
        run_once(adefault if is_async else default)
