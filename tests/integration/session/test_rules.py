"""What a session does with messages by itself: answer, ignore, send again and again."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

import k6ws
from k6ws import _core, framing, match, tcp, ws
from k6ws.correlate import by
from support import frames
from support.connection_server import ConnectionServer
from support.requests import ask
from support.runs import run_once
from support.scripted import ScriptedServer, read_to_end, upgrade
from support.speaking import PLACES, TRANSPORTS, Open, params, service, speak
from support.tcp_server import TcpServer


def tail(message: str) -> str:
    return message[1:]


def fails(message: Any) -> bool:
    raise LookupError(message)


def same(message: str) -> str:
    return message


def answer_zero(_message: str) -> str:
    return ask(0)


def sequel(message: Any) -> Any:
    return {"of": message["n"]}


RULES: list[tuple[Any, Any, Any, Any]] = [
    ("ping", "pong", "ping", "pong"),
    (re.compile(r"^42(\d+)"), "43{1}[]", "427[1]", "437[]"),
    (re.compile(r"^(?P<n>\d+)x"), "{{n}{n}", "7x", "{n}7"),
    (match.json({"/0": 2}), "[3, {/1}, {}]", '[2, "a\\"b", 7]', '[3, "a\\"b", {}]'),
    (match.starts_with("a"), tail, "abc", "bc"),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("fits", "reply", "said", "answer"), RULES)
def test_what_is_answered(  # noqa: PLR0917 - a row of the table
    place: str, fits: Any, reply: Any, said: Any, answer: Any, echo: _core.EchoServer
) -> None:
    """The echo sends back what is said, and what that was answered with."""

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open() as session:
            session.auto_reply(fits, reply)
            await session.send(said)
            assert await session.recv() == answer

    result = speak(place, echo.url(), body)
    if result is not None:
        assert result.metrics["ws_auto_replies"]["count"] == 1
        # Everything on the wire counts: two messages there, two back.
        assert (
            result.metrics["ws_msgs_sent"]["count"]
            == result.metrics["ws_msgs_received"]["count"]
            == 2
        )


def test_bytes_are_answered_as_bytes(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        session.auto_reply(b"\x01", b"\x02\x03")
        session.send(b"\x01")
        assert session.recv() == b"\x02\x03"
        session.send("\x01")
        assert session.recv() == "\x01"


@pytest.mark.parametrize("place", PLACES)
def test_over_tcp_what_is_answered_has_its_frame(place: str) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(framing=framing.lines()) as session:
            session.auto_reply("ping", "pong")
            session.auto_reply(re.compile("^q(.)"), "r{1}")
            await session.send("ping")
            assert await session.recv() == "pong"
            await session.send("qz")
            assert await session.recv() == "rz"

    with TcpServer() as server:
        speak(place, ("127.0.0.1", server.port), body)


def test_an_object_is_said_by_the_codec(echo: _core.EchoServer) -> None:
    with ws.open(echo.url(), codec="json") as session:
        session.auto_reply({"/type": "ping"}, {"type": "pong"})
        session.auto_reply(match.json({"/type": "ask"}), sequel)
        session.send({"type": "ping"})
        assert session.recv() == {"type": "pong"}
        session.send({"type": "ask", "n": 7})
        assert session.recv() == {"of": 7}


def text(_message: Any) -> str:
    return "text"


def with_its_number(message: Any) -> list[Any]:
    return [3, message[1]]


WITH_JSON: list[tuple[Any, Any, Any]] = [
    # What is written as text is JSON as it stands, with what it takes; it is encoded no more.
    (re.compile(r'^\[2,"([^"]+)"'), '[3,"{1}",{}]', [3, "17", {}]),
    (match.json({"/0": 2}), "[3, {/1}, {/2}]", [3, "17", "Boot"]),
    (match.json({"/0": 2}), '"text"', "text"),
    (match.json({"/0": 2}), b"[3]", [3]),
    # What is an object is encoded, and so is what a function returns.
    (match.json({"/0": 2}), [3, "{/1}"], [3, "17"]),
    (match.json({"/0": 2}), with_its_number, [3, "17"]),
    (match.json({"/0": 2}), text, "text"),
]


@pytest.mark.parametrize(("fits", "answer", "comes"), WITH_JSON)
@pytest.mark.parametrize("transport", ["ws", "tcp"])
def test_with_json_text_is_answered_as_it_stands(
    transport: str, fits: Any, answer: Any, comes: Any, echo: _core.EchoServer
) -> None:
    def speaks(session: k6ws.Session) -> None:
        session.auto_reply(fits, answer)
        session.send([2, "17", "Boot"])
        assert session.recv() == comes

    if transport == "ws":
        with ws.open(echo.url(), codec="json") as session:
            speaks(session)
        return
    with (
        TcpServer() as server,
        tcp.open("127.0.0.1", server.port, framing=framing.lines(), codec="json") as session,
    ):
        speaks(session)


@pytest.mark.parametrize("place", PLACES)
def test_none_answers_nothing_and_takes_the_message(place: str, echo: _core.EchoServer) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        heard: list[str] = []

        def hear(message: str) -> None:
            heard.append(message)

        async with open() as session:
            session.auto_reply(match.starts_with("a"), hear)
            for message in ("a1", "b", "a2", "c"):
                await session.send(message)
            assert [await session.recv(), await session.recv()] == ["b", "c"]
        assert heard == ["a1", "a2"]

    speak(place, echo.url(), body)


@pytest.mark.parametrize("place", PLACES)
def test_a_function_that_raises_answers_nothing(
    place: str, echo: _core.EchoServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open() as session:
            session.auto_reply("a", fails)
            session.ignore(fails)
            await session.send("a")
            await session.send("b")
            assert await session.recv() == "b"

    speak(place, echo.url(), body)
    if place.endswith("vu"):  # said once in each run
        assert "raised" in caplog.text


@pytest.mark.parametrize("place", PLACES)
def test_what_is_ignored_is_nobodys(place: str, echo: _core.EchoServer) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open() as session:
            session.ignore(match.starts_with("a"))
            handled: list[str] = []
            if place.startswith("async"):
                session.on("message", handled.append)
            for message in ("a1", "b", "a2", "c"):
                await session.send(message)
            if place.startswith("async"):
                while len(handled) < 2:
                    await _turn()
                assert handled == ["b", "c"]
            else:
                assert [await session.recv(), await session.recv()] == ["b", "c"]

    speak(place, echo.url(), body)


async def _turn() -> None:
    await asyncio.sleep(0.001)


@pytest.mark.parametrize("where", ["inbox", "on its way"])
def test_a_late_rule_meets_what_was_there(where: str) -> None:
    """Glued to the handshake come two heartbeats: the second is answered behind the first."""
    glued = b"".join(map(frames.text, ["2a", "x", "2b", "y"]))
    heard: list[str] = []

    def step(peer: Any) -> None:
        heard.extend(peer.next_frame().payload.decode() for _ in range(2))

    def default() -> None:
        with ws.open(server.url()) as session:
            if where == "inbox":
                while len(session._source.inbox) < 4:
                    k6ws.sleep(0.001)
            else:
                time.sleep(0.05)  # everything is there, and the loop has not looked
            session.auto_reply(re.compile("^2(.)"), "3{1}")
            assert [session.recv(), session.recv()] == ["x", "y"]
            assert session.recv(timeout="10ms", default=None) is None
            session._source.cut()

    with ScriptedServer([upgrade(then=glued), step, read_to_end]) as server:
        run_once(default)
    assert heard == ["3a", "3b"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", ["asyncio", "async vu"])
def test_the_order_of_takers(transport: str, place: str) -> None:
    """A request that it answers, else the first rule, else who waits for it, else a handler."""

    async def body(open: Open) -> None:  # noqa: A002
        how = params(transport, correlate=by("/id"))
        async with open(**how) as session:
            handled: list[Any] = []
            ruled: list[Any] = []

            def rule(message: str) -> None:
                ruled.append(json.loads(message)["push"])

            def handle(message: str) -> None:
                handled.append(json.loads(message)["push"])

            fits = match.has("/push") & match.regex("[02468]}$")
            session.auto_reply(fits, rule)
            session.ignore(fits)
            session.on("message", handle)
            started = session.start(ask(1, "push", n=10), "x")
            assert json.loads(await session.recv({"/push": 3}))["push"] == 3
            await started
            while len(handled) < 4:
                await _turn()
            assert (ruled, handled) == ([0, 2, 4, 6, 8], [1, 5, 7, 9])
            session.ignore(match.has("/id"))
            assert json.loads(await session.request(ask(2), "x"))["id"] == 2

    with service(transport) as asked:
        speak(place, asked, body)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_answers_of_functions_are_counted_apart(transport: str) -> None:
    module: Any = tcp if transport == "tcp" else ws

    def default() -> None:
        where = (server.url("/"),) if transport == "ws" else ("127.0.0.1", server.port)
        with module.open(*where, **params(transport, correlate=by("/id"))) as session:
            session.auto_reply(match.has("/push") & match.regex("[02468]}$"), answer_zero)
            session.auto_reply(match.has("/push"), ask(0))
            session.request(ask(1, "push", n=9), "x")
            # What is answered here was written behind all answers.
            session.request(ask(2), "x")

    with service(transport) as server:
        result = run_once(default)
    by_kind = {
        tags.get("kind"): values["count"]
        for tags, values in result.series(f"{transport}_auto_replies")
    }
    assert by_kind == {"python": 5, None: 4}
    assert result.metrics[f"{transport}_auto_replies"]["count"] == 9


class Beating(ConnectionServer):
    """Sends heartbeats, and the next one only when the last was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()

    async def _serve(self, connection: ServerConnection) -> None:
        await connection.recv()
        for number in range(50):
            await connection.send(f"2{number}")
            assert await connection.recv() == f"3{number}"
        self.answered.set()
        async for _ in connection:
            pass


def test_an_answer_does_not_wait_for_python() -> None:
    def default() -> None:
        with ws.open(server.url("/")) as session:
            session.auto_reply(re.compile(r"^2(\d+)"), "3{1}")
            session.send("go")
            k6ws.sleep(0.001)  # what was sent leaves
            deadline = time.monotonic() + 20
            while not server.answered.is_set() and time.monotonic() < deadline:
                pass  # the VU is busy: no event reaches it
            assert server.answered.is_set()

    with Beating() as server:
        result = run_once(default)
    assert result.metrics["ws_auto_replies"]["count"] == 50


HEARTBEATS, AT_ONCE = 100_000, 500


@pytest.mark.parametrize("is_python", [False, True])
def test_r23_heartbeats_are_answered_without_python(
    echo: _core.EchoServer, *, is_python: bool
) -> None:
    """R23: whoever goes round again and again; each event that Python is given is a sample of `vu_loop_lag`.

    With a function as the answer that counter counts every one, or it would say nothing.
    """
    enough = HEARTBEATS // 50 if is_python else HEARTBEATS
    looks = 0

    def default() -> None:
        nonlocal looks
        with ws.open(echo.url()) as session:
            session.auto_reply("2", same if is_python else "2")
            for _ in range(AT_ONCE):
                session.send("2")
            deadline = time.monotonic() + 50
            while echo.counts()["messages_sent"] < enough and time.monotonic() < deadline:
                looks += 1
                k6ws.sleep(0.02)

    result = run_once(default, summary_trend_stats=["count"])
    answered = result.metrics["ws_auto_replies"]["count"]
    assert answered >= enough - AT_ONCE
    events = result.metrics["vu_loop_lag"].count
    if is_python:
        assert events >= answered
    else:
        # Timers of the script, the opening and the end.
        assert events <= looks + 20
    # They count on the wire, and are told apart there from the script's; behind the end none is answered.
    assert answered <= result.metrics["ws_msgs_received"]["count"] <= answered + AT_ONCE
    sent = {tags.get("rule"): values["count"] for tags, values in result.series("ws_msgs_sent")}
    assert sent == {"auto": answered, None: AT_ONCE}


def test_rules_that_cannot_be_are_refused(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        for fits, reply in [(re.compile("a"), "{1}"), ("a", "{1}"), ("a", "{name}")]:
            with pytest.raises(k6ws.InvalidParameter):
                session.auto_reply(fits, reply)
        for fits, reply in [
            (re.compile(b"(?P<inbox>a)"), b"PUB {inbox}"),
            (re.compile("(a)"), b"{1}"),
        ]:
            with pytest.raises(
                k6ws.InvalidParameter, match="is bytes, which are sent as they stand"
            ):
                session.auto_reply(fits, reply)
        with pytest.raises(TypeError):
            session.auto_reply("a", 7)
        with pytest.raises(TypeError):
            session.auto_reply(7, "a")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            session.ignore(7)  # type: ignore[arg-type]
        for interval in (0, "0s", None):
            with pytest.raises(k6ws.InvalidParameter):
                session.every(interval, "a")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            session.every(4.0, "a")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            session.every("4s", object())
        session.send("b")
        assert session.recv() == "b"
