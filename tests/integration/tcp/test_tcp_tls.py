"""`k6ws.tcp` with TLS, in programs and in asyncio; its metrics and their tags."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket as socketlib
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws.tcp import Socket, TCPError
from support.runs import run_once
from support.servers import Authority, Peer, ScriptedServer
from support.tcp_server import TcpServer, echo, reset, silent

HOST = "127.0.0.1"


def talk(server: TcpServer, **options: Any) -> list[Any]:
    """One word there and back, in a run; the story of it."""
    story: list[Any] = []

    def default() -> None:
        socket = Socket()
        socket.on("data", lambda data: (story.append(data), socket.destroy()))
        socket.on("error", lambda error: story.append(error.message))
        try:
            socket.connect(server.port, HOST, **options).wait()
        except TCPError as error:
            story.append(error.phase)
            return
        socket.write("hello")

    run_once(default)
    return story


@pytest.mark.parity("tcp-tls-option")
@pytest.mark.parametrize("kind", ["trusted", "unverified", "unknown", "plain"])
def test_tls_is_verified_unless_it_is_told_not_to(authority: Authority, kind: str) -> None:
    options: dict[str, Any] = {
        "trusted": {"tls": {"ca": authority.pem}},
        "unverified": {"tls": {"insecure_skip_tls_verify": True}},
        "unknown": {"tls": True},
        "plain": {"tls": False, "timeout": "5s"},
    }[kind]
    with TcpServer(tls=authority.server_context()) as server:
        story = talk(server, **options)
    if kind in {"trusted", "unverified"}:
        assert story == [b"hello"]
    elif kind == "unknown":
        text = (
            "TLS handshake failed: tls: failed to verify certificate: "
            "x509: certificate signed by unknown authority"
        )
        assert story == [text, "tls"]
    else:
        # The server is told plain text where it expects TLS, and says so in TLS or leaves.
        assert b"hello" not in story


def test_no_alpn_is_offered_unless_asked_for(authority: Authority) -> None:
    context = authority.server_context()
    chosen: list[str | None] = []
    context.set_alpn_protocols(["http/1.1", "mine"])

    async def note(reader: Any, writer: Any) -> None:
        chosen.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await echo(reader, writer)

    with TcpServer(note, tls=context) as server:
        talk(server, tls={"ca": authority.pem})
        talk(server, tls={"ca": authority.pem, "alpn": ["mine"]})
    assert chosen == [None, "mine"]


@pytest.mark.parametrize("trusted", [True, False])
def test_tls_is_started_on_an_open_connection(authority: Authority, *, trusted: bool) -> None:
    context = authority.server_context()

    async def starttls(reader: Any, writer: Any) -> None:
        assert await reader.read(8) == b"STARTTLS"
        writer.write(b"GO")
        await writer.drain()
        await writer.start_tls(context)
        writer.write(b"secure " + await reader.read(5))

    story: list[Any] = []
    with TcpServer(starttls) as server:

        def default() -> None:
            socket = Socket()
            socket.on("close", lambda: story.append("close"))
            socket.on("error", lambda error: story.append(error.method))

            def data(piece: bytes) -> None:
                story.append(piece)
                if piece == b"GO":
                    starting = socket.start_tls({"ca": authority.pem} if trusted else {})
                    socket.write("hello")
                    if trusted:
                        starting.wait()
                        story.append("started")
                else:
                    socket.destroy()

            socket.on("data", data)
            socket.connect(server.port, HOST).wait()
            socket.write("STARTTLS")

        result = run_once(default)
    if trusted:
        assert story == [b"GO", "started", b"secure hello", "close"]
    else:
        assert story == [b"GO", "start_tls", "close"]
    assert result.metrics["tcp_errors"].count == story.count("start_tls")


def test_an_iteration_ends_that_waited_for_a_start_tls_it_had_given_up() -> None:
    story: list[str] = []

    def default() -> None:
        socket = Socket()
        socket.on("close", lambda: story.append("close"))
        socket.connect(server.port, HOST).wait()
        starting = socket.start_tls()
        socket.destroy()
        with pytest.raises(TCPError, match="TCP error during start_tls"):
            starting.wait()
        story.append("returned")

    with TcpServer(silent) as server:
        run_once(default)
    assert story == ["returned", "close"]


@pytest.mark.parametrize("by", ["the script", "the peer"])
@pytest.mark.parametrize("handled", [False, True])
def test_a_start_tls_that_is_given_up_is_an_error_if_the_peer_does_it(
    by: str, *, handled: bool
) -> None:
    story: list[str] = []

    def default() -> None:
        socket = Socket()
        socket.on("close", lambda: story.append("close"))
        if handled:
            socket.on("error", lambda error: story.append(error.method))
        socket.connect(server.port, HOST).wait()
        starting = socket.start_tls()
        if by == "the script":
            socket.destroy()
            with pytest.raises(TCPError, match="TCP error during start_tls: socket destroyed"):
                starting.wait()

    with TcpServer(reset if by == "the peer" else silent) as server:
        result = k6ws.run(default, iterations=1)
    is_told = by == "the peer"
    assert story == (["start_tls"] if is_told and handled else []) + ["close"]
    assert [one.type for one in result.exceptions] == (
        ["TCPError"] if is_told and not handled else []
    )
    assert result.metrics["tcp_errors"].count == is_told


@pytest.mark.parametrize("handled", [False, True])
def test_an_iteration_that_fails_gives_up_its_start_tls_without_another_error(
    *, handled: bool
) -> None:
    story: list[str] = []

    def default() -> None:
        socket = Socket()
        if handled:
            socket.on("error", lambda error: story.append(error.method))
        socket.connect(server.port, HOST).wait()
        socket.start_tls()
        raise ValueError("mine")

    with TcpServer(silent) as server:
        result = k6ws.run(default, iterations=1)
    assert [(one.type, one.message) for one in result.exceptions] == [("ValueError", "mine")]
    assert story == []


def test_start_tls_needs_an_open_plain_connection(authority: Authority) -> None:
    async def default() -> None:
        with pytest.raises(TCPError, match="no active connection"):
            await Socket().start_tls()
        socket = Socket()
        await socket.connect(server.port, HOST, tls={"ca": authority.pem})
        with pytest.raises(TCPError, match="encrypted already"):
            await socket.start_tls()
        socket.destroy()

    with TcpServer(tls=authority.server_context()) as server:
        run_once(default)


@pytest.mark.parity("tcp-kinds-of-metrics")
@pytest.mark.keeps_threads(1)
def test_metrics_and_their_tags() -> None:
    def default() -> None:
        socket = Socket({"tags": {"socket": "s", "both": "socket"}})
        socket.on("data", lambda: socket.destroy())
        socket.connect(server.port, "localhost", tags={"connect": 1, "both": "connect"}).wait()
        socket.write("x", tags={"op": True})

    with TcpServer() as server:
        result = run_once(default, tags={"run": "r"})
    kinds = {name: metric.kind for name, metric in result.metrics.items() if "tcp" in name}
    assert kinds == {
        "tcp_socket_connecting": "trend",
        "tcp_socket_resolving": "trend",
        "tcp_socket_duration": "trend",
        "tcp_sockets": "counter",
        "tcp_reads": "counter",
        "tcp_writes": "counter",
    }
    expected = {
        "run": "r",
        "group": "",
        "scenario": "default",
        "proto": "TCP",
        "socket": "s",
        "connect": "1",
        "both": "connect",
        "host": "localhost",
        "port": str(server.port),
        "ip": HOST,
    }
    for name in kinds:
        [(tags, _)] = result.series(name)
        assert tags == (expected | {"op": "true"} if name == "tcp_writes" else expected), name
    assert result.metrics["data_sent"].count == result.metrics["data_received"].count == 1


def test_a_plain_program_waits_for_its_sockets() -> None:
    story: list[Any] = []
    with TcpServer() as server:
        socket = Socket()
        socket.on("data", lambda data: (story.append(data), socket.destroy()))
        socket.on("close", lambda: story.append("close"))
        socket.connect(server.port, HOST).wait()
        socket.write("hello").wait()
        assert k6ws.wait("10s")
    assert story == [b"hello", "close"]


def socket_option(port: int | None, level: int, option: int) -> int:
    """An option of the socket of this process that has this local port."""
    for fd in (int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue
            with socketlib.socket(fileno=os.dup(fd)) as twin:
                if twin.getsockname()[1:2] == (port,):
                    return twin.getsockopt(level, option)
    message = f"no socket has port {port}"
    raise AssertionError(message)


@pytest.mark.parametrize("is_tls", [False, True])
def test_no_delay_and_keep_alive_are_changed_on_a_connection(
    authority: Authority, *, is_tls: bool
) -> None:
    seen: list[tuple[int, int, int]] = []

    async def look(socket: Socket) -> None:
        await socket.write("x")
        tcp = socketlib.IPPROTO_TCP
        seen.append(
            (
                socket_option(socket.local_port, tcp, socketlib.TCP_NODELAY),
                socket_option(socket.local_port, socketlib.SOL_SOCKET, socketlib.SO_KEEPALIVE),
                socket_option(socket.local_port, tcp, socketlib.TCP_KEEPIDLE),
            )
        )

    async def default() -> None:
        socket = Socket()
        socket.set_no_delay(False)
        tls: Any = {"ca": authority.pem} if is_tls else False
        connecting = socket.connect(server.port, HOST, tls=tls)
        # While it is being opened, too.
        assert socket.setKeepAlive("7s") is socket
        await connecting
        await look(socket)
        assert socket.setNoDelay() is socket
        socket.set_keep_alive(9000)
        await look(socket)
        socket.set_keep_alive(False)
        await look(socket)
        with pytest.raises(TypeError, match="no_delay is True or False"):
            socket.set_no_delay(1)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="keep_alive is True, False or a duration"):
            socket.set_keep_alive([])  # type: ignore[arg-type]
        socket.destroy()
        # Nothing is there to be changed, and nothing is wrong with that.
        socket.set_no_delay(False).set_keep_alive()

    with TcpServer(tls=authority.server_context() if is_tls else None) as server:
        run_once(default)
    assert [(no_delay != 0, keep, idle) for no_delay, keep, idle in seen] == [
        (False, 1, 7),
        (True, 1, 9),
        (True, 0, 9),
    ]


def test_an_asyncio_program_and_a_thread_use_sockets() -> None:
    got: list[bytes] = []

    async def main() -> None:
        socket = Socket(local_address=HOST, keep_alive=True, no_delay=False)
        closed = asyncio.Event()
        socket.on("close", closed.set)

        @socket.on("data")
        async def _(data: bytes) -> None:
            await asyncio.sleep(0)
            got.append(data)
            socket.destroy()

        await socket.connect(server.port, HOST)
        await socket.write("hello")
        async with asyncio.timeout(10):
            await closed.wait()

    with TcpServer() as server:
        asyncio.run(main())
        thread = threading.Thread(target=lambda: asyncio.run(main()))
        thread.start()
        thread.join(20)
    assert got == [b"hello", b"hello"]


def test_a_handshake_that_is_started_later_is_measured(authority: Authority) -> None:
    """It has a sample of its own, and none of it is in `tcp_socket_connecting`."""
    context = authority.server_context()

    def start(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(b"GO")
        # The client has begun, and we let it wait.
        time.sleep(0.2)
        with context.wrap_socket(peer.sock, server_side=True) as secure:
            secure.recv(8)

    async def default() -> None:
        socket, ready = Socket(), asyncio.Event()
        socket.on("data", ready.set)
        await socket.connect(server.port, HOST)
        await socket.write("STARTTLS")
        await ready.wait()
        await socket.start_tls({"ca": authority.pem})
        await socket.write("x")
        socket.destroy()

    with ScriptedServer([start]) as server:
        result = run_once(default, iterations=2)
    tls = result.metrics["tcp_socket_tls"]
    assert [values["count"] for _, values in result.series("tcp_socket_tls")] == [2]
    assert tls.min >= 190
    assert result.metrics["tcp_socket_connecting"].max < tls.min
