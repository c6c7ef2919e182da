"""What is sent after the end is told; a handler may not wait for itself; text is sent as k6 sends it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import k6ws
from k6ws import execution, tcp, timers, ws
from k6ws._loop import Operation
from k6ws.websockets import Blob, WebSocket
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer

PATIENCE_S = 10
SENDS: list[Callable[[Any], object]] = [
    lambda socket: socket.send("order"),
    lambda socket: socket.send(b"order") if isinstance(socket, WebSocket) else None,
    lambda socket: socket.ping(),
]


def close_at_once(socket: ws.Socket) -> None:
    execution.vu.state.setdefault("socket", socket)
    socket.on("open", socket.close)


# Sends after the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["send", "send_binary", "ping"])
@pytest.mark.parametrize("is_async", [False, True])
def test_each_call_on_a_session_that_is_over_fails_its_iteration(
    server: WebsocketsServer, call: str, is_async: bool
) -> None:
    url = server.url("/ws-echo")
    data = {"send": ("order",), "send_binary": (b"order",), "ping": ()}[call]

    def again() -> None:
        getattr(execution.vu.state["socket"], call)(*data)

    def blocking() -> None:
        if "socket" not in execution.vu.state:
            ws.connect(url, close_at_once)
        again()

    async def coroutine() -> None:
        if "socket" not in execution.vu.state:
            await ws.aconnect(url, close_at_once)
        again()

    result = k6ws.run(coroutine if is_async else blocking, vus=2, iterations=6)
    assert [(e.type, e.message, e.count) for e in result.exceptions] == [
        ("WSError", "websocket: close sent", 6)
    ]


@pytest.mark.parametrize("call", ["send", "ping"])
def test_within_the_closing_session_the_error_handlers_are_told(
    server: WebsocketsServer, call: str
) -> None:
    errors: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("error", lambda error: errors.append(str(error)))
        socket.on("open", socket.close)
        data = ("late",) if call == "send" else ()
        socket.on("close", lambda: getattr(socket, call)(*data))

    ws.connect(server.url("/ws-echo"), session)
    assert errors == ["websocket: close sent"]


@pytest.mark.parametrize("send", SENDS)
def test_a_kept_websocket_that_is_closed_says_so(
    server: WebsocketsServer, send: Callable[[Any], object]
) -> None:
    def default() -> None:
        socket = execution.vu.state.get("socket")
        if socket is None:
            socket = execution.vu.state["socket"] = WebSocket(server.url("/ws-echo"))
            socket.onopen = lambda: socket.close()
            k6ws.wait()
        send(socket)

    result = k6ws.run(default, vus=2, iterations=6)
    assert [(e.type, e.count) for e in result.exceptions] == [("InvalidStateError", 6)]


def test_a_kept_tcp_socket_that_is_closed_says_so() -> None:
    with TcpServer() as server:

        def default() -> None:
            socket = execution.vu.state.get("socket")
            if socket is None:
                socket = execution.vu.state["socket"] = tcp.Socket()
                socket.connect(server.port, "127.0.0.1").wait()
                socket.destroy()
                k6ws.wait()
            socket.write("order")

        result = k6ws.run(default, vus=2, iterations=6)
    assert [(e.type, e.count) for e in result.exceptions] == [("TCPError", 6)]


def test_a_session_that_failed_is_freed_without_the_collector(server: WebsocketsServer) -> None:
    class Cargo:
        pass

    cargo = Cargo()
    seen = weakref.ref(cargo)

    def session(socket: ws.Socket, cargo: Cargo = cargo) -> None:
        socket.on("message", lambda _, cargo=cargo: None)
        socket.on("open", lambda: 1 / 0)

    gc.disable()
    try:
        raised = False
        try:
            ws.connect(server.url("/ws-echo"), session)
        except ZeroDivisionError:
            raised = True
        del session, cargo
        assert raised
        assert seen() is None
    finally:
        gc.enable()


# Waiting in a handler --------------------------------------------------------------------------------


def refused(call: Callable[[], object], told: list[str]) -> None:
    try:
        call()
    except k6ws.K6Error as error:
        told.append(str(error))


WAIT = "wait() cannot be called in a handler: it would wait for the handler itself"


@pytest.mark.parametrize("limit", [None, 1])
def test_wait_in_a_handler_is_refused(server: WebsocketsServer, limit: float | None) -> None:
    told: list[str] = []

    def session(socket: ws.Socket) -> None:
        def opened() -> None:
            socket.close()
            refused(lambda: k6ws.wait(limit), told)

        socket.on("open", opened)

    assert ws.connect(server.url("/ws-echo"), session).status == 101

    def websocket() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        socket.onopen = lambda: (refused(lambda: k6ws.wait(limit), told), socket.close())

    websocket()
    assert k6ws.wait(PATIENCE_S * 1000)
    timers.set_timeout(lambda: refused(lambda: k6ws.wait(limit), told), 1)
    assert k6ws.wait(PATIENCE_S * 1000)
    result = k6ws.run(websocket, iterations=1)
    assert not result.exceptions
    assert told == [WAIT] * 4


# Text ------------------------------------------------------------------------------------------------

BROKEN = "a\ud83d\ude00b\ud83dc"
MENDED = "a\U0001f600b\ufffdc"


def test_a_lone_surrogate_is_sent_as_k6_sends_it(server: WebsocketsServer) -> None:
    got: list[object] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send(BROKEN))
        socket.on("message", lambda text: (got.append(text), socket.close()))

    ws.connect(server.url("/ws-echo"), session)

    socket = WebSocket(server.url("/ws-echo"))
    socket.onopen = lambda: socket.send(BROKEN)
    socket.onmessage = lambda event: (got.append(event.data), socket.close(1000, BROKEN))
    assert k6ws.wait(PATIENCE_S * 1000)

    async def main() -> None:
        await ws.aconnect(server.url("/ws-echo"), session)

    asyncio.run(main())
    assert got == [MENDED] * 3
    assert server.journal.session(1).close_code == 1000
    assert bytes(Blob([BROKEN])) == MENDED.encode()


def test_a_lone_surrogate_is_written_as_k6_writes_it() -> None:
    with TcpServer() as server:
        socket = tcp.Socket()
        socket.connect(server.port, "127.0.0.1").wait()
        socket.write(BROKEN).wait()
        server.wait_received(MENDED.encode())
        socket.destroy()
        assert k6ws.wait(PATIENCE_S * 1000)


# Writes ----------------------------------------------------------------------------------------------


def never(_number: int) -> bool:
    return False


def test_a_write_that_is_done_before_it_is_asked_for_again_ends() -> None:
    with TcpServer() as server:
        socket: Any = tcp.Socket()
        socket.connect(server.port, "127.0.0.1").wait()
        session = socket._session
        connection = session.connection
        ends: dict[int, Operation[None]] = {}
        # Three writes that somebody waits for: two are done when it is told, the third when it is asked for.
        for number in (1, 2, 3):
            ends[number] = session._writes[number] = Operation(session.vu, "write", session)
        session.connection = SimpleNamespace(writes_done=lambda: 2, want_written=never)
        session.written(None)
        session.conclude()
        session.connection = connection
        assert {number: end.done() for number, end in ends.items()} == {1: True, 2: True, 3: True}
        socket.destroy()
        assert k6ws.wait(PATIENCE_S * 1000)
