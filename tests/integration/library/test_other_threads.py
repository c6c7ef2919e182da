"""What a thread may do with a socket of another: end it; all else is refused and changes nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import execution, tcp, ws
from k6ws.websockets import WebSocket
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer

PATIENCE_S = 10


def elsewhere(call: Callable[[], object]) -> None:
    """Make a call in a thread of its own, and raise what it raised."""
    raised: list[BaseException] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(PATIENCE_S)
    assert not thread.is_alive(), "the call came back"
    if raised:
        raise raised[0]


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(k6ws.K6Error, match="belongs to another thread") as caught:
        elsewhere(call)
    assert "close" in caught.value.hint


# A session of ws, in every style ---------------------------------------------------------------------


def plain(url: str, callback: Callable[[ws.Socket], Any]) -> ws.Response:
    return ws.connect(url, callback)


def vu(url: str, callback: Callable[[ws.Socket], Any]) -> ws.Response:
    made: list[ws.Response] = []
    result = k6ws.run(lambda: made.append(ws.connect(url, callback)), vus=1, iterations=1)
    assert not result.exceptions
    return made[0]


def async_vu(url: str, callback: Callable[[ws.Socket], Any]) -> ws.Response:
    made: list[ws.Response] = []

    async def default() -> None:
        made.append(await ws.aconnect(url, callback))

    result = k6ws.run(default, vus=1, iterations=1)
    assert not result.exceptions
    return made[0]


def guest(url: str, callback: Callable[[ws.Socket], Any]) -> ws.Response:
    async def main() -> ws.Response:
        return await ws.aconnect(url, callback)

    return asyncio.run(main())


def second_guest(url: str, callback: Callable[[ws.Socket], Any]) -> ws.Response:
    guest(url, lambda socket: socket.close())
    return guest(url, callback)


STYLES = pytest.mark.parametrize("connect", [plain, vu, async_vu, guest, second_guest])


@STYLES
def test_close_from_another_thread_ends_the_session(
    server: WebsocketsServer, connect: Callable[..., ws.Response]
) -> None:
    closed: list[tuple[int, int]] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: elsewhere(lambda: socket.close(4321)))
        socket.on("close", lambda code: closed.append((code, threading.get_ident())))

    assert connect(server.url("/ws-echo"), session).status == 101
    assert closed == [(4321, threading.get_ident())], "handlers run where the session is"
    assert server.journal.session(-1).close_code == 4321


@STYLES
def test_what_another_thread_is_refused_changes_nothing(
    server: WebsocketsServer, connect: Callable[..., ws.Response]
) -> None:
    got: list[str] = []

    def session(socket: ws.Socket) -> None:
        def intrude() -> None:
            refused(lambda: socket.send("not this"))
            refused(lambda: socket.send_binary(b"not this"))
            refused(socket.ping)
            refused(socket.pause_reading)
            refused(lambda: socket.set_timeout(socket.close, 1))
            with pytest.raises(k6ws.InvalidCloseCode):
                elsewhere(lambda: socket.close(1005 + 1))
            socket.send("this")

        socket.on("open", intrude)
        socket.on("message", lambda text: (got.append(text), socket.close(1000)))

    assert connect(server.url("/ws-echo"), session).status == 101
    assert got == ["this"]
    assert server.journal.session(-1).close_code == 1000


def test_a_close_from_another_thread_waits_for_the_handler(server: WebsocketsServer) -> None:
    events: list[object] = []

    def session(socket: ws.Socket) -> None:
        def opened() -> None:
            elsewhere(socket.close)
            elsewhere(socket.close)
            k6ws.sleep(0.02)
            events.append("opened")

        socket.on("open", opened)
        socket.on("close", events.append)

    ws.connect(server.url("/ws-echo"), session)
    assert events == ["opened", 1001]


def test_a_close_that_comes_after_the_end_is_nothing(server: WebsocketsServer) -> None:
    kept: list[ws.Socket] = []

    def session(socket: ws.Socket) -> None:
        kept.append(socket)
        socket.close()

    ws.connect(server.url("/ws-echo"), session)
    elsewhere(kept[0].close)
    # The loop that runs meanwhile takes the call.
    assert ws.connect(server.url("/ws-echo"), session).status == 101


# Sockets of the program ------------------------------------------------------------------------------


def test_a_websocket_is_closed_from_another_thread(server: WebsocketsServer) -> None:
    closed: list[int] = []
    socket = WebSocket(server.url("/ws-echo"))
    socket.onopen = lambda: elsewhere(lambda: socket.close(4000, "enough"))
    socket.onclose = lambda event: closed.append(event.code)
    assert k6ws.wait(PATIENCE_S * 1000)
    assert (closed, socket.ready_state) == ([4000], WebSocket.CLOSED)
    assert server.journal.session().close_code == 4000


def test_a_websocket_in_an_asyncio_loop_is_closed_by_to_thread(server: WebsocketsServer) -> None:
    async def main() -> int:
        ended = asyncio.get_running_loop().create_future()
        socket = WebSocket(server.url("/ws-echo"))
        socket.onopen = lambda: asyncio.create_task(asyncio.to_thread(socket.close))
        socket.onclose = lambda event: ended.set_result(event.code)
        return await asyncio.wait_for(ended, PATIENCE_S)

    assert asyncio.run(main()) == 1000


def test_a_websocket_that_another_thread_was_refused_goes_on(server: WebsocketsServer) -> None:
    got: list[object] = []
    socket = WebSocket(server.url("/ws-echo"))

    def opened() -> None:
        refused(lambda: socket.send("not this"))
        refused(socket.ping)
        with pytest.raises(k6ws.InvalidAccessError):
            elsewhere(lambda: socket.close(1))
        socket.send("this")

    socket.onopen = opened
    socket.onmessage = lambda event: (got.append(event.data), socket.close())
    assert k6ws.wait(PATIENCE_S * 1000)
    assert got == ["this"]


@pytest.mark.parametrize("end", ["destroy", "end"])
def test_a_tcp_socket_is_ended_from_another_thread(end: str) -> None:
    with TcpServer() as server:
        closed: list[str] = []
        socket = tcp.Socket()
        socket.on("close", lambda: closed.append(socket.ready_state))
        socket.connect(server.port, "127.0.0.1").wait()
        elsewhere(getattr(socket, end))
        assert k6ws.wait(PATIENCE_S * 1000)
        assert closed == ["destroyed"]
        server.wait_ended()


def test_a_tcp_socket_that_another_thread_was_refused_goes_on() -> None:
    with TcpServer() as server:
        socket, got = tcp.Socket(), list[object]()
        refused(lambda: socket.connect(server.port, "127.0.0.1"))
        assert socket.ready_state == "disconnected"
        connecting = socket.connect(server.port, "127.0.0.1")
        refused(connecting.wait)
        connecting.wait()
        refused(lambda: socket.write(b"not this"))
        refused(lambda: socket.set_timeout(1))
        refused(lambda: socket.set_no_delay(False))
        refused(lambda: socket.set_keep_alive(True))
        refused(socket.start_tls)
        socket.on("data", lambda data: (got.append(data), socket.destroy()))
        socket.on("timeout", lambda: got.append("timeout"))
        socket.write(b"this").wait()
        assert k6ws.wait(PATIENCE_S * 1000)
        assert got == [b"this"]


def test_a_vus_socket_is_closed_by_a_thread_of_the_vu(server: WebsocketsServer) -> None:
    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        execution.vu.state["socket"] = socket
        socket.onopen = lambda: threading.Thread(target=socket.close).start()

    result = k6ws.run(default, vus=2, iterations=4)
    assert not result.exceptions
    assert result.metrics["iterations"].count == 4
