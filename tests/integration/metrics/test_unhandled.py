"""Messages that no handler takes are counted, and binary ones told of once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

import k6ws
from k6ws import _core, ws
from k6ws.websockets import WebSocket
from support.servers import WebsocketsServer

WARNING = "binary messages arrive and nothing handles them"
PUSHED = 10  # what /ws-push says by itself


def session_vu(url: str, speak: Callable[[Any], object]) -> Callable[[], Any]:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: speak(socket))
        socket.on("pong", socket.close)

    return lambda: ws.connect(url, session)


def session_async_vu(url: str, speak: Callable[[Any], object]) -> Callable[[], Any]:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: speak(socket))
        socket.on("pong", socket.close)

    async def default() -> None:
        await ws.aconnect(url, session)

    return default


def websocket_vu(url: str, speak: Callable[[Any], object]) -> Callable[[], Any]:
    def default() -> None:
        socket = WebSocket(url)
        socket.onopen = lambda: speak(socket)
        socket.onpong = lambda: socket.close()

    return default


def websocket_async_vu(url: str, speak: Callable[[Any], object]) -> Callable[[], Any]:
    plain = websocket_vu(url, speak)

    async def default() -> None:
        plain()

    return default


STYLES = pytest.mark.parametrize(
    "style", [session_vu, session_async_vu, websocket_vu, websocket_async_vu]
)


def say(*messages: str | bytes) -> Callable[[Any], None]:
    """Send these and a ping behind them: the target answers in order, so its pong comes last."""

    def speak(socket: Any) -> None:
        for message in messages:
            send: Callable[[Any], object] = socket.send
            binary = getattr(socket, "send_binary", send)
            (binary if isinstance(message, bytes) else send)(message)
        socket.ping()

    return speak


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if WARNING in one.getMessage()]


@STYLES
def test_binary_messages_without_a_handler_are_counted_and_told_once(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture, style: Callable[..., Any]
) -> None:
    default = style(echo.url(), say(b"one", b"two", b"three"))
    result = k6ws.run(default, vus=2, iterations=4)
    assert not result.exceptions
    assert result.metrics["ws_msgs_unhandled"].count == 12
    assert result.metrics["ws_msgs_received"].count == 12
    said = warnings(caplog)
    assert len(said) == 1
    assert ("binaryMessage" if "session" in style.__name__ else "onmessage") in said[0]
    k6ws.run(default, iterations=1)
    assert len(warnings(caplog)) == 2, "each run says it"


@STYLES
def test_text_without_a_handler_is_counted_and_no_warning(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture, style: Callable[..., Any]
) -> None:
    default = style(echo.url(), say("one", "two"))
    result = k6ws.run(default, iterations=2)
    assert result.metrics["ws_msgs_unhandled"].count == 4
    assert warnings(caplog) == []


@STYLES
def test_messages_that_are_handled_are_none_of_them(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture, style: Callable[..., Any]
) -> None:
    got: list[object] = []

    def speak(socket: Any) -> None:
        if isinstance(socket, ws.Socket):
            socket.on("message", got.append)
            socket.on("binaryMessage", got.append)
        else:
            cast(WebSocket, socket).onmessage = lambda event: got.append(event.data)
        say("one", b"two")(socket)

    result = k6ws.run(style(echo.url(), speak), iterations=1)
    assert len(got) == 2
    assert "ws_msgs_unhandled" not in result.metrics
    assert warnings(caplog) == []


def test_a_listener_that_is_taken_away_leaves_nobody(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture
) -> None:
    got: list[object] = []

    def default() -> None:
        socket = WebSocket(echo.url())
        socket.onopen = lambda: socket.send("one")
        socket.onpong = lambda: socket.close()

        def first(event: Any) -> None:
            got.append(event.data)
            socket.onmessage = None
            say(b"two")(socket)

        socket.onmessage = first

    result = k6ws.run(default, iterations=1)
    assert got == ["one"]
    assert result.metrics["ws_msgs_unhandled"].count == 1
    assert len(warnings(caplog)) == 1


def test_what_an_interrupted_session_had_no_handler_for_is_counted(
    server: WebsocketsServer,
) -> None:
    def default() -> None:
        ws.connect(server.url("/ws-push"), lambda socket: None)

    options: Any = {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(default, scenarios={"s": options})
    assert result.metrics["ws_msgs_unhandled"].count == PUSHED


def test_a_plain_program_is_told_as_well(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture
) -> None:
    k6ws.run(lambda: None, iterations=1)  # whatever was said before is said again
    session_vu(echo.url(), say(b"one", b"two"))()
    assert len(warnings(caplog)) == 1
