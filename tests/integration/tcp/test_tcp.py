"""`k6ws.tcp`: connecting, writing, reading, closing, in the order that is promised."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

import k6ws
import k6ws.tcp
from k6ws.tcp import Socket, TCPError
from support.runs import run_once
from support.tcp_server import TcpServer, echo, listen, reset, send, silent

HOST = "127.0.0.1"


@pytest.fixture
def server() -> Iterator[TcpServer]:
    with TcpServer() as running:
        yield running


def follow(socket: Socket, story: list[Any]) -> Socket:
    """Note every event, in order."""
    socket.on("connect", lambda: story.append("connect"))
    socket.on("data", story.append)
    socket.on("error", lambda error: story.append((error.method, error.message)))
    socket.on("timeout", lambda: story.append("timeout"))
    socket.on("close", lambda: story.append("close"))
    return socket


@pytest.mark.parity("tcp-exports-socket")
def test_the_module_exports_socket() -> None:
    assert {"Socket", "TCPError", "Write"} <= set(k6ws.tcp.__all__)
    assert k6ws.tcp.Socket is Socket


@pytest.mark.parity(
    "tcp-on-returns-nothing",
    "tcp-destroy-returns-nothing",
    "tcp-destroy-unconnected",
    "tcp-starts-disconnected",
)
def test_a_socket_may_be_made_and_destroyed_without_connecting() -> None:
    story: list[Any] = []

    def default() -> None:
        socket = Socket()
        assert socket.on("close", lambda: story.append("close")) is None
        assert socket.ready_state == "disconnected"
        assert socket.destroy() is None
        socket.destroy()
        assert socket.ready_state == "destroyed"

    result = run_once(default)
    assert story == ["close"]
    assert "tcp_sockets" not in result.metrics


def test_a_socket_that_never_connects_keeps_nothing_going() -> None:
    """Upstream the iteration never ends."""
    assert run_once(Socket).metrics["iteration_duration"]["max"] < 5_000


@pytest.mark.parity("tcp-events-in-order", "tcp-echo")
def test_events_come_in_order(server: TcpServer) -> None:
    story: list[Any] = []

    def default() -> None:
        socket = follow(Socket(), story)
        socket.connect(server.port, HOST)
        socket.on("connect", lambda: (story.append("connect"), socket.write("Hey there")))
        socket.on("data", lambda data: (story.append(data), socket.destroy()))

    run_once(default)
    assert story == ["connect", b"Hey there", "close"]


@pytest.mark.parity("tcp-connected-in-its-handler", "tcp-port-as-text", "tcp-port-and-host")
@pytest.mark.parametrize("port_as_text", [False, True])
def test_connected_is_true_inside_the_connect_handler(
    server: TcpServer, *, port_as_text: bool
) -> None:
    story: list[Any] = []

    async def default() -> None:
        socket = follow(Socket(), story)
        assert not socket.connected

        def connected() -> None:
            story.append((socket.connected, socket.ready_state))
            socket.destroy()

        socket.on("connect", connected)
        port = str(server.port) if port_as_text else server.port
        await socket.connect({"port": port, "host": HOST})
        story.append("awaited")

    run_once(default)
    assert story[0] == (True, "open")
    assert sorted(map(str, story[1:])) == ["awaited", "close"]


def test_wait_delivers_the_connect_event_first_and_data_later(server: TcpServer) -> None:
    story: list[Any] = []

    def default() -> None:
        socket = follow(Socket(), story)
        socket.connect(server.port, HOST).wait()
        story.append("waited")
        socket.write("x").wait()
        while not socket.bytes_read:
            k6ws.sleep(0.001)
        story.append("slept")
        socket.on("data", lambda data: (story.append(data), socket.destroy()))

    run_once(default)
    assert story == ["connect", "waited", "slept", b"x", "close"]


def test_a_connect_event_that_came_during_a_sleep_is_delivered_by_wait(server: TcpServer) -> None:
    story: list[Any] = []

    def default() -> None:
        socket = follow(Socket(), story)
        connecting = socket.connect(server.port, HOST)
        server.journal.wait_until(lambda: bool(server.received), "the connection")
        k6ws.sleep(0.001)
        story.append("slept")
        connecting.wait()
        story.append("waited")
        socket.destroy()

    run_once(default)
    assert story == ["slept", "connect", "waited", "close"]


@pytest.mark.parametrize("awaited", [True, False])
def test_writes_leave_in_the_order_of_their_calls(server: TcpServer, *, awaited: bool) -> None:
    """Upstream, ten one-byte writes were reordered in 100 of 100 runs."""
    sent = b"".join(bytes([n]) for n in range(100))

    async def default() -> None:
        socket = Socket()
        got = bytearray()

        def data(piece: bytes) -> None:
            got.extend(piece)
            if len(got) == len(sent):
                assert bytes(got) == sent
                socket.destroy()

        # Before anything is awaited: handlers run meanwhile.
        socket.on("data", data)
        await socket.connect(server.port, HOST)
        writes = [socket.write(bytes([n])) for n in range(100)]
        if awaited:
            await asyncio.gather(*(wait_for(write) for write in reversed(writes)))
            assert all(write.done() for write in writes)

    async def wait_for(write: Any) -> None:
        await write

    run_once(default)
    assert bytes(server.received[0]) == sent


def test_data_comes_in_pieces_of_4096_bytes_that_stay_as_they_are() -> None:
    sent = bytes(range(256)) * 79
    pieces: list[bytes] = []
    with TcpServer(send(sent[:20_000])) as server:

        def default() -> None:
            socket = Socket()
            socket.on("data", pieces.append)
            socket.connect(server.port, HOST)

        result = run_once(default)
    assert b"".join(pieces) == sent[:20_000]
    assert max(map(len, pieces)) == 4096
    assert result.metrics["tcp_reads"].count == len(pieces)
    assert {type(piece) for piece in pieces} == {bytes}


@pytest.mark.parity("tcp-end-of-the-peer")
def test_the_peers_end_brings_the_rest_then_close() -> None:
    story: list[Any] = []
    with TcpServer(send(b"bye")) as server:
        run_once(lambda: follow(Socket(), story).connect(server.port, HOST) and None)
    assert story == ["connect", b"bye", "close"]


@pytest.mark.parity("tcp-reset-is-an-error")
def test_a_reset_is_an_error_then_close() -> None:
    story: list[Any] = []
    sockets: list[Socket] = []
    with TcpServer(reset) as server:

        def default() -> None:
            socket = follow(Socket(), story)
            sockets.append(socket)
            socket.connect(server.port, HOST)
            socket.on("connect", lambda: socket.write("x"))

        result = run_once(default)
    assert len(story) == 2
    method, message = story[0]
    assert (method, "connection reset by peer" in message, story[1]) == ("read", True, "close")
    assert sockets[0].ready_state == "destroyed"
    assert result.metrics["tcp_errors"].count == 1


def test_half_close_ends_our_side_and_goes_on_reading() -> None:
    async def talk(reader: Any, writer: Any) -> None:
        got = bytearray()
        while data := await reader.read(100):
            got.extend(data)
        writer.write(b"got " + bytes(got))

    story: list[Any] = []
    with TcpServer(talk) as server:

        def default() -> None:
            socket = follow(Socket(), story)
            socket.connect(server.port, HOST).wait()
            socket.write("all")
            socket.end()
            with pytest.raises(TCPError, match="no active connection"):
                socket.write("more").wait()

        run_once(default)
    assert story == [
        "connect",
        ("write", "no active connection"),
        b"got all",
        "close",
    ]


@pytest.mark.parity("tcp-idle-time-closes-nothing")
def test_the_idle_timer_fires_again_and_again_and_closes_nothing() -> None:
    story: list[Any] = []
    with TcpServer(listen) as server:

        def default() -> None:
            socket = follow(Socket(), story)

            def idle() -> None:
                story.append(("timeout", socket.connected))
                if len(story) == 4:
                    socket.destroy()
                else:
                    socket.write("writes do not count")

            socket.on("timeout", idle)
            assert socket.set_timeout(30) is socket
            socket.connect(server.port, HOST)

        began = time.monotonic()
        result = run_once(default)
    assert story == ["connect", *[("timeout", True)] * 3, "close"]
    assert time.monotonic() - began >= 0.09
    assert result.metrics["tcp_timeouts"].count == 3


def test_reads_restart_the_idle_timer() -> None:
    async def talk(_reader: Any, writer: Any) -> None:
        for _ in range(10):
            writer.write(b".")
            await asyncio.sleep(0.03)

    story: list[Any] = []
    with TcpServer(talk) as server:

        def default() -> None:
            follow(Socket(), story).set_timeout(1000).connect(server.port, HOST)

        run_once(default)
    assert "timeout" not in story
    assert story[-1] == "close"


def test_the_idle_timer_is_switched_off_by_nothing_zero_and_nan(server: TcpServer) -> None:
    story: list[Any] = []

    def default() -> None:
        socket = follow(Socket(), story)
        socket.connect(server.port, HOST).wait()
        for off in (0, -1, None, float("nan"), 0.5):
            socket.set_timeout(10)
            socket.setTimeout(off)
        k6ws.timers.set_timeout(socket.destroy, 60)

    run_once(default)
    assert story == ["connect", "close"]


def test_destroy_while_connecting_rejects_and_closes() -> None:
    """Upstream the connection is opened anyway, and an awaited connect hangs."""
    story: list[Any] = []

    async def default() -> None:
        socket = follow(Socket(), story)
        connecting = socket.connect(9, "192.0.2.1" if False else HOST)
        assert socket.ready_state == "opening"
        socket.destroy()
        with pytest.raises(TCPError, match="socket destroyed"):
            await connecting

    run_once(default)
    assert story == ["close"]


@pytest.mark.parametrize(
    ("talk", "state"), [(silent, "open"), (echo, "open")], ids=["silent", "echo"]
)
def test_a_second_connect_is_refused(talk: Any, state: str) -> None:
    """Upstream it opens another connection and leaks the first."""
    story: list[Any] = []
    with TcpServer(talk) as server:

        def default() -> None:
            socket = follow(Socket(), story)
            first = socket.connect(server.port, HOST)
            with pytest.raises(TCPError, match="socket is connecting"):
                socket.connect(server.port, HOST).wait()
            first.wait()
            assert socket.ready_state == state
            with pytest.raises(TCPError, match="socket already connected"):
                socket.connect(server.port, HOST).wait()
            socket.destroy()
            with pytest.raises(TCPError, match="socket destroyed"):
                socket.connect(server.port, HOST).wait()

        result = run_once(default)
    assert story.count("connect") == story.count("close") == 1
    assert story[-1] == "close"
    assert result.metrics["tcp_sockets"].count == 1


@pytest.mark.parity(
    "tcp-examples",
    "tcp-ready-states",
    "tcp-connected-only-when-open",
    "tcp-readable-only-when-open",
    "tcp-counters",
    "tcp-state-is-consistent",
)
def test_state_endpoints_and_counters(server: TcpServer) -> None:
    seen: list[Any] = []

    def state(socket: Socket) -> tuple[Any, ...]:
        return socket.ready_state, socket.connected, socket.readable

    def default() -> None:
        socket = Socket()
        seen.append((state(socket), socket.local_ip, socket.remote_port, socket.bytes_read))
        connecting = socket.connect(server.port, HOST)
        seen.append(state(socket))
        connecting.wait()
        ends = (socket.local_ip, socket.remote_ip, socket.remote_port)
        seen.append((state(socket), ends, isinstance(socket.local_port, int)))
        socket.on("data", lambda: socket.destroy())
        socket.on(
            "close",
            lambda: seen.append(
                (state(socket), socket.local_ip, socket.bytes_read, socket.bytes_written)
            ),
        )
        socket.write("12345").wait()

    run_once(default)
    assert seen == [
        (("disconnected", False, False), None, None, 0),
        ("opening", False, False),
        (("open", True, True), (HOST, HOST, server.port), True),
        (("destroyed", False, False), None, 5, 5),
    ]


def test_three_sockets_of_a_vu_have_their_own_tags(server: TcpServer) -> None:
    def default() -> None:
        for name in "abc":
            socket = Socket({"tags": {"name": name}})
            socket.connect(server.port, HOST)
            socket.on("connect", lambda socket=socket: socket.write("x"))
            socket.on("data", lambda _, socket=socket: socket.destroy())

    result = run_once(default)
    for metric in ("tcp_sockets", "tcp_reads", "tcp_writes", "tcp_socket_duration"):
        assert sorted(tags["name"] for tags, _ in result.series(metric)) == ["a", "b", "c"], metric
