"""What a rule answers counts when it leaves: what the peer has had is what we say, also at the very end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

import k6ws
from k6ws import _core, framing, match, tcp, ws
from support import frames
from support.connection_server import ConnectionServer
from support.runs import run_once
from support.scripted import ScriptedServer, read_frame, read_to_end, send, upgrade
from support.speaking import TRANSPORTS, Open, params, speak
from support.tcp_server import Reader, TcpServer, Writer

SESSIONS = 20


def pong(_message: str) -> str:
    return "pong"


REPLIES: list[str | Callable[[str], str]] = ["pong", pong]


def count(result: k6ws.Result, metric: str) -> float:
    return result.metrics[metric]["count"] if metric in result.metrics else 0


@pytest.mark.parametrize("reply", REPLIES, ids=["core", "function"])
def test_behind_our_close_nothing_is_answered(reply: Any) -> None:
    late = frames.text("ping") + frames.close(1000)
    steps = [upgrade(), read_frame(frames.CLOSE), send(late), read_to_end]

    def default() -> None:
        with ws.open(server.url()) as session:
            session.auto_reply("ping", reply)

    with ScriptedServer(steps) as server:
        result = run_once(default)
        assert server.peer().wait_end() == "fin"
        assert [frame.opcode for frame in server.peer().frames] == [frames.CLOSE]
    assert count(result, "ws_msgs_received") == 1
    for metric in ("ws_auto_replies", "ws_msgs_sent", "ws_msgs_unsent"):
        assert count(result, metric) == 0


@pytest.mark.parametrize("reply", REPLIES, ids=["core", "function"])
def test_and_nothing_behind_our_end_over_tcp(reply: Any) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        while await reader.read(100):
            pass
        writer.write(b"ping\n")

    def default() -> None:
        with tcp.open("127.0.0.1", server.port, framing=framing.lines()) as session:
            session.auto_reply("ping", reply)

    with TcpServer(talk) as server:
        result = run_once(default)
        server.wait_ended()
        assert server.received == [b""]
    assert count(result, "tcp_msgs_received") == 1
    for metric in ("tcp_auto_replies", "tcp_writes", "tcp_writes_unsent"):
        assert count(result, metric) == 0


class Pinging(ConnectionServer):
    """Sends pings without a pause until the peer has said its last; counts what that has answered."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = 0

    async def _serve(self, connection: ServerConnection) -> None:
        async def ping() -> None:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await connection.send("ping")
                    await asyncio.sleep(0)  # the point: answers are read

        pinging = asyncio.create_task(ping())
        async for message in connection:
            self.answers += message == "pong"
        await pinging


def answer_for_a_while(session: Any, reply: Any) -> None:
    session.auto_reply("ping", reply)
    k6ws.sleep(0.01)  # the point: the end comes while messages do


@pytest.mark.parametrize("reply", REPLIES, ids=["core", "function"])
def test_what_the_peer_has_had_is_what_counts(reply: Any) -> None:
    def default() -> None:
        with ws.open(server.url("/")) as session:
            answer_for_a_while(session, reply)

    with Pinging() as server:
        result = k6ws.run(default, vus=2, iterations=SESSIONS)
    assert not result.exceptions
    answers = count(result, "ws_auto_replies")
    assert server.answers == answers == count(result, "ws_msgs_sent") > SESSIONS


@pytest.mark.parametrize("reply", REPLIES, ids=["core", "function"])
def test_and_so_it_is_over_tcp(reply: Any) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        async def ping() -> None:
            while True:
                writer.write(b"ping\n")
                await writer.drain()
                await asyncio.sleep(0)  # the point: answers are read

        pinging = asyncio.create_task(ping())
        while await reader.read(1 << 16):
            pass
        pinging.cancel()

    def default() -> None:
        with tcp.open("127.0.0.1", server.port, framing=framing.lines()) as session:
            answer_for_a_while(session, reply)

    with TcpServer(talk) as server:
        result = k6ws.run(default, vus=2, iterations=SESSIONS)
        server.wait_ended(SESSIONS)
        had = sum(one.count(b"pong\n") for one in server.received)
    assert not result.exceptions
    written = count(result, "tcp_writes") - count(result, "tcp_writes_unsent")
    assert had == count(result, "tcp_auto_replies") == written > SESSIONS


def by_rule(result: k6ws.Result, metric: str) -> dict[str, float]:
    """How many of each rule, and of none."""
    found: dict[str, float] = {}
    for tags, values in result.series(metric):
        rule = tags.get("rule", "")
        found[rule] = found.get(rule, 0) + values["count"]
    return found


def is_news(message: str) -> bool:
    return message.startswith("news")


def is_news_it_thinks(message: str) -> bool:
    """Slowly: of as many as come, most are not decided before the end."""
    until = time.monotonic() + 0.03
    while time.monotonic() < until:
        pass
    return is_news(message)


@pytest.mark.parametrize("reply", REPLIES, ids=["core", "function"])
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", ["vu", "async vu"])
def test_what_rules_take_and_say_is_counted_with_the_rest_and_told_apart(
    place: str, transport: str, reply: Any, echo: _core.EchoServer
) -> None:
    """The echo says back what it hears, which is what each rule is for."""

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open(**params(transport)) as session:
            session.delivered(match.starts_with("p"), "all")  # sees, and takes nothing
            session.auto_reply("ping", reply)
            session.ignore("hush")
            session.delivered(
                is_news if reply is pong else match.starts_with("news"), "n", take=True
            )
            for message in ("ping", "hush", "hush", "news 1", "news 2", "news 3", "end"):
                await session.send(message)
            assert await session.recv() == "end"
            assert await session.recv() == "pong"

    thresholds = {
        f"{transport}_msgs_received{{rule:auto}}": ["count==1"],
        f"{transport}_msgs_received{{rule:ignore}}": ["count==2"],
        f"{transport}_msgs_received": ["count==8"],
    }
    with TcpServer() as server:
        where = echo.url() if transport == "ws" else ("127.0.0.1", server.port)
        result = speak(place, where, body, thresholds=thresholds)
    assert result is not None
    received = {"auto": 1, "ignore": 2, "delivered": 3, "": 2}
    assert by_rule(result, f"{transport}_msgs_received") == received
    sent = "ws_msgs_sent" if transport == "ws" else "tcp_writes"
    assert by_rule(result, sent) == {"auto": 1, "": 7}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_a_cut_vu_has_not_decided_has_come_all_the_same(transport: str) -> None:
    def default() -> None:
        module: Any = ws if transport == "ws" else tcp
        with module.open(*place, **params(transport)) as session:
            session.auto_reply(is_news_it_thinks, pong)
            session.send("all")
            k6ws.sleep(60)

    users: Any = {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}
    with Flooding() if transport == "ws" else TcpServer(flood) as server:
        place = (server.url("/"),) if transport == "ws" else ("127.0.0.1", server.port)
        result = k6ws.run(default, scenarios={"users": users})
    assert count(result, f"{transport}_msgs_received") == FLOOD
    assert 0 < count(result, f"{transport}_auto_replies") < FLOOD


FLOOD = 100


class Flooding(Pinging):
    """Says much at once when it hears anything."""

    async def _serve(self, connection: ServerConnection) -> None:
        await connection.recv()
        for number in range(FLOOD):
            await connection.send(f"news {number}")
        async for _ in connection:
            pass


async def flood(reader: Reader, writer: Writer) -> None:
    await reader.read(100)
    writer.write(b"".join(b"news %d\n" % number for number in range(FLOOD)))
    while await reader.read(100):
        pass
