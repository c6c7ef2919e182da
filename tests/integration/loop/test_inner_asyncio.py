"""asyncio.run within a blocking VU: what would wait there for k6ws says to make the function `async def`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer

Main = Callable[[], Coroutine[Any, Any, None]]


def by_run(main: Main) -> None:
    asyncio.run(main())


def by_runner(main: Main) -> None:
    with asyncio.Runner() as runner:
        runner.run(main())


def by_loop(main: Main) -> None:
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()


RUNNERS = {"asyncio.run": by_run, "asyncio.Runner": by_runner, "run_until_complete": by_loop}


def mains(url: str, port: int) -> dict[str, Main]:
    async def aconnect() -> None:
        await ws.aconnect(url, lambda socket: socket.close())

    async def websocket() -> None:
        closed = asyncio.Event()
        WebSocket(url).onclose = closed.set
        await closed.wait()

    async def socket() -> None:
        await tcp.Socket().connect(port, "127.0.0.1")

    async def timer() -> None:
        fired = asyncio.Event()
        set_timeout(fired.set, 1)
        await fired.wait()

    return {"aconnect": aconnect, "WebSocket": websocket, "tcp": socket, "timer": timer}


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("call", ["aconnect", "WebSocket", "tcp", "timer"])
def test_an_asyncio_loop_within_a_blocking_vu_is_refused(
    call: str, runner: str, server: WebsocketsServer
) -> None:
    with TcpServer() as peer:
        main = mains(server.url("/ws-echo"), peer.port)[call]
        result = k6ws.run(lambda: RUNNERS[runner](main), vus=2, iterations=4)
    [one] = result.exceptions
    assert (one.type, one.count) == ("K6Error", 4)
    assert "within asyncio.run()" in one.message
    assert result.metrics["iterations"].count == 4


def test_so_is_one_within_a_handler_and_one_that_awaits_an_operation_begun_outside(
    server: WebsocketsServer,
) -> None:
    hints: list[str] = []

    def attempt(main: Main) -> None:
        with pytest.raises(k6ws.K6Error, match=r"within asyncio\.run") as caught:
            asyncio.run(main())
        hints.append(caught.value.hint)

    def default() -> None:
        def session(socket: ws.Socket) -> None:
            async def inner_timer() -> None:
                socket.set_timeout(socket.close, 1)

            def opened() -> None:
                attempt(mains(server.url("/ws-echo"), 9)["aconnect"])
                attempt(inner_timer)
                socket.close()

            socket.on("open", opened)

        ws.connect(server.url("/ws-echo"), session)
        connected = tcp.Socket()
        connecting = connected.connect(peer.port, "127.0.0.1")

        async def wait() -> None:
            await connecting

        attempt(wait)
        connected.destroy()

    with TcpServer() as peer:
        run_once(default)
    assert ["`async def`" in hint for hint in hints] == [True] * 3


def test_asyncio_without_k6ws_in_it_works_in_a_blocking_vu() -> None:
    done: list[str] = []

    async def main() -> None:
        await asyncio.sleep(0.001)
        done.append("slept")

    run_once(lambda: asyncio.run(main()), iterations=2)
    assert done == ["slept", "slept"]
