"""How sessions are opened, and why they are not: one exception with all that is known, and one sample."""

from __future__ import annotations

import asyncio
import base64
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import _core, ws
from k6ws._loop import current
from support.runs import run_once, total
from support.scripted import (
    ScriptedServer,
    Step,
    fin,
    hang,
    read_request,
    read_to_end,
    rst,
    send,
    upgrade,
)
from support.servers import WebsocketsServer

REFUSAL = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nno!\n"


@pytest.mark.parametrize(
    ("script", "phase", "cause", "status"),
    [
        ([read_request, send(REFUSAL)], "upgrade", "handshake_status", 401),
        ([upgrade(accept="wrong"), read_to_end], "upgrade", "handshake_invalid", 0),
        ([read_request, rst], "upgrade", "reset", 0),
        ([read_request, fin], "upgrade", "eof", 0),
        ([hang], "upgrade", "handshake_timeout", 0),
    ],
    ids=["status", "key", "reset", "end", "time"],
)
def test_what_is_refused_says_all_there_is(
    script: list[Step], phase: str, cause: str, status: int
) -> None:
    def default() -> None:
        with pytest.raises(k6ws.ConnectFailed) as caught:
            ws.open(server.url("/x"), timeout="200ms")
        errors.append(caught.value)

    errors: list[k6ws.ConnectFailed] = []
    with ScriptedServer(script) as server:
        result = run_once(default)
        url = server.url("/x")
    error = errors[0]
    assert (error.url, error.phase, error.cause, error.status) == (url, phase, cause, status)
    if status:
        assert (error.headers["Www-Authenticate"], error.body) == ("Basic", "no!\n")
    assert error.hint
    assert isinstance(error, ConnectionError)
    assert total(result, "ws_connect_failed") == 1
    assert total(result, "ws_sessions") == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "ws://", "ws://user:pw@127.0.0.1/", "nonsense"]
)
def test_what_is_no_url_is_refused_and_counted(url: str) -> None:
    def default() -> None:
        with pytest.raises(k6ws.ConnectFailed) as caught:
            ws.open(url)
        assert caught.value.cause == "url"
        assert caught.value.hint

    assert total(run_once(default), "ws_connect_failed") == 1


def test_a_coroutine_is_told_the_same() -> None:
    async def main() -> None:
        with pytest.raises(k6ws.ConnectFailed) as caught:
            async with ws.aopen("ws://127.0.0.1:1/"):
                pass
        assert caught.value.cause == "connect_refused"
        with pytest.raises(k6ws.UnknownOption):
            await ws.aopen("ws://127.0.0.1:1/", recv_timout="1s")  # type: ignore[call-arg]

    asyncio.run(main())


def test_the_answer_can_be_read(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        assert session.response.status == 101
        assert session.response.headers["upgrade"].lower() == "websocket"
        assert session.subprotocol is None


def test_the_subprotocol_that_was_chosen() -> None:
    offer = ["chat.v1", "chat.v2"]
    with (
        WebsocketsServer(subprotocols=["chat.v2"]) as server,
        ws.open(server.url("/ws-echo"), subprotocols=offer) as session,
    ):
        assert session.subprotocol == "chat.v2"


def test_basic_authentication_is_sent_and_told_once() -> None:
    with ScriptedServer([upgrade(), read_to_end]) as server:
        with ws.open(server.url(), auth=("näme", "pass:word")):
            pass
        header = server.peer().header("Authorization") or ""
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "näme:pass:word"


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        (
            {"auth": ("a", "b"), "headers": {"authorization": "x"}},
            k6ws.InvalidParameter,
            "both given",
        ),
        ({"auth": ("a:b", "c")}, k6ws.InvalidParameter, "colon"),
        ({"auth": "secret"}, TypeError, "a pair of texts"),
        ({"auth": ("a", 7)}, TypeError, "a pair of texts"),
        ({"auth": ("a", "\ud800")}, k6ws.InvalidParameter, "surrogate"),
    ],
)
def test_authentication_that_cannot_be_is_refused(
    echo: _core.EchoServer, given: Any, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        ws.open(echo.url(), given)
    assert "secret" not in str(caught.value)


def test_authentication_in_the_url_as_well_is_refused() -> None:
    with pytest.raises(k6ws.InvalidParameter, match="in the URL as well"):
        ws.open("ws://user:pw@127.0.0.1/", auth=("a", "b"))


def test_the_parameters_may_be_a_mapping_in_either_spelling(echo: _core.EchoServer) -> None:
    session = ws.open(echo.url(), {"recvTimeout": "10ms", "tags": {"a": "b"}})
    with session, pytest.raises(k6ws.RecvTimeout, match="10ms"):
        session.recv()
    with pytest.raises(TypeError, match="both spellings"):
        ws.open(echo.url(), {"recvTimeout": "1s", "recv_timeout": "1s"})


def test_nothing_opens_in_the_body_of_a_script(tmp_path: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text("from k6ws import ws\nws.open('ws://127.0.0.1:1/')\ndef default(): pass\n")
    with pytest.raises(k6ws.K6Error, match="init context"):
        k6ws.run(script)


def test_an_open_that_is_cut_leaves_nothing() -> None:
    def default() -> None:
        ws.open(server.url())

    users: Any = {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"}
    with ScriptedServer([read_to_end]) as server:
        result = k6ws.run(default, scenarios={"users": users})
    assert result.exceptions == []
    assert total(result, "ws_connect_failed") == 2


@pytest.fixture
def freed() -> Any:
    """Whether something is freed without the collector of cycles."""
    gc.collect()
    gc.disable()
    yield weakref.ref
    gc.enable()


def test_a_session_that_was_closed_is_freed_at_once(
    echo: _core.EchoServer, freed: Callable[[object], Any]
) -> None:
    def speak() -> Any:
        with ws.open(echo.url()) as session:
            session.send("x")
            session.recv()
            return freed(session)

    assert speak()() is None
    assert current().sources == {}


def test_one_with_handlers_is_freed_when_they_have_run(
    echo: _core.EchoServer, freed: Callable[[object], Any]
) -> None:
    kept: list[Any] = []

    def default() -> None:
        with ws.open(echo.url()) as session:
            session.on("message", lambda message: kept.append((session.is_open, message)))
            session.on("close", lambda: kept.append(session.is_open))
            session.send("x")
        kept.append(freed(session))

    run_once(default)
    assert kept[1:] == [(False, "x"), False]
    assert kept[0]() is None


def test_sessions_in_sequence_hold_nothing(echo: _core.EchoServer) -> None:
    def default() -> None:
        for _ in range(50):
            with ws.open(echo.url()) as session:
                session.send("x")
                session.recv()
            assert len(current().sources) == 0

    run_once(default)
