"""An exception in a handler closes the session and leaves `connect` as the same object."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import ws
from k6ws.ws.socket import EventName
from support import frames
from support.runs import STATE, assert_session_metrics, run_once
from support.servers import (
    EchoServer,
    ScriptedServer,
    WebsocketsServer,
    fin,
    read_frame,
    read_to_end,
    upgrade,
)


class Boom(Exception):  # noqa: N818 - it is a noise
    """What the handlers under test raise."""


def raises(boom: BaseException) -> Callable[[], None]:
    def the_handler_that_raises() -> None:
        raise boom

    return the_handler_that_raises


@pytest.mark.parity("ws-callback-exception-leaves-connect")
def test_an_exception_in_the_callback_leaves_connect(any_server: EchoServer) -> None:
    boom, codes = Boom("callback"), list[int]()
    opened: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("close", codes.append)
        socket.on("open", lambda: opened.append("open"))
        raise boom

    with pytest.raises(Boom) as caught:
        ws.connect(any_server.url("/ws-echo"), session)
    assert caught.value is boom
    assert (codes, opened) == ([1001], [])
    assert any_server.journal.session().close_code == 1001


@pytest.mark.parametrize("method", ["set_timeout", "set_interval"])
def test_an_exception_in_a_timer_leaves_connect(server: WebsocketsServer, method: str) -> None:
    boom, codes = Boom(method), list[int]()

    def session(socket: ws.Socket) -> None:
        socket.on("close", codes.append)
        getattr(socket, method)(raises(boom), 1)

    with pytest.raises(Boom) as caught:
        ws.connect(server.url("/ws-echo"), session)
    assert caught.value is boom
    assert codes == [1001]
    assert server.journal.session().close_code == 1001


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        ("open", b""),
        ("message", frames.text("m")),
        ("binaryMessage", frames.frame(frames.BINARY, b"m")),
        ("ping", frames.frame(frames.PING)),
        ("pong", frames.frame(frames.PONG)),
        ("error", frames.close(3000)),
    ],
)
def test_an_exception_in_a_handler_skips_its_siblings_but_not_close(
    event: EventName, cause: bytes
) -> None:
    boom, codes, skipped = Boom(event), list[int](), list[str]()

    def session(socket: ws.Socket) -> None:
        socket.on(event, raises(boom))
        socket.on(event, lambda: skipped.append(event))
        socket.on("close", codes.append)

    script = [upgrade(then=cause), read_frame(frames.CLOSE), fin, read_to_end]
    with ScriptedServer(script) as server:
        with pytest.raises(Boom) as caught:
            ws.connect(server.url(), session)
        sent = [f.close_code for f in server.peer().frames if f.opcode == frames.CLOSE]
    assert caught.value is boom
    assert skipped == []
    assert codes == [1001]
    # A Close of the peer is answered with its own code before the handler hears of it.
    assert sent == [3000 if event == "error" else 1001]


def test_an_exception_in_a_close_handler_skips_the_rest(server: WebsocketsServer) -> None:
    boom, skipped = Boom("close"), list[str]()

    def session(socket: ws.Socket) -> None:
        socket.on("close", raises(boom))
        socket.on("close", lambda: skipped.append("close"))
        socket.close(3000)

    with pytest.raises(Boom) as caught:
        ws.connect(server.url("/ws-echo"), session)
    assert caught.value is boom
    assert skipped == []
    assert server.journal.session().close_code == 3000


def test_the_traceback_still_names_the_handler(server: WebsocketsServer) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", raises(Boom()))

    with pytest.raises(Boom) as caught:
        ws.connect(server.url("/ws-echo"), session)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "the_handler_that_raises" in names


@pytest.mark.parametrize("where", ["callback", "open", "message", "timer", "close"])
def test_the_metrics_of_a_session_survive_its_exception(
    server: WebsocketsServer, where: Any
) -> None:
    url = server.url("/ws-echo")

    def session(socket: ws.Socket) -> None:
        if where == "callback":
            raise Boom
        if where == "timer":
            socket.set_timeout(raises(Boom()), 1)
        else:
            socket.on(where, raises(Boom()))
        if where == "close":
            socket.close()
        socket.on("open", lambda: socket.send("m"))

    def default() -> None:
        with pytest.raises(Boom):
            ws.connect(url, session)

    result = run_once(default, **STATE)
    assert_session_metrics(result, url)
    assert [values["count"] for _, values in result.series("ws_session_duration")] == [1]


def test_an_uncaught_exception_ends_the_iteration_and_is_counted(server: WebsocketsServer) -> None:
    reached: list[str] = []

    def default() -> None:
        ws.connect(server.url("/ws-echo"), lambda socket: socket.on("open", raises(Boom("loud"))))
        reached.append("after connect")

    result = k6ws.run(default, vus=1, iterations=3)
    assert reached == []
    assert result.exit_code == 0
    assert result.metrics["iterations"].count == 3
    assert [(e.type, e.message, e.count) for e in result.exceptions] == [("Boom", "loud", 3)]
    assert [server.journal.session(index).close_code for index in range(3)] == [1001] * 3


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_outside_a_run_every_exception_leaves_connect(
    server: WebsocketsServer, kind: type[BaseException]
) -> None:
    boom = kind()
    with pytest.raises(kind) as caught:
        ws.connect(server.url("/ws-echo"), lambda socket: socket.on("open", raises(boom)))
    assert caught.value is boom
    assert server.journal.session().close_code == 1001
