"""Requests and their replies, wherever the script runs and whatever carries them."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

import k6ws
from k6ws.correlate import by, in_order
from k6ws.errors import DuplicateKey, MissingKey
from k6ws.match import json as match_json
from support.loop_server import LoopServer
from support.requests import ask, assert_accounts
from support.speaking import PLACES, TRANSPORTS, Open, outcome, params, service, speak

EXCHANGES = 10_000


def is_a(reply: Any) -> bool:
    return reply["id"] == "a"


def fails(reply: Any) -> bool:
    raise LookupError(reply)


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def asked(transport: str) -> Iterator[LoopServer]:
    with service(transport) as running:
        yield running


@pytest.mark.parametrize("place", PLACES)
def test_a_reply_finds_its_request(place: str, transport: str, asked: LoopServer) -> None:
    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open(**params(transport, correlate=by("/id"))) as session:
            reply = await session.request(ask(1), "one")
            assert json.loads(reply)["of"]["id"] == 1
            started = [session.start(ask(number, "hold"), "held") for number in range(2, 40)]
            assert not any(one.done for one in started)
            await session.request(ask(40, "flush"), "flush")
            for number, one in enumerate(started, 2):
                first, second = await outcome(one), await outcome(one)
                assert first is second
                assert json.loads(first)["id"] == number
                assert (one.done, one.failed) == (True, None)
            both = await session.request_all([(ask(50), "a"), (ask(51), "b", {"timeout": "5s"})])
            assert [json.loads(one)["id"] for one in both] == [50, 51]
            pushes = [json.loads(await session.recv())["push"] for _ in started]
            assert pushes == list(range(len(started)))

    speak(place, asked, body)


def number_of(message: str) -> int:
    return json.loads(message)["id"]


@pytest.mark.parametrize("place", PLACES)
def test_replies_are_known_by_what_was_said_last(
    place: str, transport: str, asked: LoopServer
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport)) as session:
            with pytest.raises(TypeError, match="correlate takes by"):
                session.correlate("/id")
            with pytest.raises(k6ws.K6Error, match="match"):
                session.start(ask(1), "one")
            session.correlate(in_order())
            assert json.loads(await session.request(ask(2), "two"))["of"]["id"] == 2
            for keys in (by("/id"), by(number_of)):
                session.correlate(keys)
                # They are answered in random order: only its key tells whose a reply is.
                started = [session.start(ask(number, "hold"), "held") for number in range(3, 13)]
                await session.request(ask(13, "flush"), "flush")
                ids = [json.loads(await outcome(one))["id"] for one in started]
                assert ids == list(range(3, 13))

    speak(place, asked, body)


@pytest.mark.parametrize("place", PLACES)
def test_with_a_codec_replies_are_objects(place: str, transport: str, asked: LoopServer) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        how = params(transport, correlate=by("/id"), codec="json")
        async with open(**how) as session:
            reply = await session.request(
                {"id": "a", "do": "parts", "n": 3}, "parts", done={"/last": True}
            )
            assert (reply["part"], reply["last"]) == (2, True)
            parts = await session.request(
                {"id": "a", "do": "parts", "n": 3}, "parts", done={"/last": True}, many=True
            )
            assert [one["part"] for one in parts] == [0, 1, 2]
            checks: list[Any] = [
                match_json({"/id": "a"}),
                is_a,
                {"is a": {"/id": "a"}},
            ]
            for check in checks:
                assert (await session.request({"id": "a"}, "a", check=check))["id"] == "a"
            reply = await session.request({"id": 1}, "own", match={"/id": 1})
            assert reply["id"] == 1

    speak(place, asked, body)


@pytest.mark.parametrize("place", PLACES)
def test_in_order(place: str, transport: str, asked: LoopServer) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=in_order(where={"/id": 7}))) as session:
            started = [session.start(ask(7, "push", n=2, turn=turn), "x") for turn in range(50)]
            turns = [json.loads(await outcome(one))["of"]["turn"] for one in started]
            assert turns == list(range(50))
            assert json.loads(await session.recv())["push"] == 0

    speak(place, asked, body)


@pytest.mark.parametrize("place", PLACES)
def test_each_way_to_fail(place: str, transport: str, asked: LoopServer) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=by("/id"))) as session:
            with pytest.raises(k6ws.RequestFailed) as caught:
                await session.request(ask(1, "lose"), "lost", timeout="30ms")
            assert (caught.value.error, caught.value.name, caught.value.reply) == (
                "timeout",
                "lost",
                None,
            )
            assert await session.request(ask(2, "lose"), "lost", timeout="1ms", default="x") == "x"
            assert await session.request(ask(3, "lose"), "lost", timeout=0, default="x") == "x"
            with pytest.raises(k6ws.RequestFailed) as caught:
                await session.request(ask(4), "wrong", check={"is 5": {"/id": 5}})
            assert caught.value.error == "check"
            assert json.loads(caught.value.reply)["id"] == 4
            with pytest.raises(k6ws.RequestFailed) as caught:
                await session.request(ask(5), "raises", check=fails)
            assert caught.value.error == "check"
            assert isinstance(caught.value.__cause__, LookupError)
            with pytest.raises(k6ws.RequestFailed) as caught:
                await session.request_all([(ask(6), "a"), (ask(7, "lose"), "b")], timeout="50ms")
            good, bad = caught.value.replies
            assert json.loads(good)["id"] == 6
            assert (bad.error, bad.name) == ("timeout", "b")
            under_way = [session.start(ask(number, "hold"), "held") for number in range(10, 15)]
            lost = [session.start(ask(number, "lose"), "lost") for number in range(20, 25)]
            lost.append(session.start(ask(30, "close"), "close"))
            for one in under_way:
                await outcome(one)
            for one in lost:
                with pytest.raises(k6ws.RequestFailed) as caught:
                    await outcome(one)
                assert (caught.value.error, one.failed, one.done) == ("closed", "closed", True)
            with pytest.raises(k6ws.RequestFailed) as caught:
                await session.request(ask(99), "after")
            assert caught.value.error == "closed"
            assert session.start(ask(98), "after").failed == "closed"

    result = speak(place, asked, body)
    if result is not None:
        assert_accounts(result, transport)


@pytest.mark.parametrize("place", PLACES)
def test_mistakes_of_the_script_make_no_request(
    place: str, transport: str, asked: LoopServer
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=by("/id"))) as session:
            for wrong in (
                "no json",
                '{"other": 1}',
                json.dumps({"id": "x" * 1025}),
                "",
                '{"id": [1]}',
            ):
                with pytest.raises((MissingKey, k6ws.InvalidParameter)):
                    await session.request(wrong, "wrong")
                with pytest.raises((MissingKey, k6ws.InvalidParameter)):
                    session.start(wrong, "wrong")
            first = session.start(ask(1, "hold"), "held")
            with pytest.raises(DuplicateKey):
                await session.request(ask(1), "again")
            lost = session.start(ask(2, "hold"), "held", timeout="1ms")
            with pytest.raises(k6ws.RequestFailed):
                await outcome(lost)
            with pytest.raises(DuplicateKey):
                session.start(ask(2), "late key")
            with pytest.raises(TypeError):
                await session.request(ask(3), None)
            with pytest.raises(TypeError):
                await session.request(ask(3), "x", timeout=1.5)
            with pytest.raises(k6ws.InvalidParameter):
                await session.request(ask(3), "x", many=True)
            with pytest.raises(k6ws.InvalidParameter, match="key= and match="):
                session.start(ask(3), "x", key=3, match={"/id": 3})
            with pytest.raises(TypeError):
                await session.request(ask(3), "x", check=7)
            with pytest.raises(TypeError):
                session.start(None, "x")
            await session.request(ask(5, "flush"), "flush")
            await outcome(first)
            await session.request(ask(2), "free again")
        async with open(**params(transport)) as session:
            with pytest.raises(k6ws.K6Error, match="correlate"):
                await session.request(ask(1), "x")

    result = speak(place, asked, body)
    if result is not None:
        assert assert_accounts(result, transport) == {"timeout": 1}
        assert result.metrics[f"{transport}_reqs"]["count"] == 4
        assert result.metrics[f"{transport}_req_late"]["count"] == 1


@pytest.mark.parametrize("place", ["vu", "async vu"])
def test_r1_ten_thousand_replies_in_random_order(
    place: str, transport: str, asked: LoopServer
) -> None:
    """R1: among pushes, on one connection; 0 mismatches."""

    async def body(open: Open) -> None:  # noqa: A002
        async with open(
            **params(transport, correlate=by("/id"), recv_timeout="60s", max_buffered=1 << 26)
        ) as session:
            numbers = list(range(EXCHANGES))
            random.Random(3).shuffle(numbers)
            started = {number: session.start(ask(number, "hold"), "held") for number in numbers}
            await session.request(ask(EXCHANGES, "flush"), "flush")
            for number, one in started.items():
                assert json.loads(await outcome(one))["id"] == number

    result = speak(place, asked, body)
    assert result is not None
    assert assert_accounts(result, transport) == {}
    assert result.metrics[f"{transport}_reqs"]["count"] == EXCHANGES + 1


def test_several_await_one_reply(asked: LoopServer, transport: str) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=by("/id"))) as session:
            one = session.start(ask(1, "hold"), "held")

            async def wait() -> str:
                return await one

            waiting = [asyncio.create_task(wait()) for _ in range(5)]
            given_up = asyncio.create_task(wait())
            await asyncio.sleep(0)
            given_up.cancel()
            await session.request(ask(2, "flush"), "flush")
            assert len(set(await asyncio.gather(*waiting))) == 1
            task = asyncio.create_task(session.request(ask(3), "in a task"))
            assert json.loads(await task)["id"] == 3

    speak("asyncio", asked, body)
    speak("async vu", asked, body)
