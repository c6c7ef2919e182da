"""A dial that fails, in whichever phase, leaves nothing of it behind: the next one is as the first."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws._loop import current
from k6ws.http import CookieJar
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S
from support.runs import run_once, total
from support.servers import (
    ScriptedServer,
    WebsocketsServer,
    fin,
    read_request,
    read_to_end,
    send,
    upgrade,
)
from support.styles import STYLES, in_style
from support.tcp_server import TcpServer

REFUSAL = b"HTTP/1.1 403 No\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
SCRIPTS: dict[str, Any] = {
    "opened": [upgrade("Set-Cookie: a=b"), read_to_end],
    "refused": [read_request, send(REFUSAL), fin],
}


class RaisingJar(CookieJar):
    """A script's own jar, which cannot store."""

    def header_for(self, url: str) -> str:
        """Nothing to send."""
        return ""

    def store_from(self, url: str, set_cookie: object) -> None:
        """Fail."""
        message = "no room"
        raise RuntimeError(message)


@pytest.mark.parametrize("answer", SCRIPTS)
@pytest.mark.parametrize("style", STYLES)
def test_a_jar_that_raises_ends_its_socket_and_no_more(style: str, answer: str) -> None:
    """The socket once stayed where it was for ever, and whoever waited for its end with it."""
    events: list[object] = []

    def begin(url: str) -> WebSocket:
        socket = WebSocket(url, jar=RaisingJar(), close_timeout=50)
        socket.onopen = lambda: events.append("open")
        socket.onerror = lambda: events.append("error")
        socket.onclose = lambda: events.append("close")
        return socket

    def here() -> None:
        socket = begin(server.url())
        with pytest.raises(RuntimeError, match="no room"):
            k6ws.wait(PATIENCE_S * 1000)
        assert k6ws.wait(PATIENCE_S * 1000)
        assert (socket.ready_state, current().sources) == (WebSocket.CLOSED, {})

    async def on_a_loop() -> None:
        failed: list[object] = []
        if current().who.run is None:
            asyncio.get_running_loop().set_exception_handler(lambda _, told: failed.append(told))
        begin(server.url())
        await nothing_open()
        assert len(failed) == 1

    with ScriptedServer(SCRIPTS[answer]) as server:
        if style == "async VU":
            result = k6ws.run(lambda: begin(server.url()), vus=1, iterations=1)
            assert [failure.type for failure in result.exceptions] == ["RuntimeError"]
        else:
            in_style(style, here, on_a_loop)
        assert events == ["error", "close"]


async def nothing_open() -> None:
    """Wait until every socket is closed."""
    while current().sources:  # noqa: ASYNC110 - nobody tells when the last one has gone
        await asyncio.sleep(0.001)


def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


FAILING: dict[str, Callable[[int], Any]] = {
    "name": lambda port: {"host": "no.such.invalid", "port": port},
    "connect": lambda _: {"host": "127.0.0.1", "port": unused_port()},
    "tls": lambda port: {"host": "127.0.0.1", "port": port, "tls": True, "timeout": 300},
    "proxy": lambda port: {"port": port, "proxy": f"http://127.0.0.1:{unused_port()}"},
    "port": lambda _: {"port": -1},
    "surrogate": lambda port: {"host": "\ud800", "port": port},
}


@pytest.mark.parametrize("style", STYLES)
def test_a_tcp_socket_connects_after_every_failure_as_if_it_were_the_first(style: str) -> None:
    """What a failed call asked for, TLS above all, is not what the next one asks for."""
    errors: list[str] = []
    got: list[object] = []

    def prepared() -> tcp.Socket:
        socket = tcp.Socket({"tags": {"kind": "probe"}})
        socket.on("error", lambda error: errors.append(type(error).__name__))
        socket.on("data", lambda data: (got.append(data), socket.destroy()))
        socket.on("close", lambda: got.append("close"))
        return socket

    def here() -> None:
        socket = prepared()
        for given in FAILING.values():
            with pytest.raises(k6ws.TCPError):
                socket.connect(given(target.port), tags={"extra": "1"}).wait()
            assert socket.ready_state == "disconnected"
        socket.connect(target.port, "127.0.0.1").wait()
        socket.write("after")
        assert k6ws.wait(PATIENCE_S * 1000)

    async def on_a_loop() -> None:
        socket = prepared()
        for given in FAILING.values():
            with pytest.raises(k6ws.TCPError):
                await socket.connect(given(target.port), tags={"extra": "1"})
            assert socket.ready_state == "disconnected"
        await socket.connect(target.port, "127.0.0.1")
        socket.write("after")
        await nothing_open()

    with TcpServer() as target:
        result = in_style(style, here, on_a_loop)
    assert got == [b"after", "close"]
    assert errors == ["TCPError"] * len(FAILING)
    if result is not None:
        assert total(result, "tcp_sockets", kind="probe") == 1
        assert total(result, "tcp_sockets", extra="1") == 0
        assert total(result, "tcp_errors") == len(FAILING)
        assert total(result, "tcp_writes", extra="1") == 0
        assert total(result, "tcp_writes") == 1


def test_options_of_a_connect_hold_for_its_connection_alone() -> None:
    """`send_timeout` among them, which once was that of the constructor."""

    def default() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            deaf = tcp.Socket(send_timeout="60s", send_buffer=8192)
            deaf.on("error", lambda: None)
            options: Any = {"send_timeout": 50, "max_buffered": 10_000}
            deaf.connect(listener.getsockname()[1], "127.0.0.1", **options).wait()
            writes = [deaf.write(b"x" * 5_000) for _ in range(2000)]
            with pytest.raises(k6ws.TCPError):
                writes[-1].wait()
            deaf.destroy()

    run_once(default)


DIALS: dict[str, Callable[[str], tuple[str, Any]]] = {
    "url": lambda _: ("no url at all", {}),
    "surrogate": lambda url: (url.replace("127.0.0.1", "\ud800"), {}),
    "name": lambda _: ("ws://no.such.invalid/", {}),
    "connect": lambda _: (f"ws://127.0.0.1:{unused_port()}/", {}),
    "tls": lambda url: (url.replace("ws:", "wss:"), {"timeout": 300}),
    "proxy": lambda url: (url, {"proxy": f"http://127.0.0.1:{unused_port()}"}),
    "upgrade": lambda url: (url.replace("/ws-echo", "/no-such"), {}),
}


@pytest.mark.parametrize("style", ["VU", "async VU"])
def test_attempts_that_fail_are_counted_once_and_the_next_one_opens(
    server: WebsocketsServer, style: str
) -> None:
    got: list[object] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("after"))
        socket.on("message", lambda text: (got.append(text), socket.close()))

    def here() -> None:
        for given in DIALS.values():
            url, params = given(server.url("/ws-echo"))
            assert ws.connect(url, params, session).status != 101
            assert current().sources == {}
        assert ws.connect(server.url("/ws-echo"), session).status == 101

    async def on_a_loop() -> None:
        for given in DIALS.values():
            url, params = given(server.url("/ws-echo"))
            assert (await ws.aconnect(url, params, session)).status != 101
            assert current().sources == {}
        assert (await ws.aconnect(server.url("/ws-echo"), session)).status == 101

    result = run_once(here if style == "VU" else on_a_loop)
    assert got == ["after"]
    assert total(result, "ws_sessions") == len(DIALS) + 1
    assert (total(result, "ws_connect_failed"), total(result, "ws_closes")) == (len(DIALS), 1)
    assert (total(result, "ws_msgs_sent"), total(result, "ws_msgs_received")) == (1, 1)
