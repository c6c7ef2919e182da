"""The Response: what `connect` returns when it worked, and what it says when it did not."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from k6ws import ws
from support import frames
from support.runs import assert_session_metrics, session_in_run
from support.servers import (
    EchoServer,
    Peer,
    ScriptedServer,
    Step,
    WebsocketsServer,
    acceptance,
    fin,
    read_frame,
    read_request,
    read_to_end,
    send,
    upgrade,
)

FIELDS = {"url", "status", "headers", "body", "error"}
GOODBYE = [read_frame(frames.CLOSE), send(frames.close(1001)), fin, read_to_end]


def close(socket: ws.Socket) -> None:
    socket.close()


@pytest.mark.parity("ws-user-agent-and-headers")
def test_the_configured_user_agent_is_sent_and_its_echo_is_readable(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    response, result = session_in_run(url, close)
    assert any_server.journal.session().header("User-Agent") == "TestUserAgent"
    assert response.headers["Echo-User-Agent"] == "TestUserAgent"
    assert response.headers["echo-user-agent"] == "TestUserAgent"
    assert "ECHO-USER-AGENT" in response.headers
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-404-is-a-response")
def test_a_404_is_a_response_and_not_an_exception(any_server: EchoServer) -> None:
    url = any_server.url("/status/404")
    response, result = session_in_run(url, close, throw=False)
    assert (response.status, response.url) == (404, url)
    assert response.error.startswith("websocket: bad handshake")
    assert response.body == "Not Found\n"
    assert response.headers["X-Served-By"] == "status"
    assert any_server.journal.sessions == []
    assert_session_metrics(result, url, status="404")


def test_the_response_is_plain_data_with_five_fields(server: WebsocketsServer) -> None:
    for path in ("/ws-echo", "/status/403"):
        response = ws.connect(server.url(path), close)
        data = response.to_dict()
        assert set(data) == FIELDS
        assert json.loads(json.dumps(data)) == data
        assert data["url"] == response.url == server.url(path)
        assert data["status"] == response.status
        assert data["headers"] == dict(response.headers)


def test_header_names_are_canonical_and_values_joined(server: WebsocketsServer) -> None:
    response = ws.connect(server.url("/ws-echo"), close)
    assert response.headers["X-Twice"] == "one, two"
    assert "Sec-Websocket-Accept" in list(response.headers)
    assert response.headers["sec-websocket-accept"] == response.headers["SEC-WEBSOCKET-ACCEPT"]


def test_an_answer_of_another_kind_is_cut_to_1024_bytes(any_server: EchoServer) -> None:
    response = ws.connect(any_server.url("/status/503?body=2000"), close)
    assert response.status == 503
    assert response.body == "b" * 1024


@pytest.mark.parametrize("compression", ["", "deflate"])
def test_an_empty_list_of_extensions_names_none(compression: Any) -> None:
    received: list[str] = []
    script = [upgrade("Sec-WebSocket-Extensions: ", then=frames.text("hello")), *GOODBYE]
    with ScriptedServer(script) as server:

        def session(socket: ws.Socket) -> None:
            socket.on("message", lambda text: (received.append(text), socket.close()))

        response = ws.connect(server.url(), session, compression=compression)
        server.peer().wait_end()
    assert (response.status, response.error, received) == (101, "", ["hello"])


def accept_wrongly(peer: Peer) -> None:
    peer.sock.sendall(acceptance(peer, accept="d3JvbmcgYWNjZXB0IGtleQ=="))


def accept_without_upgrade(peer: Peer) -> None:
    peer.sock.sendall(acceptance(peer).replace(b"Upgrade: websocket\r\n", b""))


def accept_without_connection(peer: Peer) -> None:
    peer.sock.sendall(acceptance(peer).replace(b"Connection: Upgrade\r\n", b""))


@pytest.mark.parametrize(
    "answer", [accept_wrongly, accept_without_upgrade, accept_without_connection]
)
def test_a_101_that_we_refuse_has_no_status(answer: Step) -> None:
    called: list[ws.Socket] = []
    with ScriptedServer([read_request, answer, read_to_end]) as server:
        url = server.url()
        response = ws.connect(url, called.append)
        assert server.peer().wait_end() in {"fin", "rst"}
    assert (response.status, response.url) == (0, url)
    assert response.error.startswith("websocket: bad handshake")
    assert called == []


def test_an_answer_in_odd_but_legal_spelling_is_accepted() -> None:
    def answer_oddly(peer: Peer) -> None:
        answer = (
            acceptance(peer, "X-Odd:  spaced  ")
            .replace(b"Upgrade: websocket", b"UPGRADE: WebSocket")
            .replace(b"Connection: Upgrade", b"connection: keep-alive, upgrade")
        )
        for byte in b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer:
            peer.sock.sendall(bytes([byte]))

    with ScriptedServer([read_request, answer_oddly, *GOODBYE]) as server:
        response = ws.connect(server.url(), close)
    assert (response.status, response.error) == (101, "")
    assert response.headers["X-Odd"] == "spaced"


def test_the_request_is_what_the_protocol_asks_for() -> None:
    with ScriptedServer([upgrade(), *GOODBYE]) as server:
        for _ in range(2):
            ws.connect(server.url("/path?query=1"), {"headers": {"x-a": "1", "X-Number": 7}}, close)
        peer, other = server.peer(0), server.peer(1)
        authority = f"127.0.0.1:{server.port}"
    lines = peer.request.decode().split("\r\n")
    assert lines[0] == "GET /path?query=1 HTTP/1.1"
    assert peer.header("Host") == authority
    assert (peer.header("Upgrade"), peer.header("Connection")) == ("websocket", "Upgrade")
    assert peer.header("Sec-WebSocket-Version") == "13"
    key, other_key = peer.header("Sec-WebSocket-Key"), other.header("Sec-WebSocket-Key")
    assert key is not None
    assert len(base64.b64decode(key, validate=True)) == 16
    assert key != other_key
    assert "X-A: 1" in lines
    assert "X-Number: 7" in lines
    assert "k6" in (peer.header("User-Agent") or "")
    unasked = ["Origin", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Cookie"]
    assert [name for name in unasked if peer.header(name) is not None] == []


def test_host_user_agent_and_origin_may_be_set(server: WebsocketsServer) -> None:
    headers = {"Host": "chat.example", "User-Agent": "Mine", "Origin": "http://a.example"}
    ws.connect(server.url("/ws-echo"), {"headers": headers}, close)
    session = server.journal.session()
    assert {name: session.header(name) for name in headers} == headers


def test_headers_may_be_none(server: WebsocketsServer) -> None:
    assert ws.connect(server.url("/ws-echo"), {"headers": None}, close).status == 101


@pytest.mark.parametrize(
    "name",
    [
        "Upgrade",
        "connection",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Extensions",
    ],
)
def test_headers_of_the_handshake_itself_are_refused(server: WebsocketsServer, name: str) -> None:
    response = ws.connect(server.url("/ws-echo"), {"headers": {name: "x"}}, close)
    assert response.status == 0
    assert response.error.startswith(f"websocket: duplicate header not allowed: {name.title()}")
    assert server.journal.sessions == []


def test_a_subprotocol_is_offered_through_its_header() -> None:
    with WebsocketsServer(subprotocols=["chat.v2"]) as server:
        url = server.url("/ws-echo")
        params = {"headers": {"Sec-WebSocket-Protocol": "chat.v1, chat.v2"}}
        response, result = session_in_run(url, close, params)
        assert server.journal.session().header("Sec-WebSocket-Protocol") == "chat.v1, chat.v2"
    assert response.headers["Sec-Websocket-Protocol"] == "chat.v2"
    assert_session_metrics(result, url, subproto="chat.v2")
