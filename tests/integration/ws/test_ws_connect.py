"""`ws.connect`: what it accepts, when it returns, and what it says when it cannot connect."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from k6ws import K6Error, UnknownOption, ws
from support.runs import STATE, assert_session_metrics, run_once, session_in_run
from support.servers import EchoServer, WebsocketsServer
from support.transcript import Transcript

LOGGED_WARNING = re.compile(r"\b(WARN(ING)?|ERRO(R)?|level=(warning|error))\b", re.IGNORECASE)

NOTHING: dict[str, Any] = {}


@pytest.mark.parity("ws-closed-in-its-callback")
def test_a_session_closed_in_its_callback_has_status_101(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    response, result = session_in_run(url, lambda socket: socket.close())
    assert (response.status, response.url, response.error, response.body) == (101, url, "", "")
    assert_session_metrics(result, url)
    assert any_server.journal.session().close_code == 1001


@pytest.mark.parity("ws-open-runs-before-connect-returns")
def test_open_has_run_when_connect_returns(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.close())

    _, result = session_in_run(url, transcript.before(session))
    assert transcript.events == [("open",), ("close", 1001)]
    assert_session_metrics(result, url)


def test_the_callback_runs_before_open_on_an_open_connection(server: WebsocketsServer) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.send("from the callback")
        transcript.note("callback")
        socket.on("message", lambda: socket.close())

    ws.connect(server.url("/ws-echo"), transcript.before(session))
    assert transcript.events == [
        ("callback",),
        ("open",),
        ("message", "from the callback"),
        ("close", 1001),
    ]


def test_params_may_be_none_a_mapping_or_keywords(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")

    def close(socket: ws.Socket) -> None:
        socket.close()

    ws.connect(url, None, close)
    ws.connect(url, {"headers": {"X-How": "mapping"}}, close)
    ws.connect(url, callback=close, headers={"X-How": "keyword"})
    ws.connect(url, close, headers={"X-How": "both"})
    seen = [server.journal.session(index).header("X-How") for index in range(4)]
    assert seen == [None, "mapping", "keyword", "both"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "invalid number of arguments to ws.connect"),
        ((None,), "last argument to ws.connect must be a function"),
        ((NOTHING, None), "last argument to ws.connect must be a function"),
        ((NOTHING, 5), "last argument to ws.connect must be a function"),
        ((NOTHING, print, print), "invalid number of arguments to ws.connect"),
    ],
)
def test_bad_arguments_are_refused_before_connecting(
    server: WebsocketsServer, arguments: tuple[Any, ...], text: str
) -> None:
    connect: Any = ws.connect
    with pytest.raises(K6Error) as caught:
        connect(server.url("/ws-echo"), *arguments)
    assert str(caught.value).startswith(text)
    assert server.journal.sessions == []


def test_a_key_given_twice_is_refused(server: WebsocketsServer) -> None:
    with pytest.raises(TypeError, match="headers"):
        ws.connect(server.url("/ws-echo"), {"headers": {}}, lambda _: None, headers={"A": "b"})
    assert server.journal.sessions == []


def test_an_unknown_key_is_refused_with_the_nearest_known_one(server: WebsocketsServer) -> None:
    with pytest.raises(UnknownOption, match="header") as caught:
        ws.connect(server.url("/ws-echo"), {"header": {}}, lambda _: None)  # type: ignore[arg-type]
    assert isinstance(caught.value, K6Error)
    assert isinstance(caught.value, TypeError)
    assert "headers" in getattr(caught.value, "hint", "")
    assert server.journal.sessions == []


@pytest.mark.parity("ws-malformed-url-raises-under-throw")
def test_a_malformed_url_raises_under_throw() -> None:
    caught: list[K6Error] = []

    def default() -> None:
        with pytest.raises(K6Error, match="malformed ws or wss URL") as error:
            ws.connect("INVALID", lambda socket: socket.close())
        caught.append(error.value)

    run_once(default, **STATE)
    assert len(caught) == 1


@pytest.mark.parity("ws-malformed-url-runs-no-callback")
def test_a_malformed_url_never_reaches_a_callback_that_sends() -> None:
    called: list[str] = []

    def session(socket: ws.Socket) -> None:
        called.append("callback")
        socket.send("test")

    def default() -> None:
        with pytest.raises(K6Error, match="malformed ws or wss URL"):
            ws.connect("INVALID", session)

    run_once(default, **STATE)
    assert called == []


@pytest.mark.parity("ws-connection-error-is-not-logged")
@pytest.mark.parametrize("throw", [True, False])
def test_a_connection_error_is_not_logged(
    *, throw: bool, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    outcomes: list[str] = []

    def default() -> None:
        try:
            outcomes.append(ws.connect("INVALID", lambda socket: socket.close()).error)
        except K6Error as error:
            outcomes.append(f"raised {error}")

    run_once(default, **{**STATE, "throw": throw})
    assert len(outcomes) == 1
    assert outcomes[0].startswith("raised malformed" if throw else "malformed ws or wss URL")
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
    assert LOGGED_WARNING.search(capfd.readouterr().err) is None


@pytest.mark.parametrize(
    "url", ["", "INVALID", "http://127.0.0.1:1/", "ws://user:secret@127.0.0.1:1/", "ws://[::1"]
)
def test_without_throw_a_bad_url_is_a_response_with_an_error(url: str) -> None:
    response = ws.connect(url, lambda socket: socket.close())
    assert (response.status, response.url, response.body) == (0, url, "")
    assert dict(response.headers) == {}
    assert response.error != ""
    if url != "ws://[::1":
        assert response.error.startswith("malformed ws or wss URL")
    assert "secret" not in response.error


def test_a_fragment_stays_in_the_response_and_off_the_wire(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo?a=1#part")
    response = ws.connect(url, lambda socket: socket.close())
    assert (response.status, response.url) == (101, url)
    assert server.journal.session().path == "/ws-echo?a=1"


def test_a_session_may_be_opened_inside_another(server: WebsocketsServer) -> None:
    outer, inner = Transcript(), Transcript()
    url = server.url("/ws-echo-multi")

    def nested(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("inner"))
        socket.on("message", lambda: socket.close(3001))

    def session(socket: ws.Socket) -> None:
        def connect_again() -> None:
            socket.send("waits for the inner session")
            ws.connect(url, inner.before(nested))
            outer.note("inner session over")

        socket.on("open", connect_again)
        socket.on("message", lambda: socket.close(3000))

    ws.connect(url, outer.before(session))
    assert inner.events == [("open",), ("message", "inner"), ("close", 3001)]
    assert outer.events == [
        ("open",),
        ("inner session over",),
        ("message", "waits for the inner session"),
        ("close", 3000),
    ]


def test_timeout_must_be_a_duration(server: WebsocketsServer) -> None:
    with pytest.raises(K6Error, match="timeout"):
        ws.connect(server.url("/ws-echo"), lambda socket: socket.close(), timeout="soon")
    assert server.journal.sessions == []
