"""Which message is the reply, when it was there, and what is asked of it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

import k6ws
from k6ws import framing, match, ws
from k6ws.correlate import by, in_order
from support import frames
from support.requests import ask, assert_accounts
from support.runs import run_once, total
from support.scripted import ScriptedServer, drip, read_frame, read_to_end, send, upgrade
from support.service import WebSocketService
from support.speaking import PLACES, TRANSPORTS, Open, outcome, params, service, speak

BY_ID = by("/id")
PART = 900 << 10


def has_of(reply: Any) -> bool:
    return "of" in reply


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("check", [None, has_of])
def test_a_reply_in_time_is_in_time_however_long_the_script_is_busy(
    transport: str, check: Any
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=BY_ID)) as session:
            await session.request(ask(0), "warm")
            good = [
                session.start(ask(n), "good", timeout="150ms", check=check) for n in range(1, 9)
            ]
            bad = session.start(ask(10, "lose"), "bad", timeout="150ms", check=check)
            begun = time.perf_counter()
            while time.perf_counter() - begun < 0.5:
                pass
            for one in good:
                assert json.loads(await outcome(one))["id"]
            with pytest.raises(k6ws.RequestFailed, match="timeout"):
                await outcome(bad)

    for place in ("vu", "async vu"):
        with service(transport) as asked:
            result = speak(place, asked, body)
        assert result is not None
        assert assert_accounts(result, transport) == {"timeout": 1}


def test_a_reply_in_segments_of_one_byte() -> None:
    reply = frames.text('{"id": 1}')
    steps = [upgrade(), read_frame(frames.TEXT), drip(reply, 0.002), read_to_end]

    def default() -> None:
        with ws.open(server.url(), correlate=BY_ID) as session:
            assert session.request('{"id": 1}', "x") == '{"id": 1}'
            session._source.cut()

    with ScriptedServer(steps) as server:
        result = run_once(default)
    assert result.metrics["ws_req_duration"]["min"] >= 2 * (len(reply) - 1)


def test_what_came_before_the_request_is_no_reply() -> None:
    def default() -> None:
        with ws.open(server.url(), correlate=BY_ID) as session:
            with pytest.raises(k6ws.RequestFailed, match="timeout"):
                session.request('{"id": 1}', "x", timeout="50ms")
            assert session.recv() == '{"id": 1}'
            session._source.cut()

    with ScriptedServer([upgrade(then=frames.text('{"id": 1}')), read_to_end]) as server:
        assert_accounts(run_once(default), "ws")


def test_what_is_known_by_a_match_alone_goes_to_the_next_that_asks_for_it() -> None:
    """Nothing in it says whom it answers: as the page on measuring replies tells."""
    late = [read_frame(frames.TEXT), read_frame(frames.TEXT), send(frames.text("joined 1"))]
    steps = [upgrade(), *late, read_to_end]

    def default() -> None:
        with ws.open(server.url()) as session:
            with pytest.raises(k6ws.RequestFailed, match="timeout"):
                session.request("join 1", "join", match=match.starts_with("joined"), timeout="50ms")
            reply = session.request("join 2", "join", match=match.starts_with("joined"))
            assert reply == "joined 1"
            session._source.cut()

    with ScriptedServer(steps) as server:
        result = run_once(default)
    assert assert_accounts(result, "ws") == {"timeout": 1}
    assert total(result, "ws_req_late") == 0


def test_a_reply_glued_to_the_close() -> None:
    end = frames.text('{"id": 1}') + frames.frame(frames.CLOSE, b"\x03\xe8")
    steps = [upgrade(), read_frame(frames.TEXT), send(end), read_to_end]

    def default() -> None:
        with ws.open(server.url(), correlate=BY_ID) as session:
            other = session.start('{"id": 2}', "other")
            assert session.request('{"id": 1}', "x", check=lambda _: True) == '{"id": 1}'
            with pytest.raises(k6ws.RequestFailed, match="closed"):
                other.wait()

    with ScriptedServer(steps) as server:
        assert assert_accounts(run_once(default), "ws") == {"closed": 1}


def test_a_reply_glued_to_the_close_where_a_rule_is_asked_first() -> None:
    end = frames.text('{"id": 1}') + frames.frame(frames.CLOSE, b"\x03\xe8")
    steps = [upgrade(), read_frame(frames.TEXT), send(end), read_to_end]

    def never(_message: str) -> bool:
        return False

    def default() -> None:
        with ws.open(server.url(), correlate=BY_ID) as session:
            session.ignore(never)
            assert session.request('{"id": 1}', "x") == '{"id": 1}'

    with ScriptedServer(steps) as server:
        assert assert_accounts(run_once(default), "ws") == {}


def is_two(reply: Any) -> bool:
    return reply["id"] == 2


@pytest.mark.parametrize("check", [{"is two": {"/id": 2}}, is_two])
def test_a_wrong_reply_is_shown_however_long_it_is(check: Any) -> None:
    with service("ws") as asked, ws.open(asked.url("/"), codec="json", correlate=BY_ID) as session:
        for text, most in (("why not", 200), ("why not " * 10_000, 400)):
            with pytest.raises(k6ws.RequestFailed, match="'x' failed: check") as caught:
                session.request({"id": 1, "text": text}, "x", check=check)
            assert "why not" in str(caught.value)
            assert len(str(caught.value)) < most
            assert caught.value.reply["of"]["text"] == text


def test_named_checks_are_samples_of_checks() -> None:
    def default() -> None:
        with ws.open(asked.url("/"), correlate=BY_ID, codec="json") as session:
            session.request(
                {"id": 1}, "x", check={"good": lambda one: one["id"] == 1, "too": {"/id": 1}}
            )
            with pytest.raises(k6ws.RequestFailed) as caught:
                session.request(
                    {"id": 2},
                    "x",
                    check={"good": lambda one: one["id"] == 1, "raises": lambda one: one[7]},
                )
            assert caught.value.reply["id"] == 2
            session.request({"id": 3}, "x", check=lambda one: True)

    with WebSocketService() as asked:
        result = run_once(default)
    found = {
        tags["check"]: (values["passes"], values["fails"])
        for tags, values in result.series("checks")
    }
    assert found == {"good": (1, 1), "too": (1, 0), "raises": (0, 1)}
    assert assert_accounts(result, "ws") == {"check": 1}


def test_parts_of_a_reply_are_timed() -> None:
    def default() -> None:
        with ws.open(asked.url("/"), correlate=by("/id", done={"/last": True})) as session:
            parts = session.request(ask(1, "parts", n=5), "x", many=True)
            assert len(parts) == 5
            session.request(ask(2, "parts", n=1), "x")

    with WebSocketService() as asked:
        result = run_once(default)
    figures = {name: total(result, f"ws_req_{name}") for name in ("first_duration", "gap", "stall")}
    # The second reply has one message: nothing lies between its first and its last.
    assert figures == {"first_duration": 1, "gap": 4, "stall": 1}
    first, whole = (
        result.metrics[f"ws_req_{name}"]["max"] for name in ("first_duration", "duration")
    )
    assert first <= whole


def test_a_reply_that_the_codec_cannot_read_is_said_each_time() -> None:
    def default() -> None:
        with ws.open(server.url(), correlate=in_order(), codec="json") as session:
            reply = session.start({"id": 1}, "x")
            for _ in range(2):
                with pytest.raises(k6ws.CodecError):
                    reply.wait()
            session._source.cut()

    with ScriptedServer(
        [upgrade(), read_frame(frames.TEXT), send(frames.text("{")), read_to_end]
    ) as server:
        assert_accounts(run_once(default), "ws")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_reply_of_more_than_is_kept_has_failed_and_its_rest_is_nobodys(
    transport: str, place: str
) -> None:
    """Each part repeats what was asked."""
    last = match.json({"/last": True})

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=BY_ID), recv_timeout="25s") as session:
            asked = ask(1, "parts", n=20, filling="x" * PART)
            with pytest.raises(k6ws.RequestFailed, match="longer than what is kept") as raised:
                await session.request(asked, "long", many=True, done=last)
            assert (raised.value.error, raised.value.reply) == ("check", None)
            assert "max_message_size" in raised.value.hint
            assert json.loads(await session.request(ask(2), "next"))["id"] == 2
            assert await session.recv(timeout=0, default=None) is None
            asked = ask(1, "parts", n=16, filling="x" * PART)
            assert len(await session.request(asked, "short", many=True, done=last)) == 16

    with service(transport) as asked:
        result = speak(place, asked, body)
    if result is not None:
        assert assert_accounts(result, transport) == {"check": 1}
        assert total(result, f"{transport}_req_late") == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_where_a_message_may_be_longer_so_may_a_reply(transport: str) -> None:
    limits: dict[str, Any] = {"max_message_size": 40 << 20}
    if transport == "tcp":
        limits = {"framing": framing.lines(max=40 << 20)}

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**limits, correlate=BY_ID, recv_timeout="25s") as session:
            asked = ask(1, "parts", n=20, filling="x" * PART)
            last = match.json({"/last": True})
            assert len(await session.request(asked, "long", many=True, done=last)) == 20

    with service(transport) as asked:
        speak("vu", asked, body)
