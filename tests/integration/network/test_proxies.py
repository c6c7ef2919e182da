"""Proxies: who is asked, what is asked, and how each refusal reads."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

import pytest

import k6ws
from k6ws import ws
from k6ws.errors import InvalidParameter
from k6ws.tcp import Socket, TCPError
from k6ws.websockets import WebSocket
from support.proxies import HttpProxy, Socks5Proxy
from support.runs import run_once
from support.servers import ScriptedServer, WebsocketsServer, hang, read_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.servers import Authority, Peer

SECRETS = ("secret", "c2VjcmV0", "alice")


def close(socket: ws.Socket) -> None:
    socket.close()


@pytest.fixture(autouse=True)
def _no_proxy_around_us(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(params=[HttpProxy, Socks5Proxy], ids=["http", "socks5"])
def proxy(request: pytest.FixtureRequest) -> Iterator[HttpProxy | Socks5Proxy]:
    """A proxy that wants a user."""
    with request.param(user="alice", password="p:secret") as running:
        yield running


def failure(**params: Any) -> Any:
    """The error of a connect under `throw`, with everything a reader could see of it."""
    seen: list[Any] = []

    def default() -> None:
        with pytest.raises(k6ws.K6Error) as caught:
            ws.connect("ws://target.test:81/", close, **params)
        seen.append(caught.value)

    result = run_once(default, throw=True)
    error = seen[0]
    shown = f"{error} {error.hint} {result.to_dict()}"
    assert not [secret for secret in SECRETS if secret in shown]
    return error


def test_a_websocket_goes_through_a_proxy_with_a_login(
    proxy: HttpProxy | Socks5Proxy, server: WebsocketsServer
) -> None:
    url = server.url("/ws-echo")
    result = run_once(lambda: ws.connect(url, close, proxy=proxy.url("alice:p%3Asecret")))
    assert proxy.targets == [f"127.0.0.1:{server.port}"]
    assert server.journal.session().close_code == 1001
    parts = [result.metrics[name].max for name in ("ws_dns", "ws_tcp", "ws_upgrade")]
    assert sum(parts) == pytest.approx(result.metrics["ws_connecting"].max, abs=0.1)
    for metric in result.metrics:
        for tags, _ in result.series(metric):
            assert not [one for one in SECRETS if one in str(tags)]


def test_so_does_wss(proxy: HttpProxy | Socks5Proxy, authority: Authority) -> None:
    with WebsocketsServer(tls=authority.server_context()) as server:
        response = ws.connect(
            server.url("/ws-echo"),
            close,
            proxy=proxy.url("alice:p%3Asecret"),
            tls={"ca": authority.pem},
        )
    assert response.status == 101
    assert proxy.targets == [f"127.0.0.1:{server.port}"]


def test_so_do_the_websocket_class_and_tcp_sockets(server: WebsocketsServer) -> None:
    with HttpProxy() as proxy:

        def default() -> None:
            socket = WebSocket(server.url("/ws-echo"), None, {"proxy": proxy.url()})
            socket.add_event_listener("open", lambda: socket.close())
            raw = Socket(proxy=proxy.url())
            raw.connect(server.port, "127.0.0.1").wait()
            raw.destroy()

        run_once(default)
        assert proxy.targets == [f"127.0.0.1:{server.port}"] * 2


@pytest.mark.keeps_threads(1)
def test_socks5_resolves_here_and_socks5h_there(server: WebsocketsServer) -> None:
    with Socks5Proxy(names={"target.test": "127.0.0.1"}) as proxy:
        url, there = f"ws://target.test:{server.port}/ws-echo", proxy.url().replace("5:", "5h:")

        def default() -> None:
            assert ws.connect(url, close, proxy=there).status == 101
            assert ws.connect(url, close, proxy=proxy.url()).status == 101

        run_once(default, hosts={"target.test": "127.0.0.1"})
    assert proxy.targets == [f"target.test:{server.port}", f"127.0.0.1:{server.port}"]


def test_the_rules_of_a_run_hold_for_the_proxy_and_for_the_name_behind_it() -> None:
    with HttpProxy() as proxy:
        found: list[str] = []

        def default() -> None:
            response = ws.connect("ws://target.test/", close, proxy=proxy.url())
            found.append(response.error)

        run_once(default, blockHostnames=["*.test"])
        run_once(default, blacklistIPs=["127.0.0.0/8"])
        assert proxy.targets == []
    assert found == [
        "hostname (target.test) is in a blocked pattern (*.test)",
        f"proxy {proxy.url()} for target.test:80: IP (127.0.0.1) is in a blacklisted range (127.0.0.0/8)",
    ]


def test_the_environment_names_a_proxy_for_each_scheme(
    server: WebsocketsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpProxy(names={"target.test": "127.0.0.1"}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{proxy.port}")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "direct.test,10.0.0.0/8")
        hosts = {"target.test": "127.0.0.1", "direct.test": "127.0.0.1"}
        found: list[int] = []

        def default() -> None:
            port = server.port
            for url in (f"ws://target.test:{port}", f"ws://direct.test:{port}", server.url("")):
                found.append(ws.connect(url + "/ws-echo", close).status)
            found.append(ws.connect(f"ws://target.test:{port}/", close, proxy=None).status)
            raw = Socket()
            raw.connect(port, "target.test").wait()
            raw.destroy()

        run_once(default, hosts=hosts)
        assert proxy.targets == [f"target.test:{server.port}"]
    assert found[:3] == [101] * 3


def test_wss_takes_the_other_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpProxy(answer=b"HTTP/1.1 403 Forbidden\r\n\r\n") as proxy:
        monkeypatch.setenv("https_proxy", proxy.url())
        errors: list[str] = []
        run_once(lambda: errors.append(ws.connect("wss://target.test/", close).error))
        assert proxy.heads[0].startswith(b"CONNECT target.test:443 HTTP/1.1\r\n")
    assert errors == [
        f"proxy {proxy.url()} for target.test:443: CONNECT was refused: 403 Forbidden"
    ]


@pytest.mark.parametrize(
    ("login", "hint"),
    [
        ("", "the proxy wants a user and a password: http://user:password@host:port"),
        ("alice:secret", "the proxy does not take this user and password"),
    ],
)
def test_a_407_says_what_is_wanted(login: str, hint: str) -> None:
    with HttpProxy(user="bob", password="x") as proxy:
        error = failure(proxy=proxy.url(login))
        assert str(error) == (
            f"proxy {proxy.url()} for target.test:81: "
            "CONNECT was refused: 407 Proxy Authentication Required"
        )
    assert (error.phase, error.cause, error.hint) == ("proxy", "proxy", hint)


@pytest.mark.parametrize(
    ("login", "text"),
    [
        ("", "the SOCKS proxy wants a user and a password"),
        ("alice:secret", "the SOCKS proxy does not take this user and password"),
    ],
)
def test_so_does_a_socks_proxy(login: str, text: str) -> None:
    with Socks5Proxy(user="bob", password="x") as proxy:
        shown = proxy.url().replace("socks5", "socks5h")
        error = failure(proxy=proxy.url(login).replace("socks5", "socks5h"))
        assert str(error) == f"proxy {shown} for target.test:81: {text}"
    assert (error.phase, error.cause) == ("proxy", "proxy")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (1, "general socks server failure"),
        (2, "connection not allowed by ruleset"),
        (3, "network unreachable"),
        (4, "host unreachable"),
        (5, "connection refused"),
        (6, "ttl expired"),
        (7, "command not supported"),
        (8, "address type not supported"),
        (99, "unknown error"),
    ],
)
def test_replies_of_socks_are_words(reply: int, words: str) -> None:
    with Socks5Proxy(reply=reply) as proxy:
        url = proxy.url().replace("socks5", "socks5h")
        error = failure(proxy=url)
        assert str(error) == f"proxy {url} for target.test:81: the SOCKS proxy says: {words}"
        assert proxy.targets == ["target.test:81"]


def test_a_proxy_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(proxy=f"http://alice:secret@127.0.0.1:{port}")
    assert str(error) == (
        f"proxy http://127.0.0.1:{port} for target.test:81: "
        f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    )
    assert (error.phase, error.cause) == ("connect", "connect_refused")


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize("limit", ["timeout", "connect_timeout"])
def test_a_proxy_that_is_silent(scheme: str, limit: str) -> None:
    with ScriptedServer([hang]) as server:
        proxy = f"{scheme}://127.0.0.1:{server.port}"
        error = failure(proxy=proxy, **{limit: "300ms"})
    assert str(error).startswith(f"proxy {proxy} for target.test:81: read tcp 127.0.0.1:")
    assert str(error).endswith("i/o timeout")
    assert (error.phase, error.cause) == ("proxy", "connect_timeout")
    assert error.hint == "the proxy phase had not ended within 300ms"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", 'malformed HTTP response "SSH-2…"'),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "CONNECT was refused: 502 Bad Gateway"),
        (b"HTTP/1.1 200", "unexpected EOF"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 20_000, "an answer with over 16384 bytes of headers"),
    ],
)
def test_a_proxy_that_speaks_otherwise(answer: bytes, text: str) -> None:
    with HttpProxy(answer=answer) as proxy:
        error = failure(proxy=proxy.url())
        assert str(error) == f"proxy {proxy.url()} for target.test:81: {text}"


def test_what_no_proxy_speaks_is_refused_before_anything_is_dialled() -> None:
    for url in ("https://alice:secret@p", "p:80", "http://alice:secret@p:port"):
        with pytest.raises(InvalidParameter) as caught:
            ws.connect("ws://target.test/", close, proxy=url)
        assert "secret" not in str(caught.value)
    with pytest.raises(TypeError):
        ws.connect("ws://target.test/", close, proxy=80)  # pyright: ignore[reportArgumentType]


def test_no_header_can_be_smuggled_to_a_proxy() -> None:
    with HttpProxy() as proxy:
        with pytest.raises(TCPError, match="is no name"):
            Socket(proxy=proxy.url()).connect(80, "a\r\nX: y").wait()
        assert proxy.heads == []


def read_to_bang(peer: Peer) -> None:
    """Receive everything up to an exclamation mark."""
    while not peer.buffer.endswith(b"!"):
        peer.read()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_header_of_the_proxy_protocol_comes_first(version: Any) -> None:
    with ScriptedServer([read_to_bang]) as server:
        raw = Socket(proxy_protocol=version)
        raw.connect(server.port, "127.0.0.1").wait()
        ours, theirs = raw.local_port, raw.remote_port
        raw.write("hello!").wait()
        server.peer().wait_end()
        raw.destroy()
        sent = bytes(server.peer().buffer)
    assert ours is not None
    assert theirs is not None
    if version == "v1":
        assert sent == f"PROXY TCP4 127.0.0.1 127.0.0.1 {ours} {theirs}\r\nhello!".encode()
    else:
        ends = bytes([127, 0, 0, 1] * 2) + struct.pack("!HH", ours, theirs)
        assert sent == b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + ends + b"hello!"


def test_it_comes_before_the_upgrade_too() -> None:
    with ScriptedServer([read_request]) as server:
        ws.connect(server.url(), close, proxy_protocol="v1", timeout="5s")
        request = server.peer().request
    assert request.startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 ")
    assert b"\r\nGET / HTTP/1.1\r\n" in request


def test_behind_a_proxy_it_follows_the_tunnel(server: WebsocketsServer) -> None:
    with ScriptedServer([read_request]) as target, HttpProxy() as proxy:
        ws.connect(target.url(), close, proxy=proxy.url(), proxy_protocol="v1", timeout="5s")
        assert proxy.heads[0].startswith(b"CONNECT ")
        assert target.peer().request.startswith(b"PROXY TCP4 ")


@pytest.mark.parametrize("version", ["v3", "", 1, [], {"v1": 1}])
def test_a_version_that_does_not_exist_is_refused(version: Any) -> None:
    with pytest.raises(InvalidParameter) as caught:
        ws.connect("ws://target.test/", close, proxy_protocol=version)
    assert str(caught.value) == f"proxy_protocol is 'v1' or 'v2', not {version!r}"
