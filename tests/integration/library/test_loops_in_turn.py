"""One program, several asyncio loops in turn: its sockets come along; Ctrl-C takes no events of others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

import k6ws
from k6ws import tcp, timers, ws
from k6ws.websockets import WebSocket
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer

PATIENCE_S = 10
Runner = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run_loop(request: pytest.FixtureRequest) -> Runner:
    return request.param


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop go on until something holds that no event tells."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - that the loop alone moves it on is the point
            await asyncio.sleep(0.001)


async def opened(url: str) -> WebSocket:
    ready = asyncio.Event()
    socket = WebSocket(url)
    socket.onopen = ready.set
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    return socket


async def echoed(socket: WebSocket, text: str) -> object:
    answer = asyncio.get_running_loop().create_future()
    socket.onmessage = lambda event: answer.set_result(event.data)
    socket.send(text)
    return await asyncio.wait_for(answer, PATIENCE_S)


async def closed(socket: WebSocket) -> int:
    over = asyncio.get_running_loop().create_future()
    socket.onclose = lambda event: over.set_result(event.code)
    socket.close()
    return await asyncio.wait_for(over, PATIENCE_S)


def test_a_socket_works_in_a_later_loop(server: WebsocketsServer, run_loop: Runner) -> None:
    socket = run_loop(opened(server.url("/ws-echo-multi")))
    assert run_loop(echoed(socket, "one")) == "one"
    assert run_loop(echoed(socket, "two")) == "two"
    assert run_loop(closed(socket)) == 1000


def test_a_send_alone_brings_a_socket_along(server: WebsocketsServer, run_loop: Runner) -> None:
    got: list[object] = []

    async def wait_for(text: str) -> None:
        socket.send(text)
        await until(lambda: text in got)

    socket: WebSocket = run_loop(opened(server.url("/ws-echo-multi")))
    socket.onmessage = lambda event: got.append(event.data)
    run_loop(wait_for("one"))
    run_loop(wait_for("two"))
    socket.close()
    assert k6ws.wait(PATIENCE_S * 1000), "a plain program again"
    assert socket.ready_state == WebSocket.CLOSED


def test_a_ping_alone_brings_a_socket_along(server: WebsocketsServer) -> None:
    async def ponged() -> None:
        socket.ping()
        await asyncio.wait_for(pong.wait(), PATIENCE_S)

    socket = asyncio.run(opened(server.url("/ws-echo-multi")))
    pong = asyncio.Event()
    socket.onpong = lambda event: pong.set()
    asyncio.run(ponged())
    asyncio.run(closed(socket))


def test_a_socket_made_before_the_loop_runs_in_it(
    server: WebsocketsServer, run_loop: Runner
) -> None:
    socket = WebSocket(server.url("/ws-echo-multi"))

    async def main() -> object:
        ready = asyncio.Event()
        socket.onopen = ready.set
        await asyncio.wait_for(ready.wait(), PATIENCE_S)
        return await echoed(socket, "hello")

    assert run_loop(main()) == "hello"
    assert run_loop(closed(socket)) == 1000


def test_looking_at_the_state_brings_a_socket_along(server: WebsocketsServer) -> None:
    socket = WebSocket(server.url("/ws-echo-multi"))

    async def main() -> None:
        await until(lambda: socket.ready_state == WebSocket.OPEN)

    asyncio.run(main())
    asyncio.run(closed(socket))


def test_a_tcp_socket_works_in_a_later_loop(run_loop: Runner) -> None:
    with TcpServer() as server:
        socket = tcp.Socket()
        got: list[bytes] = []
        socket.on("data", got.append)

        async def connect() -> None:
            await socket.connect(server.port, "127.0.0.1")

        async def echo(data: bytes) -> None:
            socket.write(data)
            await until(lambda: data in got)

        async def end() -> None:
            over = asyncio.Event()
            socket.on("close", over.set)
            socket.destroy()
            await asyncio.wait_for(over.wait(), PATIENCE_S)

        run_loop(connect())
        run_loop(echo(b"one"))
        run_loop(echo(b"two"))
        run_loop(end())


def test_loops_that_take_turns_share_a_socket(server: WebsocketsServer) -> None:
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        socket = first.run_until_complete(opened(server.url("/ws-echo-multi")))
        for loop in (second, first, second):
            assert loop.run_until_complete(echoed(socket, "hello")) == "hello"
        assert first.run_until_complete(closed(socket)) == 1000
    finally:
        first.close()
        second.close()


# Ctrl-C and SystemExit in a handler -----------------------------------------------------------------


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("where", ["websocket", "tcp", "timer", "coroutine"])
def test_an_interrupt_leaves_the_loop_and_takes_no_event_of_others(  # noqa: C901, PLR0915 - one story
    server: WebsocketsServer, kind: type[BaseException], where: str
) -> None:
    others = 6
    got: list[str] = []

    def raises(*_: object) -> None:
        raise kind

    async def raises_later(*_: object) -> None:
        raise kind

    async def other(ready: asyncio.Queue[ws.Socket]) -> None:
        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: ready.put_nowait(socket))
            socket.on("message", lambda text: (got.append(text), socket.close()))

        await ws.aconnect(server.url("/ws-echo-multi"), session)

    tasks: list[asyncio.Task[None]] = []
    kept: list[Any] = []

    async def main() -> None:
        ready: asyncio.Queue[ws.Socket] = asyncio.Queue()
        tasks.extend(asyncio.create_task(other(ready)) for _ in range(others))
        sockets = [await asyncio.wait_for(ready.get(), PATIENCE_S) for _ in range(others)]
        if where == "tcp":
            await strike_tcp()
        elif where != "timer":
            kept.append(await opened(server.url("/ws-echo-multi")))
            kept[0].onmessage = raises_later if where == "coroutine" else raises
            kept[0].send("strike")
        for socket in sockets:
            socket.send("hello")
        if where == "timer":
            timers.set_timeout(raises, 1)
        await asyncio.gather(*tasks)
        await asyncio.sleep(PATIENCE_S)

    async def strike_tcp() -> None:
        kept.append(tcp.Socket())
        kept[0].on("data", raises)
        await kept[0].connect(tcp_server.port, "127.0.0.1")
        kept[0].write(b"strike")

    loop = asyncio.new_event_loop()
    with TcpServer() as tcp_server:
        try:
            running = loop.create_task(main())
            with pytest.raises(kind):
                loop.run_until_complete(running)
            loop.run_until_complete(asyncio.wait(tasks, timeout=PATIENCE_S))
            assert [task.done() for task in tasks] == [True] * others
            assert got == ["hello"] * others
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                loop.run_until_complete(running)
            if where == "websocket":
                assert kept[0].ready_state in {WebSocket.CLOSING, WebSocket.CLOSED}
            loop.run_until_complete(end(kept))
        finally:
            loop.close()


async def end(kept: list[Any]) -> None:
    for socket in kept:
        if isinstance(socket, tcp.Socket):
            socket.destroy()
        elif socket.ready_state < WebSocket.CLOSING:
            socket.close()
    await until(lambda: {one.ready_state for one in kept} <= {WebSocket.CLOSED, "destroyed"})


def test_the_peer_of_an_interrupted_socket_is_told(server: WebsocketsServer) -> None:
    def raises(_: object) -> None:
        raise KeyboardInterrupt

    async def main() -> None:
        socket = await opened(server.url("/ws-echo-multi"))
        socket.onmessage = raises
        socket.send("strike")
        await asyncio.sleep(PATIENCE_S)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert k6ws.wait(PATIENCE_S * 1000)
    assert server.journal.session().close_code == 1011
