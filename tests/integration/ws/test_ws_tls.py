"""wss: verified by default, and honest about why it refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k6ws import K6Error, ws
from support import frames
from support.runs import assert_session_metrics, session_in_run, total
from support.servers import ScriptedServer, WebsocketsServer, read_request, upgrade
from support.transcript import Transcript

if TYPE_CHECKING:
    from support.servers import Authority, EchoServer, Peer


def close(socket: ws.Socket) -> None:
    socket.close()


@pytest.mark.parity("ws-trusts-a-given-root")
@pytest.mark.parametrize("form", ["path", "text"])
def test_a_trusted_root_is_enough(tls_server: EchoServer, authority: Authority, form: str) -> None:
    url = tls_server.url("/ws-echo")
    root = str(authority.pem_path) if form == "path" else authority.pem
    response, result = session_in_run(url, close, {"tls": {"ca": root}})
    assert (response.status, response.error) == (101, "")
    assert_session_metrics(result, url)
    assert tls_server.journal.session().close_code == 1001


@pytest.mark.parity("ws-verification-may-be-off")
@pytest.mark.parametrize("where", ["run", "call"])
def test_verification_may_be_switched_off(tls_server: EchoServer, where: str) -> None:
    url = tls_server.url("/ws-echo")
    options = {"insecure_skip_tls_verify": True}
    params: dict[str, Any] = {"tls": options} if where == "call" else {}
    response, result = session_in_run(url, close, params, **({} if params else options))
    assert response.status == 101
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-messages-over-tls")
def test_messages_go_to_and_fro_over_tls(tls_server: EchoServer, authority: Authority) -> None:
    url = tls_server.url("/ws-echo-multi")
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("one"))
        socket.on("message", lambda m: socket.send("two") if m == "one" else socket.close())

    params = {"tls": {"ca": authority.pem}}
    _, result = session_in_run(url, transcript.before(session), params)
    assert transcript.events == [
        ("open",),
        ("message", "one"),
        ("message", "two"),
        ("close", 1001),
    ]
    assert total(result, "ws_msgs_sent", url=url) == 2
    assert total(result, "ws_msgs_received", url=url) == 2
    assert_session_metrics(result, url)


def test_an_unknown_authority_is_refused_before_anything_is_sent(authority: Authority) -> None:
    with WebsocketsServer(tls=authority.server_context()) as server:
        url = server.url("/ws-echo")
        response = ws.connect(url, close)
        assert server.journal.sessions == server.journal.refused == []
    assert (response.status, response.url, response.body) == (0, url, "")
    assert response.error.startswith(
        "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    )


def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    with WebsocketsServer(tls=authority.server_context("example.com")) as server:
        refused = ws.connect(server.url("/ws-echo"), close, tls={"ca": authority.pem})
        assert server.journal.sessions == []
        tls: Any = {"ca": authority.pem, "server_name": "example.com"}
        accepted = ws.connect(server.url("/ws-echo"), close, tls=tls)
    assert refused.status == 0
    assert refused.error.startswith("tls: failed to verify certificate")
    assert "127.0.0.1" in refused.error
    assert accepted.status == 101


def test_a_large_message_survives_tls(tls_server: EchoServer, authority: Authority) -> None:
    received: list[bytes] = []
    data = bytes(range(256)) * 4096

    def session(socket: ws.Socket) -> None:
        socket.send_binary(data)
        socket.on("binaryMessage", lambda echo: (received.append(echo), socket.close()))

    ws.connect(tls_server.url("/ws-echo"), session, tls={"ca": authority.pem})
    assert received == [data]


def test_wss_to_a_server_without_tls_is_an_error_and_not_a_hang() -> None:
    def answer_in_plain_text(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with ScriptedServer([answer_in_plain_text]) as server:
        url = server.url().replace("ws://", "wss://")
        response = ws.connect(url, close, timeout="5s")
    assert (response.status, response.url) == (0, url)
    assert "tls" in response.error.lower()


def test_ws_to_a_server_with_tls_is_an_error_and_not_a_hang(authority: Authority) -> None:
    with WebsocketsServer(tls=authority.server_context()) as server:
        response = ws.connect(
            server.url("/ws-echo").replace("wss://", "ws://"), close, timeout=5000
        )
    assert response.status == 0
    assert response.error != ""


@pytest.mark.parametrize("ca", ["/no/such/file.pem", "-----BEGIN CERTIFICATE-----\nrubbish"])
def test_a_root_that_cannot_be_read_is_named(ca: str) -> None:
    with ScriptedServer([read_request]) as server:
        with pytest.raises(K6Error, match="ca"):
            ws.connect(server.url().replace("ws://", "wss://"), close, tls={"ca": ca})
        assert server.peers == []


def test_a_tls_stream_cut_without_notice_is_1006(authority: Authority) -> None:
    transcript = Transcript()

    def cut(peer: Peer) -> None:
        peer.sock.sendall(frames.text("last words"))
        peer.sock.close()

    with ScriptedServer([upgrade(), cut], tls=authority.server_context()) as server:
        ws.connect(server.url(), transcript.before(lambda _: None), tls={"ca": authority.pem})
    assert transcript.events == [
        ("open",),
        ("message", "last words"),
        ("error", "websocket: close 1006 (abnormal closure): unexpected EOF"),
        ("close", 1006),
    ]
