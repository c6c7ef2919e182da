"""Targets that are paths: `ws+unix:` for WebSockets, `unix:` for TCP sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.sync.client import unix_connect

import k6ws
from k6ws import ws
from k6ws._socket.url import parse
from k6ws.tcp import Socket, TCPError
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once, total
from support.scripted import Peer, read_frame, send, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator


class Echo:
    """An echo server of the library `websockets` at a path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.requests: list[tuple[str, str | None]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._main(),))

    def __enter__(self) -> Self:
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def _main(self) -> None:
        async with unix_serve(self._echo, str(self.path)):
            self._ready.set()
            await self._stop.wait()

    async def _echo(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.requests.append((connection.request.path, connection.request.headers.get("Host")))
        async for message in connection:
            await connection.send(message)


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Echo]:
    with Echo(tmp_path / "echo.sock") as running:
        yield running


@pytest.mark.parametrize("slashes", ["", "//"])
def test_a_websocket_to_a_path(echo: Echo, slashes: str) -> None:
    url = f"ws+unix:{slashes}{echo.path}:/chat?room=1"
    received: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.send("hello")
        socket.on("message", lambda text: (received.append(text), socket.close()))

    responses: list[ws.Response] = []
    result = run_once(lambda: responses.append(ws.connect(url, session)), systemTags=["url", "ip"])
    assert (responses[0].status, responses[0].error, received) == (101, "", ["hello"])
    assert echo.requests == [("/chat?room=1", "localhost")]
    [(tags, _)] = result.series("ws_sessions")
    assert tags == {"url": url.partition("?")[0]}
    assert total(result, "ws_msgs_received") == 1
    assert result.metrics["data_sent"].count > 100
    parts = [result.metrics[name].max for name in ("ws_dns", "ws_tcp", "ws_upgrade")]
    assert sum(parts) == pytest.approx(result.metrics["ws_connecting"].max, abs=0.1)


@pytest.fixture
def abstract() -> Iterator[socket.socket]:
    """A listener whose name is in no file system; the system chooses it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("")
        listener.listen()
        yield listener


def name_of(listener: socket.socket) -> str:
    return listener.getsockname()[1:].decode()


def test_a_websocket_to_an_abstract_name(abstract: socket.socket) -> None:
    received: list[str] = []

    def serve() -> None:
        connection, _ = abstract.accept()
        with connection:
            peer = Peer(connection, threading.Event())
            for step in (upgrade(then=frames.text("hello")), read_frame(frames.CLOSE)):
                step(peer)
            send(frames.close(1000))(peer)

    def session(socket: ws.Socket) -> None:
        socket.on("message", lambda text: (received.append(text), socket.close()))

    thread = threading.Thread(target=serve)
    thread.start()
    response = ws.connect(f"ws+unix:@{name_of(abstract)}:/chat", session)
    thread.join(10)
    assert (response.status, response.error, received) == (101, "", ["hello"])


def test_a_tcp_socket_to_an_abstract_name(abstract: socket.socket) -> None:
    client = Socket()
    client.connect(f"unix:@{name_of(abstract)}").wait()
    peer, _ = abstract.accept()
    with peer:
        client.write(b"hello").wait()
        assert peer.recv(16) == b"hello"
        client.destroy()
        k6ws.wait()


def test_an_abstract_name_that_nobody_has_is_named() -> None:
    response = ws.connect("ws+unix:@k6ws-nobody", lambda s: s.close())
    assert response.error == "dial unix @k6ws-nobody: connect: connection refused"
    with pytest.raises(TCPError, match="dial unix @k6ws-nobody: connect: connection refused"):
        Socket().connect("unix:@k6ws-nobody").wait()


def test_so_does_the_websocket_class(echo: Echo) -> None:
    received: list[Any] = []

    def default() -> None:
        socket = WebSocket(f"ws+unix://{echo.path}:/a")
        socket.add_event_listener("open", lambda: socket.send("x"))
        socket.add_event_listener(
            "message", lambda event: (received.append(event.data), socket.close())
        )

    run_once(default)
    assert received == ["x"]


def test_the_server_is_one_that_others_reach_alike(echo: Echo) -> None:
    with unix_connect(str(echo.path)) as connection:
        connection.send("x")
        assert connection.recv() == "x"


def test_a_name_need_not_be_that_of_a_path_to_be_blocked(echo: Echo) -> None:
    """The rules are about names and addresses; proxies of the environment are not for paths."""
    statuses: list[int] = []
    url = f"ws+unix:{echo.path}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        options: dict[str, Any] = {"blockHostnames": ["*"], "localIPs": ["127.0.0.2"]}
        run_once(lambda: statuses.append(ws.connect(url, lambda s: s.close()).status), **options)
    assert statuses == [101]


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("ws+unix:/run/a.sock", "/run/a.sock", "/"),
        ("ws+unix:///run/a.sock:/b c?d=e f", "/run/a.sock", "/b%20c?d=e%20f"),
        ("ws+unix:@name", "@name", "/"),
        ("ws+unix://@a%3Ab:/c?d", "@a:b", "/c?d"),
        ("ws+unix:@", None, None),
        ("ws+unix:///run/a.sock:/b%20c?d=e", "/run/a.sock", "/b%20c?d=e"),
        ("ws+unix:/run/a%3Ab%20c:x", "/run/a:b c", "/x"),
        ("ws+unix:run/a.sock", None, None),
        ("ws+unix://host/run/a.sock", None, None),
        ("ws+unix:", None, None),
        ("ws+unix:/run/a.sock:/b#c", None, None),
    ],
)
def test_urls_of_paths(url: str, host: str | None, path: str | None) -> None:
    if host is None:
        with pytest.raises(ValueError, match="malformed"):
            parse(url)
    else:
        assert (parse(url).host, parse(url).path) == (host, path)


def test_what_is_not_there_or_does_not_listen_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    response = ws.connect(f"ws+unix:{path}", lambda s: s.close())
    assert response.error == f"dial unix {path}: connect: no such file or directory"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    response = ws.connect(f"ws+unix:{path}", lambda s: s.close())
    assert response.error == f"dial unix {path}: connect: connection refused"


def test_no_proxy_leads_there(tmp_path: Path) -> None:
    url = f"ws+unix:{tmp_path}/a.sock"
    response = ws.connect(url, lambda s: s.close(), proxy="http://127.0.0.1:1")
    assert response.error == f"dial unix {tmp_path}/a.sock: no proxy leads to a unix socket"


def test_a_full_queue_is_waited_for_until_the_deadline(tmp_path: Path) -> None:
    path = str(tmp_path / "a.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        with socket.socket(socket.AF_UNIX) as first:
            first.connect(path)
            with pytest.raises(TCPError) as caught:
                Socket(connect_timeout="300ms").connect(f"unix:{path}").wait()
            assert caught.value.cause == "connect_timeout"
            waiting = Socket()
            operation = waiting.connect(f"unix:{path}")
            listener.accept()[0].close()
            operation.wait()
            waiting.destroy()
            assert k6ws.wait("5s")


@pytest.mark.parametrize("how", ["port", "host", "mapping"])
def test_a_tcp_socket_to_a_path(tmp_path: Path, how: str) -> None:
    path = str(tmp_path / "raw.sock")
    received: list[bytes] = []
    peers: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def default() -> None:
            raw = Socket(no_delay=True, keep_alive=True)
            raw.on("data", lambda data: (received.append(data), raw.destroy()))
            arguments: dict[str, tuple[Any, ...]] = {
                "port": (f"unix:{path}",),
                "host": (0, f"unix:{path}"),
                "mapping": ({"host": f"unix:{path}"},),
            }
            raw.connect(*arguments[how]).wait()
            assert (raw.remote_ip, raw.remote_port) == (None, None)
            raw.write("hello")
            peer, _ = listener.accept()
            peer.sendall(b"welcome")
            peers.append(peer)

        result = run_once(default)
    assert received == [b"welcome"]
    assert peers[0].recv(64) == b"hello"
    peers[0].close()
    [(tags, _)] = result.series("tcp_sockets")
    assert tags["host"] == path
    assert "ip" not in tags
    assert result.metrics["data_received"].count == len(b"welcome")


def test_paths_that_make_no_sense_are_refused() -> None:
    wrong: list[tuple[tuple[Any, ...], str]] = [
        (("unix:a.sock",), "invalid path 'a.sock'"),
        ((80, "/run/a.sock"), "lookup /run/a.sock: no such host"),
    ]
    for arguments, text in wrong:
        with pytest.raises(TCPError, match=text):
            Socket().connect(*arguments).wait()
