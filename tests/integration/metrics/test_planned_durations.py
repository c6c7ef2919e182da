"""What a user of a target that stalls has felt: from the instant at which an arrival rate planned it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

import k6ws
from k6ws import _core, ws
from k6ws.correlate import by, in_order
from k6ws.websockets import WebSocket
from support import frames
from support.loop_server import LoopServer
from support.notes import run_script
from support.runs import run_once
from support.scripted import ScriptedServer, read_to_end, upgrade
from support.tcp_server import Reader, TcpServer, Writer

STALL_S = 1.0
AT = 60
"""The stall begins with this message, or this connection: after 1.2 s."""
SCENARIO: k6ws.Scenario = {
    "executor": "constant-arrival-rate",
    "rate": 50,
    "duration": "3s",
    "preAllocatedVUs": 60,
    "gracefulStop": "20s",
}


STATS = ["max", "p(99)", "count"]
ONCE = {
    "executor": "constant-arrival-rate",
    "rate": 1,
    "timeUnit": "2s",
    "duration": "1s",
    "preAllocatedVUs": 1,
}
ONE_START: dict[str, Any] = {
    "scenarios": {"s": ONCE},
    "vus": None,
    "iterations": None,
    "summary_trend_stats": STATS,
}


class Stall:
    """The whole server stands still for a while, once."""

    def __init__(self) -> None:
        self.seen = 0

    def see(self) -> None:
        self.seen += 1
        if self.seen == AT:
            time.sleep(STALL_S)  # the point: it blocks the loop of the server


class Stalling(LoopServer):
    """Echoes over WebSocket; stalls at a message, or at a connection that is being made."""

    def __init__(self, *, at_connection: bool = False) -> None:
        super().__init__()
        self._at_connection = at_connection
        self._stall = Stall()

    async def start(self) -> int:
        self._server = await serve(
            self._serve, "127.0.0.1", 0, compression=None, process_request=self._process
        )
        return next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    def _process(self, _connection: Any, _request: Any) -> None:
        if self._at_connection:
            self._stall.see()

    async def _serve(self, connection: ServerConnection) -> None:
        async for message in connection:
            if not self._at_connection:
                self._stall.see()
            await connection.send(message)


def _tcp_stalling() -> TcpServer:
    stall = Stall()

    async def talk(reader: Reader, writer: Writer) -> None:
        while data := await reader.read(65536):
            stall.see()
            writer.write(data)
            await writer.drain()

    return TcpServer(talk)


KEPT = """
from k6ws import execution, framing, tcp, ws
from k6ws.correlate import in_order

def vu_start():
    execution.vu.state["session"] = {open}

def default():
    execution.vu.state["session"].request("x", "ask", timeout="10s")

def vu_stop():
    execution.vu.state["session"].close()
"""
OPEN = {
    "ws": 'ws.open("ws://127.0.0.1:{port}/", correlate=in_order())',
    "tcp": 'tcp.open("127.0.0.1", {port}, framing=framing.lines(), correlate=in_order())',
}


def _verdicts(result: k6ws.Result) -> list[tuple[str, str, bool]]:
    return [(one.metric.partition("{")[0], one.expression, one.ok) for one in result.thresholds]


@pytest.mark.parametrize("transport", ["ws", "tcp"])
def test_a_stall_shows_in_what_is_timed_from_the_plan(transport: str, tmp_path: Path) -> None:
    """R11, scaled to one stall of 1 s in 3 s: both times are shown, and thresholds can be on both."""
    planned, sent = f"{transport}_req_planned_duration", f"{transport}_req_duration"
    with Stalling() if transport == "ws" else _tcp_stalling() as server:
        script = KEPT.format(open=OPEN[transport].format(port=server.port))
        result, _ = run_script(
            tmp_path,
            script,
            scenarios={"s": SCENARIO},
            summary_trend_stats=STATS,
            thresholds={
                f"{planned}{{name:ask}}": ["p(99)>=800", "p(99)<800"],
                f"{sent}{{name:ask}}": ["p(99)>=0"],
            },
        )
    assert result.exceptions == []
    assert _verdicts(result) == [
        (sent, "p(99)>=0", True),
        (planned, "p(99)>=800", True),
        (planned, "p(99)<800", False),
    ]
    assert result.exit_code == 99
    assert result.metrics[planned].max >= result.metrics[sent].max
    # Each start asks once, and each of these is in both.
    iterations = result.metrics["iterations"]["count"]
    assert [sum(v["count"] for _, v in result.series(one)) for one in (planned, sent)] == [
        iterations
    ] * 2


def test_a_stall_while_sessions_are_opened_shows_only_in_what_is_timed_from_the_plan() -> None:
    """R11: the requests are answered at once; who had to wait for a session felt it all the same."""

    def default() -> None:
        with ws.open(server.url("/"), correlate=in_order(), recv_timeout="10s") as session:
            session.request("x", "ask")
            session.request("x", "ask")

    with Stalling(at_connection=True) as server:
        result = k6ws.run(default, scenarios={"s": SCENARIO}, summary_trend_stats=STATS)
    assert (result.exceptions, result.exit_code) == ([], 0)
    planned, sent = result.metrics["ws_req_planned_duration"], result.metrics["ws_req_duration"]
    assert planned["p(99)"] >= 800 > 2 * sent["p(99)"]


def _requests(url: str) -> None:
    with ws.open(url, correlate=in_order()) as session:
        session.request("x", "ask")
        session.request("x", "ask")


def _starts(url: str) -> None:
    with ws.open(url, correlate=in_order()) as session:
        for reply in [session.start("x", "ask") for _ in range(2)]:
            reply.wait()


def _callbacks(url: str) -> None:
    def session(socket: ws.Socket) -> None:
        socket.correlate(by("/id", name="ask"))
        heard: list[str] = []

        def hear(text: str) -> None:
            heard.append(text)
            if len(heard) == 2:
                socket.close()

        socket.on("message", hear)
        socket.on("open", lambda: [socket.send(f'{{"id": {n}}}') for n in range(2)])

    ws.connect(url, session)


PIECES = [_requests, _starts, _callbacks]


@pytest.mark.parametrize("default", PIECES)
def test_only_the_first_request_of_an_iteration_is_planned(
    default: Callable[[str], None], echo: _core.EchoServer
) -> None:
    result = run_once(lambda: default(echo.url()), **ONE_START)
    assert result.metrics["ws_reqs"]["count"] == 2
    [(tags, values)] = result.series("ws_req_planned_duration")
    assert (tags["name"], values["count"]) == ("ask", 1)
    # It has the handshake in it.
    assert values["max"] > result.metrics["ws_connecting"].max


def test_so_it_is_in_coroutines_and_for_a_socket_of_the_browsers_kind(
    echo: _core.EchoServer,
) -> None:
    async def default() -> None:
        async with ws.aopen(echo.url(), correlate=in_order()) as session:
            await session.request("x", "ask")
            await asyncio.gather(*(session.request("x", "ask") for _ in range(3)))
        opened = asyncio.Event()
        socket = WebSocket(echo.url())
        socket.onopen = opened.set
        await opened.wait()
        socket.correlate(in_order())
        await socket.request("x", "ask")
        socket.close()

    result = run_once(default, **ONE_START)
    assert result.metrics["ws_reqs"]["count"] == 5
    [(tags, values)] = result.series("ws_req_planned_duration")
    assert (tags["name"], values["count"]) == ("ask", 1)


@pytest.mark.parametrize("default", PIECES)
def test_where_nothing_is_planned_there_is_no_such_time(
    default: Callable[[str], None], echo: _core.EchoServer
) -> None:
    result = run_once(lambda: default(echo.url()))
    assert result.metrics["ws_reqs"]["count"] == 2
    assert "ws_req_planned_duration" not in result.metrics


def test_what_the_peer_says_first_is_planned_too() -> None:
    def default() -> None:
        with ws.open(server.url()) as session:
            assert session.request(None, "greeting") == "hello"
            session._source.cut()

    with ScriptedServer([upgrade(then=frames.text("hello")), read_to_end]) as server:
        result = run_once(default, **ONE_START)
    [(tags, values)] = result.series("ws_req_planned_duration")
    assert (tags["name"], values["count"]) == ("greeting", 1)
    assert values["max"] > result.metrics["ws_req_duration"].max


def test_a_request_that_is_refused_leaves_the_plan_to_the_next(echo: _core.EchoServer) -> None:
    def default() -> None:
        with ws.open(echo.url(), correlate=by("/id")) as session:
            with pytest.raises(k6ws.MissingKey):
                session.request("no key", "ask")
            session.request('{"id": 1}', "ask")

    result = run_once(default, **ONE_START)
    assert result.metrics["ws_req_planned_duration"]["count"] == 1
