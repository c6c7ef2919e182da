"""Wrong servers and wrong arguments: always an answer in words, never a hang, nobody else hurt."""

from __future__ import annotations

import socket as sockets
import time
from typing import Any

import pytest

import k6ws
from k6ws import K6Error, ws
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once
from support.servers import (
    EchoServer,
    ScriptedServer,
    Step,
    WebsocketsServer,
    drip,
    fin,
    hang,
    read_frame,
    read_request,
    read_to_end,
    rst,
    send,
    upgrade,
)
from support.transcript import Transcript


def close(socket: ws.Socket) -> None:
    socket.close()


def failed(url: str, **params: Any) -> str:
    """The error of a connect that must not succeed, after checking everything else about it."""
    called: list[ws.Socket] = []
    response = ws.connect(url, called.append, **params)
    assert (response.status, response.url, response.body) == (0, url, "")
    assert dict(response.headers) == {}
    assert called == []
    assert response.error != ""
    return response.error


def raised_or_failed(url: str, **params: Any) -> str:
    """The text of a refusal, whether it is raised or returned."""
    try:
        return failed(url, **params)
    except K6Error as error:
        return str(error)


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", ""])
def test_another_scheme_is_refused_without_connecting(scheme: str) -> None:
    with ScriptedServer([hang]) as server:
        error = failed(f"{scheme}://127.0.0.1:{server.port}/")
        assert server.peers == []
    assert error.startswith("malformed ws or wss URL")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ws://user:secret@127.0.0.1:9/", "Authorization"),
        ("ws://user:secret@127.0.0.1:99999/", "Authorization"),
        ("ws://127.0.0.1:99999/", "the port '99999'"),
        ("ws://127.0.0.1:http/", "the port 'http'"),
        ("ws://127.0.0.1:9/a\nb", "line break"),
        ("ws://a b/", "a space in its host"),
        ("ws://::1:80/", "brackets"),
        ("ws://[::1/", "Invalid IPv6 URL"),
        ("http://127.0.0.1/", "its scheme is 'http'"),
        ("127.0.0.1:80", "scheme"),
        ("ws:///path", "no host"),
        ("ws://a..b\u00e9/", "no name that DNS can have"),
        ("ws://127.0.0.1/\ud83d", "half a character"),
        ("ws+unix:@", "ws+unix:@name"),
    ],
)
def test_what_is_wrong_with_a_url_is_said_and_no_password_is(url: str, why: str) -> None:
    response = ws.connect(url, lambda _: None)
    assert response.error == "malformed ws or wss URL"
    assert why in response.hint
    assert "secret" not in response.hint


@pytest.mark.parametrize(
    ("url", "why"),
    [("ws://user:secret@127.0.0.1:9/", "Authorization"), ("ws://a b/", "a space in its host")],
)
def test_the_websocket_class_says_it_too(url: str, why: str) -> None:
    told: list[Any] = []
    WebSocket(url).onerror = lambda event: told.append(event.exception)
    k6ws.wait()
    [error] = told
    assert (str(error), error.cause) == ("malformed ws or wss URL", "url")
    assert why in error.hint
    assert "secret" not in error.hint


@pytest.mark.parametrize("api", ["connect", "WebSocket"])
def test_spaces_in_a_path_and_a_query_are_quoted(server: WebsocketsServer, api: str) -> None:
    url = f" {server.url('/ws-echo')}?name=a b&c=d "
    if api == "connect":
        ws.connect(url, lambda socket: socket.close())
    else:
        WebSocket(url).onopen = lambda event: event.target.close()
        k6ws.wait()
    assert server.journal.session().path == "/ws-echo?name=a%20b&c=d"


def test_a_refused_port_is_named() -> None:
    with sockets.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = bound.getsockname()[1]
        error = failed(f"ws://127.0.0.1:{port}/")
    assert error.startswith(f"dial tcp 127.0.0.1:{port}: connect: connection refused")


@pytest.mark.keeps_threads(1)  # the resolver's, which ends by itself when it was idle
def test_an_unknown_host_is_named() -> None:
    error = failed("ws://no-such-host.invalid/", timeout="10s")
    assert error.startswith("lookup no-such-host.invalid")


@pytest.mark.parametrize("status", [200, 301, 403, 503])
def test_an_answer_other_than_101_is_reported_and_not_followed(
    any_server: EchoServer, status: int
) -> None:
    path = f"/status/{status}?body=2000&location=ws://127.0.0.1:1/ws-echo"
    url = any_server.url(path)
    called: list[ws.Socket] = []
    response = ws.connect(url, called.append)
    assert (response.status, response.url) == (status, url)
    assert response.error.startswith("websocket: bad handshake")
    assert response.body == "b" * 1024
    assert response.headers["Location"] == "ws://127.0.0.1:1/ws-echo"
    assert called == []
    assert len(any_server.journal.refused) == 1


@pytest.mark.parametrize("status", [200, 301, 403, 503])
def test_an_answer_other_than_101_raises_under_throw(server: WebsocketsServer, status: int) -> None:
    def default() -> None:
        with pytest.raises(K6Error, match="websocket: bad handshake"):
            ws.connect(server.url(f"/status/{status}"), close)

    run_once(default, throw=True)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 abc Whatever\r\n\r\n", 'malformed HTTP status code "abc"'),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "malformed HTTP"),
        (bytes(range(256)) + b"\r\n\r\n", "malformed HTTP"),
    ],
    ids=["status", "ssh", "binary"],
)
def test_an_answer_that_is_not_http_is_called_malformed(answer: bytes, error: str) -> None:
    with ScriptedServer([read_request, send(answer), read_to_end]) as server:
        assert failed(server.url(), timeout="5s").startswith(error)


@pytest.mark.parametrize(
    "script",
    [
        [fin, read_to_end],
        [read_request, fin, read_to_end],
        [read_request, send(b"HTTP/1.1 101 Switching Protocols\r\nUpgr"), fin, read_to_end],
    ],
    ids=["at once", "after the request", "in the answer"],
)
def test_a_fin_in_the_handshake_is_an_unexpected_eof(script: list[Step]) -> None:
    with ScriptedServer(script) as server:
        assert "unexpected EOF" in failed(server.url())


def test_a_reset_in_the_handshake_is_named() -> None:
    with ScriptedServer([read_request, rst]) as server:
        assert "connection reset" in failed(server.url())


@pytest.mark.parametrize(
    "script",
    [[hang], [read_request, hang], [read_request, drip(b"HTTP/1.1 101 Switching" * 20, 0.05)]],
    ids=["silent", "silent after the request", "a byte at a time"],
)
@pytest.mark.parametrize("timeout", [300, "300ms"])
def test_a_silent_server_is_left_at_the_timeout(script: list[Step], timeout: float | str) -> None:
    with ScriptedServer([*script[:-1], quietly(script[-1])]) as server:
        started = time.monotonic()
        error = failed(server.url(), timeout=timeout)
        assert 0.3 <= time.monotonic() - started < 2
    assert "i/o timeout" in error


def quietly(step: Step) -> Step:
    """The step, without complaint when the client leaves in the middle of it."""

    def step_until_left(peer: Any) -> None:
        try:
            step(peer)
        except OSError:
            return

    return step_until_left


def test_headers_without_end_are_refused_at_a_limit() -> None:
    endless = b"HTTP/1.1 101 Switching Protocols\r\n" + b"X-Filler: " + b"x" * (32 << 20)
    with ScriptedServer([read_request, quietly(send(endless))]) as server:
        started = time.monotonic()
        error = failed(server.url(), timeout="20s")
        assert time.monotonic() - started < 5
    assert "timeout" not in error


@pytest.mark.parametrize("bad", ["\r\nX-Injected: 1", "\n", "\r", "\0"])
@pytest.mark.parametrize("place", ["name", "value"])
def test_a_header_that_would_inject_is_refused_before_connecting(
    server: WebsocketsServer, place: str, bad: str
) -> None:
    secret = "a-secret-value"
    headers = {f"X-Mine{bad}": secret} if place == "name" else {"X-Mine": f"{secret}{bad}"}
    error = raised_or_failed(server.url("/ws-echo"), headers=headers)
    assert "x-mine" in error.lower()
    assert secret not in error
    assert (server.journal.sessions, server.journal.refused) == ([], [])


@pytest.mark.parametrize("bad", ["ab", ("secret",), ("a", "secret", "c"), 7, {"a", "secret"}])
def test_a_header_that_is_no_pair_is_refused_and_not_repeated(bad: Any) -> None:
    headers: Any = [("X-Mine", "1"), bad]
    for refused in (
        lambda: ws.connect("ws://127.0.0.1:1/", lambda _: None, headers=headers),
        lambda: WebSocket("ws://127.0.0.1:1/", headers=headers),
    ):
        with pytest.raises(TypeError) as caught:
            refused()
        assert str(caught.value) == "headers are a mapping or a list of pairs, and item 1 is none"


@pytest.mark.parametrize("bad", ["\r\nX-Injected: 1", " HTTP/1.1\r\n\r\n", "\0"])
def test_a_url_that_would_inject_is_refused_before_connecting(
    server: WebsocketsServer, bad: str
) -> None:
    raised_or_failed(server.url("/ws-echo") + bad)
    assert (server.journal.sessions, server.journal.refused) == ([], [])


def test_a_claimed_length_is_refused_before_it_is_believed() -> None:
    transcript = Transcript()
    claim = bytes([0x82, 127]) + (1 << 62).to_bytes(8, "big")
    with ScriptedServer(
        [upgrade(then=claim), read_frame(frames.CLOSE), fin, read_to_end]
    ) as server:
        ws.connect(server.url(), transcript.before(lambda _: None))
        server.peer().wait_end()
        sent = [f.close_code for f in server.peer().frames if f.opcode == frames.CLOSE]
    assert [event[0] for event in transcript.events] == ["open", "error", "close"]
    assert transcript.events[-1] in {("close", 1009), ("close", 1002)}
    assert sent == [transcript.events[-1][1]]


def test_a_message_over_the_limit_is_1009() -> None:
    transcript = Transcript()
    data = frames.text("x" * 1000) + frames.text("x" * 1001)
    with ScriptedServer([upgrade(then=data), read_frame(frames.CLOSE), fin, read_to_end]) as server:
        params: Any = {"max_message_size": 1000}
        ws.connect(server.url(), params, transcript.before(lambda _: None))
        server.peer().wait_end()
        sent = [f.close_code for f in server.peer().frames if f.opcode == frames.CLOSE]
    kinds = [event[0] for event in transcript.events]
    assert kinds == ["open", "message", "error", "close"]
    assert (transcript.events[-1], sent) == (("close", 1009), [1009])


def test_a_peer_that_never_reads_cannot_hold_a_session_for_ever() -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("error", lambda: socket.close())
        for _ in range(4):
            socket.send_binary(bytes(8 << 20))

    with ScriptedServer([upgrade(), quietly(hang)]) as server:
        started = time.monotonic()
        params: Any = {"send_timeout": "500ms", "close_timeout": "500ms", "max_buffered": 64 << 20}
        response = ws.connect(server.url(), params, transcript.before(session))
        assert time.monotonic() - started < 5
    assert response.status == 101
    kinds = [event[0] for event in transcript.events]
    assert "error" in kinds
    assert kinds.count("close") == 1


def test_a_handler_that_raises_ends_only_its_own_iteration(server: WebsocketsServer) -> None:
    roles = iter(["raises", *["fine"] * 4])
    finished: list[str] = []

    def default() -> None:
        role = next(roles)

        def session(socket: ws.Socket) -> None:
            def receive(message: str) -> None:
                if message == "raises":
                    raise ZeroDivisionError(message)
                socket.set_timeout(socket.close, 100)

            socket.on("open", lambda: socket.send(role))
            socket.on("message", receive)

        response = ws.connect(server.url("/ws-echo"), session)
        k6ws.check(response, {"status is 101": lambda r: r.status == 101})
        finished.append(role)

    result = k6ws.run(default, vus=5, iterations=5)
    assert finished == ["fine"] * 4
    assert result.exit_code == 0
    assert [(e.type, e.message, e.count) for e in result.exceptions] == [
        ("ZeroDivisionError", "raises", 1)
    ]
    assert result.metrics["iterations"].count == 5
    assert result.metrics["ws_sessions"].count == 5
    assert result.metrics["ws_session_duration"].min < 90
    assert (result.checks["status is 101"].passes, result.checks["status is 101"].fails) == (4, 0)
    assert [server.journal.session(index).close_code for index in range(5)] == [1001] * 5


def test_a_refused_connection_leaves_other_vus_unharmed(server: WebsocketsServer) -> None:
    paths = iter(["/status/503", "/ws-echo", "/status/403", "/ws-echo"])
    statuses: list[int] = []
    run_once(
        lambda: statuses.append(ws.connect(server.url(next(paths)), close).status),
        vus=4,
        iterations=4,
    )
    assert sorted(statuses) == [101, 101, 403, 503]
