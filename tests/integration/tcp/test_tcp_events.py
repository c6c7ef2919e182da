"""What a TCP socket promises of its events: where their handlers run, and that `close` is the last, once."""

from __future__ import annotations

import asyncio
import socket as sockets
import threading
from collections.abc import Callable

import pytest

import k6ws
from k6ws import execution
from k6ws.tcp import Socket, TCPError, Write
from support.runs import run_once, total
from support.tcp_server import Reader, Talk, TcpServer, Writer, listen, reset

HOST = "127.0.0.1"


async def answer_and_end(reader: Reader, writer: Writer) -> None:
    """Answer what comes first, then end."""
    writer.write(await reader.read(65536))
    await writer.drain()


def follow(socket: Socket, story: list[str], **acts: Callable[[Socket], object]) -> None:
    """Note every event and then act on it; errors and idleness destroy the socket, as in k6's example."""
    acts = {"error": Socket.destroy, "timeout": Socket.destroy, **acts}

    def noting(event: str) -> Callable[[], None]:
        def note() -> None:
            story.append(event)
            if event in acts:
                acts[event](socket)

        return note

    for event in ("connect", "data", "error", "timeout", "close"):
        socket.on(event, noting(event))  # type: ignore[call-overload]


# Who ends the connection: what the server does, what handlers do, and the events there are.
ENDS: dict[str, tuple[Talk, dict[str, Callable[[Socket], object]], list[str]]] = {
    "the peer": (answer_and_end, {}, ["connect", "data", "close"]),
    "destroy, twice": (
        listen,
        {"connect": lambda socket: (socket.destroy(), socket.destroy())},
        ["connect", "close"],
    ),
    "both": (answer_and_end, {"data": Socket.destroy}, ["connect", "data", "close"]),
    "our end, then the peer's": (listen, {"connect": Socket.end}, ["connect", "close"]),
    "a reset": (reset, {}, ["connect", "error", "close"]),
    "idleness": (
        listen,
        {"connect": lambda socket: socket.set_timeout(20)},
        ["connect", "timeout", "close"],
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_close_comes_last_and_once_whoever_ends_the_connection(end: str) -> None:
    talk, acts, expected = ENDS[end]
    story: list[str] = []

    def default() -> None:
        socket = Socket()
        follow(socket, story, **acts)
        socket.connect(server.port, HOST).wait()
        if talk is not listen:
            socket.write("x")

    with TcpServer(talk) as server:
        run_once(default)
    assert story == expected


def test_close_follows_a_connection_that_cannot_be_made() -> None:
    story: list[str] = []
    with sockets.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]

    async def default() -> None:
        socket = Socket()
        follow(socket, story)
        with pytest.raises(TCPError, match="connection refused"):
            await socket.connect(port, HOST)

    run_once(default)
    assert story == ["error", "close"]


def test_a_write_that_finds_its_peer_gone_is_an_error_and_no_write() -> None:
    taken = 0
    told: list[TCPError] = []

    def default() -> None:
        nonlocal taken
        socket = Socket()
        socket.on("error", told.append)
        socket.connect(server.port, HOST).wait()
        # No event is delivered meanwhile: the socket is open, and its connection ends at some time.
        while isinstance(socket.write("x"), Write):
            taken += 1
            k6ws.sleep(0.001)
        assert socket.ready_state == "open"

    with TcpServer(reset) as server:
        result = run_once(default)
    assert [error.message for error in told].count("no active connection") == 1
    assert total(result, "tcp_writes") == taken
    assert total(result, "tcp_errors") == 2


def test_handlers_run_in_their_vu_one_at_a_time() -> None:
    wrong: list[object] = []
    seen: list[str] = []

    async def default() -> None:
        me, thread, within = execution.vu.id_in_test, threading.get_ident(), [0]
        socket = Socket()
        closed = asyncio.Event()

        def handler(event: str, act: Callable[[], object]) -> Callable[[], None]:
            def handle() -> None:
                within[0] += 1
                here = (execution.vu.id_in_test, threading.get_ident(), within[0])
                wrong.extend([(event, here)] if here != (me, thread, 1) else [])
                seen.append(event)
                act()
                within[0] -= 1

            return handle

        socket.on("connect", handler("connect", lambda: socket.set_timeout(5)))
        socket.on("timeout", handler("timeout", lambda: socket.write("x")))
        socket.on("data", handler("data", socket.destroy))
        socket.on("close", handler("close", closed.set))
        await socket.connect(server.port, HOST)
        await closed.wait()

    with TcpServer() as server:
        run_once(default, vus=5, iterations=15)
    assert wrong == []
    assert [seen.count(event) for event in ("connect", "data", "close")] == [15, 15, 15]
    assert seen.count("timeout") >= 15
