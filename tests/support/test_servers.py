"""The servers keep their own promises: seen through two clients that are not ours."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from support import frames
from support.servers import (
    AiohttpServer,
    Authority,
    EchoServer,
    ScriptedServer,
    WebsocketsServer,
    fin,
    hang,
    read_frame,
    read_request,
    read_to_end,
    rst,
    send,
    upgrade,
)


@pytest.fixture(params=[WebsocketsServer, AiohttpServer], ids=["websockets", "aiohttp"])
def server(request: pytest.FixtureRequest) -> Iterator[EchoServer]:
    with request.param() as running:
        yield running


def run(client: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(client(), 5))  # type: ignore[arg-type]


def test_echo_answers_only_the_first_message(server: EchoServer) -> None:
    async def client() -> None:
        async with connect(server.url("/ws-echo")) as ws:
            await ws.send("one")
            await ws.send("two")
            assert await ws.recv() == "one"
            await ws.ping()
            await ws.close(3001)

    run(client)
    session = server.journal.session()
    assert session.messages == ["one", "two"]
    assert session.close_code == 3001


def test_echo_multi_answers_every_message_of_both_kinds(server: EchoServer) -> None:
    async def client() -> None:
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(
                server.url("/ws-echo-multi"), headers={"User-Agent": "Probe", "X-A": "1"}
            ) as ws,
        ):
            await ws.send_str("text")
            await ws.send_bytes(b"\0\1")
            assert (await ws.receive()).data == "text"
            assert (await ws.receive()).data == b"\0\1"
            assert ws.get_extra_info("peername")
            await ws.close(code=1001)

    run(client)
    session = server.journal.session()
    assert session.messages == ["text", b"\0\1"]
    assert (session.header("user-agent"), session.header("x-a")) == ("Probe", "1")
    assert session.close_code == 1001


def test_a_dropped_connection_sends_no_close(server: EchoServer) -> None:
    async def client() -> None:
        async with connect(server.url("/ws-echo-invalid")) as ws:
            await ws.send("last words")
            assert await ws.recv() == "last words"
            with pytest.raises(ConnectionClosedError) as caught:
                await ws.recv()
            assert caught.value.rcvd is None

    run(client)
    assert server.journal.session().close_code is None


@pytest.mark.parametrize(("path", "code"), [("/ws-close", 1000), ("/ws-close-1001", 1001)])
def test_close_endpoints_close_with_their_code(server: EchoServer, path: str, code: int) -> None:
    async def client() -> None:
        async with connect(server.url(path)) as ws:
            with pytest.raises(ConnectionClosedOK) as caught:
                await ws.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == code

    run(client)
    assert server.journal.session().close_code == code


def test_other_paths_answer_with_the_status_in_their_name(server: EchoServer) -> None:
    async def client() -> None:
        for path, status in (("/status/503?body=2000", 503), ("/ws/echo", 404)):
            with pytest.raises(InvalidStatus) as caught:
                await connect(server.url(path))
            assert caught.value.response.status_code == status
            if status == 503:
                assert caught.value.response.body == b"b" * 2000

    run(client)
    assert server.journal.refused == ["/status/503?body=2000", "/ws/echo"]


def test_a_server_leaves_no_thread_and_no_port_behind() -> None:
    before = threading.active_count()
    with WebsocketsServer() as server:
        port = server.port
    assert threading.active_count() == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("kind", [WebsocketsServer, AiohttpServer])
def test_tls_is_1_3_and_trusted_only_through_the_authority(
    tmp_path: Path, kind: type[EchoServer]
) -> None:
    authority = Authority(tmp_path)

    async def client(url: str) -> None:
        async with connect(url, ssl=authority.client_context()) as ws:
            assert ws.transport.get_extra_info("ssl_object").version() == "TLSv1.3"
            await ws.send("secret")
            assert await ws.recv() == "secret"

    with kind(tls=authority.server_context()) as server:
        run(lambda: client(server.url("/ws-echo")))


def test_compression_is_negotiated_only_when_asked() -> None:
    async def client(url: str, *, compressed: bool) -> None:
        async with connect(url) as ws:
            offered = ws.response.headers.get("Sec-WebSocket-Extensions") if ws.response else None
            assert (offered is not None) == compressed
            await ws.send("x" * 100)
            assert await ws.recv() == "x" * 100

    for compressed in (True, False):
        with WebsocketsServer(compression=compressed) as server:
            run(lambda c=compressed, s=server: client(s.url("/ws-echo"), compressed=c))


def test_a_script_is_followed_and_the_frames_are_kept() -> None:
    async def client(url: str) -> None:
        async with connect(url) as ws:
            assert await ws.recv() == "hi"
            await ws.send("ho")
            await ws.recv()

    script = [
        upgrade(then=frames.text("hi")),
        read_frame(frames.TEXT),
        send(frames.close(4000, "bye")),
        read_frame(frames.CLOSE),
        fin,
        read_to_end,
    ]
    with ScriptedServer(script) as server:
        with pytest.raises(ConnectionClosedError):
            run(lambda: client(server.url()))
        peer = server.peer()
        assert peer.wait_end() == "fin"
        assert [(f.opcode, f.masked) for f in peer.frames] == [(1, True), (8, True)]
        assert peer.frames[0].payload == b"ho"
        assert peer.frames[1].close_code == 4000


def test_fin_and_rst_are_what_they_say() -> None:
    for step, outcome in ((fin, b""), (rst, ConnectionResetError)):
        with (
            ScriptedServer([read_request, step]) as server,
            socket.create_connection(("127.0.0.1", server.port)) as client,
        ):
            client.settimeout(5)
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            if isinstance(outcome, bytes):
                assert client.recv(1) == outcome
            else:
                with pytest.raises(outcome):
                    client.recv(1)


def test_a_hanging_server_still_stops_at_once() -> None:
    before = threading.active_count()
    with (
        ScriptedServer([hang]) as server,
        socket.create_connection(("127.0.0.1", server.port)),
    ):
        server.peer()
    assert threading.active_count() == before


def test_a_script_that_could_not_be_followed_fails_the_test() -> None:
    # It is the end of the server that raises.
    with pytest.raises(AssertionError, match="script"), ScriptedServer([upgrade()]) as server:  # noqa: PT012
        socket.create_connection(("127.0.0.1", server.port)).close()
        server.peer().wait_end()


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
@pytest.mark.parametrize("masked", [False, True])
def test_frames_are_read_as_they_were_written(size: int, *, masked: bool) -> None:
    written = frames.frame(frames.BINARY, b"p" * size, fin=False, rsv=2, masked=masked)
    buffer = bytearray(written[:-1])
    if size:
        assert frames.take_frame(buffer) is None
    buffer += written[-1:]
    if not size:
        buffer = bytearray(written)
    read = frames.take_frame(buffer)
    assert read == frames.Frame(frames.BINARY, b"p" * size, fin=False, rsv=2, masked=masked)
    assert not buffer
