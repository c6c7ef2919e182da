"""How sessions ended and which handshakes were refused is told, however the script makes its connections."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws.summary import text_summary
from k6ws.websockets import WebSocket
from support.frames import CLOSE, close
from support.scripted import (
    Peer,
    ScriptedServer,
    Step,
    fin,
    hang,
    read_frame,
    read_request,
    send,
    upgrade,
)

if TYPE_CHECKING:
    from support.servers import WebsocketsServer

Function = Callable[[], object]


def with_ws(url: str, ours: int | None) -> Function:
    """A plain VU."""
    return lambda: ws.connect(url, ending_with(ours), close_timeout=100)


def with_ws_in_coroutines(url: str, ours: int | None) -> Callable[[], Awaitable[object]]:
    """An `async def` VU."""

    async def default() -> None:
        await ws.aconnect(url, ending_with(ours), close_timeout=100)

    return default


def with_websockets(url: str, ours: int | None) -> Function:
    """The events of the web."""

    def default() -> None:
        socket = WebSocket(url, None, {"close_timeout": 100})
        socket.onerror = lambda _: None
        if ours is not None:
            socket.onopen = lambda _: socket.close(ours)

    return default


def ending_with(ours: int | None) -> Callable[[ws.Socket], None]:
    """A session that we end with this code, or leave to the server."""

    def session(socket: ws.Socket) -> None:
        socket.on("error", lambda: None)
        if ours is not None:
            socket.on("open", partial(socket.close, ours))

    return session


def run(function: Any, **options: Any) -> k6ws.Result:
    wanted: dict[str, Any] = {"vus": 1, "iterations": 3, **options}
    return k6ws.run(function, **wanted)


def arun(function: Any, **options: Any) -> k6ws.Result:
    wanted: dict[str, Any] = {"vus": 1, "iterations": 3, **options}
    return asyncio.run(k6ws.arun(function, **wanted))


STYLES = pytest.mark.parametrize(
    ("style", "start"),
    [
        (with_ws, run),
        (with_ws, arun),
        (with_ws_in_coroutines, run),
        (with_websockets, run),
        (with_websockets, arun),
    ],
)


def answered(status: str, *lines: str, body: bytes = b"") -> list[Step]:
    """A server that refuses."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *lines]
    return [read_request, send("\r\n".join(head).encode() + b"\r\n\r\n" + body), fin]


@STYLES
@pytest.mark.parametrize(
    ("steps", "ours", "code", "by", "reason", "told"),
    [
        (
            [upgrade(), send(close(4001, "unauthorized"))],
            None,
            4001,
            "server",
            "unauthorized",
            "3 4001 by the server: unauthorized",
        ),
        (
            [upgrade(), send(close(1011))],
            None,
            1011,
            "server",
            "",
            "3 1011 (internal server error) by the server",
        ),
        (
            [upgrade(), send(close(1008, "x\x1b[31m\n"))],
            None,
            1008,
            "server",
            "x␛[31m␊",
            "3 1008 (policy violation) by the server: x␛[31m␊",
        ),
        (
            [upgrade(), send(close(1001, "restart"))],
            None,
            1001,
            "server",
            "restart",
            "3 1001 (going away) by the server: restart",
        ),
        ([upgrade(), read_frame(CLOSE), send(close(3007))], 3007, 3007, "us", "", "3 3007 by us"),
        ([upgrade(), read_frame(CLOSE), send(close(1000))], 3007, 3007, "us", "", "3 3007 by us"),
        (
            [upgrade(), read_frame(CLOSE), send(close(4003, "too late"))],
            1000,
            4003,
            "server",
            "too late",
            "3 4003 by the server: too late",
        ),
        (
            [upgrade(), fin],
            None,
            1006,
            "nobody",
            "unexpected EOF",
            "3 1006 (abnormal closure), the connection broke: unexpected EOF",
        ),
        (
            [upgrade(), hang],
            1000,
            1006,
            "us",
            "no answer to our Close",
            "3 1006 (abnormal closure) by us: no answer to our Close",
        ),
    ],
    ids=lambda value: None if isinstance(value, list) else str(value)[:20],
)
def test_sessions_that_do_not_end_in_order_are_told_by_code_by_whom_and_why(
    style: Any,
    start: Any,
    *,
    steps: list[Step],
    ours: int | None,
    code: int,
    by: str,
    reason: str,
    told: str,
) -> None:
    with ScriptedServer(steps) as server:
        result = start(style(server.url(), ours))
    [end] = result.session_ends
    assert (end.code, end.by, end.reason, end.count) == (code, by, reason, 3)
    [entry] = result.to_dict()["run"]["session_ends"]
    assert entry == {"code": code, "name": end.name, "by": by, "reason": reason, "count": 3}
    assert told in " ".join(text_summary(result.to_dict()).split())


@STYLES
@pytest.mark.parametrize(("path", "ours"), [("/ws-close", None), ("/ws-listen", 1000)])
def test_sessions_that_end_in_order_are_not_told(
    server: WebsocketsServer, style: Any, start: Any, path: str, ours: int | None
) -> None:
    result = start(style(server.url(path), ours))
    assert result.session_ends == []
    assert "HOW SESSIONS ENDED" not in text_summary(result.to_dict())


def test_a_vu_that_is_cut_goes_away_in_order(server: WebsocketsServer) -> None:
    scenario: k6ws.Scenario = {
        "executor": "constant-vus",
        "vus": 2,
        "duration": "1s",
        "gracefulStop": "0s",
    }
    result = k6ws.run(with_ws(server.url("/ws-listen"), None), scenarios={"s": scenario})
    assert result.to_dict()["run"]["iterations_interrupted"] == 2
    assert result.session_ends == []


@STYLES
@pytest.mark.parametrize(
    ("status", "body", "line", "advice"),
    [
        ("429 Too Many Requests", b"\r\nquota\x1b of blue\r\nmore", "quota␛ of blue", "too many"),
        ("502 Bad Gateway", b"", "", "a proxy in front has no server"),
        ("403 Forbidden", b"<html>" + b"x" * 900, "<html>" + "x" * 194 + "…", "let us in"),
        ("299 Odd", b"", "", "there is a web page"),
        ("799 Odd", b"", "", "the server answered 799"),
    ],
)
def test_refused_handshakes_are_told_by_status_with_advice_and_the_servers_words(
    style: Any, start: Any, *, status: str, body: bytes, line: str, advice: str
) -> None:
    with ScriptedServer(answered(status, body=body)) as server:
        result = start(style(server.url("/p?token=secret"), None))
        url = server.url("/p")
    [failure] = result.connection_failures
    code = int(status[:3])
    assert (failure.cause, failure.status, failure.count) == ("handshake_status", code, 3)
    assert failure.message == f"{url}: websocket: bad handshake"
    assert (failure.body, failure.hint[:23]) == (line, f"the server answered {code}")
    assert advice in failure.hint
    [entry] = result.to_dict()["run"]["connection_failures"]
    assert entry == vars(failure)
    text = " ".join(text_summary(result.to_dict()).split())
    assert f"3 handshake_status {code}" in text
    assert f"hint: {failure.hint}" in text
    assert (f"the server said: {line}" in text) == bool(line)


def test_refusals_of_different_status_are_told_apart() -> None:
    statuses = iter(["429", "502", "429", "403", "429"])

    def refuse(peer: Peer) -> None:
        peer.sock.sendall(f"HTTP/1.1 {next(statuses)} No\r\nContent-Length: 0\r\n\r\n".encode())

    with ScriptedServer([read_request, refuse, fin]) as server:
        result = run(with_ws(server.url(), None), iterations=5)
    told = [(one.status, one.count) for one in result.connection_failures]
    assert told == [(429, 3), (403, 1), (502, 1)]


@pytest.mark.parametrize("how", ["ws", "tcp"])
def test_advice_on_a_connection_that_was_not_made_is_in_the_summary(how: str) -> None:
    with ScriptedServer([]) as server:
        port = server.port

    def default() -> None:
        if how == "ws":
            ws.connect(f"ws://127.0.0.1:{port}/", lambda _: None)
        else:
            tcp.Socket().connect(port, "127.0.0.1").wait()

    result = run(default, throw=False)
    [failure] = result.connection_failures
    assert (failure.cause, failure.status, failure.count) == ("connect_refused", None, 3)
    assert failure.hint == "is the server running there?"
    assert "hint: is the server running there?" in text_summary(result.to_dict())


def test_advice_of_an_exception_is_in_the_summary() -> None:
    def default() -> None:
        raise k6ws.errors.K6Error("nothing works", "try again")

    result = run(default)
    [entry] = result.to_dict()["run"]["exceptions"]
    assert (entry["count"], entry["hint"], result.exceptions[0].hint) == (
        3,
        "try again",
        "try again",
    )
    assert "hint: try again" in text_summary(result.to_dict())
