"""Handlers that are coroutines: in order, bounded, waited for."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws.timers import clear_interval, set_interval, set_timeout
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, read_to_end, send, upgrade
from support.servers import WebsocketsServer
from support.styles import ASYNC, in_style
from support.tcp_server import Reader, TcpServer, Writer

Handler = Callable[[Any], Coroutine[Any, Any, None]]
MESSAGES = [str(number) for number in range(10)]


def never() -> None:
    raise AssertionError


def decorated(function: Handler) -> Handler:
    @functools.wraps(function)
    def wrapper(argument: Any) -> Any:
        return function(argument)

    return wrapper


class Handling:
    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, argument: Any) -> None:
        await self._handler(argument)


DISGUISES: dict[str, Callable[[Handler], Handler]] = {
    "plain": lambda handler: handler,
    "lambda": lambda handler: lambda argument: handler(argument),
    "decorated": decorated,
    "object": Handling,
    "partial": functools.partial,
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("style", ASYNC)
def test_coroutine_handlers_of_ws_run_in_the_order_of_the_wire(
    style: str, disguise: str, server: WebsocketsServer
) -> None:
    story: list[str] = []

    async def handle(text: str) -> None:
        # Without turns the later ones would overtake.
        await asyncio.sleep(0.005 if text == "0" else 0)
        story.append(text)

    async def act() -> None:
        def session(socket: ws.Socket) -> None:
            async def received(text: str) -> None:
                await handle(text)
                if text == "9":
                    socket.close()

            async def closed(code: int) -> None:
                await asyncio.sleep(0)
                story.append(f"close {code}")

            socket.on("message", DISGUISES[disguise](received))
            socket.on("close", DISGUISES[disguise](closed))

        await ws.aconnect(server.url("/ws-push"), session)
        story.append("returned")

    in_style(style, never, act)
    assert story == [*MESSAGES, "close 1001", "returned"]


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("style", ASYNC)
def test_coroutine_listeners_of_a_websocket_run_in_the_order_of_the_wire(
    style: str, disguise: str, server: WebsocketsServer
) -> None:
    story: list[str] = []

    async def act() -> None:
        over = asyncio.Event()
        socket = WebSocket(server.url("/ws-push"))

        async def received(event: Any) -> None:
            await asyncio.sleep(0.005 if event.data == "0" else 0)
            story.append(event.data)
            if event.data == "9":
                socket.close()

        async def closed(event: Any) -> None:
            await asyncio.sleep(0)
            story.append(f"close {event.code}")
            over.set()

        socket.add_event_listener("message", DISGUISES[disguise](received))
        socket.onclose = DISGUISES[disguise](closed)
        await over.wait()

    in_style(style, never, act)
    assert story == [*MESSAGES, "close 1000"]


@pytest.mark.parametrize("style", ASYNC)
def test_coroutine_handlers_of_tcp_run_in_the_order_of_the_wire(style: str) -> None:
    got: list[bytes] = []
    story: list[str] = []

    async def act() -> None:
        over = asyncio.Event()
        socket = tcp.Socket()

        @socket.on("data")
        async def _(data: bytes) -> None:
            await asyncio.sleep(0.001)
            got.append(data)
            # What it awaits of its own socket arrives all the same.
            await socket.write(b"seen")
            if b"9" in data:
                socket.destroy()

        @socket.on("close")
        async def _() -> None:
            await asyncio.sleep(0)
            story.append("close")
            over.set()

        await socket.connect(server.port, "127.0.0.1")
        await over.wait()

    async def talk(reader: Reader, writer: Writer) -> None:
        for number in range(10):
            writer.write(b"%d" % number)
            await writer.drain()
        while await reader.read(100):
            pass

    with TcpServer(talk) as server:
        in_style(style, never, act)
    assert (b"".join(got), story) == (b"0123456789", ["close"])


@pytest.mark.parametrize("style", ASYNC)
def test_an_open_handler_may_wait_for_a_message(style: str, server: WebsocketsServer) -> None:
    story: list[str] = []

    async def act() -> None:
        def session(socket: ws.Socket) -> None:
            answered = asyncio.Event()

            @socket.on("open")
            async def _() -> None:
                socket.send("hello")
                await answered.wait()
                story.append("answered")
                socket.close()

            @socket.on("message")
            async def _() -> None:
                answered.set()

        await ws.aconnect(server.url("/ws-echo"), session)

    in_style(style, never, act)
    assert story == ["answered"]


@pytest.mark.parametrize("style", ASYNC)
def test_the_function_given_to_aconnect_may_be_a_coroutine_function(
    style: str, server: WebsocketsServer
) -> None:
    story: list[str] = []

    async def act() -> None:
        async def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: story.append("open"))
            socket.on("message", lambda text: story.append(text))
            await asyncio.sleep(0.01)
            story.append("session")
            socket.set_timeout(socket.close, 50)

        await ws.aconnect(server.url("/ws-push"), session)

    in_style(style, never, act)
    assert story == ["session", "open", *MESSAGES]


@pytest.mark.parametrize("style", ASYNC)
def test_a_slow_coroutine_handler_slows_the_peer(style: str) -> None:
    """As with plain handlers some 1,024 messages wait in here, the rest with the peer."""
    total = 20_000
    flood = frames.text("x" * 100) * total
    under_way, most, ended = 0, 0, 0

    async def act() -> None:
        arrived = asyncio.Event()

        def session(socket: ws.Socket) -> None:
            @socket.on("message")
            async def _() -> None:
                nonlocal under_way, most, ended
                under_way += 1
                most = max(most, under_way)
                arrived.set()
                await asyncio.sleep(60)
                ended += 1

        talking = asyncio.create_task(
            ws.aconnect(f"ws://127.0.0.1:{server.port}/", session, max_buffered=1 << 20)
        )
        await arrived.wait()
        await asyncio.sleep(0.1)
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        left.append([task for task in asyncio.all_tasks() if "awaited" in repr(task)])

    left: list[list[object]] = []
    with ScriptedServer([upgrade(), send(flood), read_to_end]) as server:
        in_style(style, never, act)
    assert (most, ended, left) == (1, 0, [[]])


def test_a_websocket_in_a_run_is_not_over_before_its_coroutine_listeners(
    server: WebsocketsServer,
) -> None:
    ended: list[str] = []

    async def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        socket.onopen = lambda: socket.send("x")

        async def received() -> None:
            socket.close()
            await asyncio.sleep(0.05)
            ended.append("message")

        async def closed() -> None:
            await asyncio.sleep(0.01)
            ended.append("close")

        async def fired() -> None:
            await asyncio.sleep(0.02)
            ended.append("timer")

        socket.onmessage = received
        socket.onclose = closed
        set_timeout(fired, 1)

    result = run_once(default)
    assert sorted(ended) == ["close", "message", "timer"]
    assert ended.index("message") < ended.index("close")
    assert result.to_dict()["run"]["tasks_left_behind"] == 0


@pytest.mark.parametrize("style", ASYNC)
def test_an_interval_waits_for_its_coroutine(style: str) -> None:
    under_way, most, calls = 0, 0, 0

    async def act() -> None:
        done = asyncio.Event()

        async def tick() -> None:
            nonlocal under_way, most, calls
            calls += 1
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1
            if calls == 3:
                clear_interval(ticking)
                done.set()

        ticking = set_interval(tick, 1)
        await done.wait()

    in_style(style, never, act)
    assert (calls, most) == (3, 1)


def test_an_exception_of_a_coroutine_handler_ends_the_iteration(server: WebsocketsServer) -> None:
    async def default() -> None:
        def session(socket: ws.Socket) -> None:
            @socket.on("message")
            async def _(text: str) -> None:
                await asyncio.sleep(0)
                raise ValueError(text)

        await ws.aconnect(server.url("/ws-push"), session)

    result = k6ws.run(default, vus=1, iterations=2)
    assert [(one.type, one.message, one.count) for one in result.exceptions] == [
        ("ValueError", "0", 2)
    ]
    assert server.journal.session().close_code == 1001


def test_cutting_a_vu_cancels_its_coroutine_handlers(server: WebsocketsServer) -> None:
    ends: list[str] = []

    async def default() -> None:
        def session(socket: ws.Socket) -> None:
            @socket.on("message")
            async def _() -> None:
                try:
                    await asyncio.sleep(60)
                finally:
                    ends.append("finally")

        await ws.aconnect(server.url("/ws-push"), session)

    scenario: Any = {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "10ms"}
    result = k6ws.run(default, scenarios={"s": scenario})
    assert (ends, result.to_dict()["run"]["iterations_interrupted"]) == (["finally"], 1)
