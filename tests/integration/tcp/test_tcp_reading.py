"""How fast a TCP socket reads, and whether it does."""

from __future__ import annotations

import time
from typing import Any

import pytest

from k6ws.errors import InvalidParameter
from k6ws.tcp import Socket
from k6ws.timers import set_timeout
from support.runs import run_once
from support.tcp_server import TcpServer, send

HOST = "127.0.0.1"


def test_while_reading_is_paused_nothing_comes_and_nothing_is_lost() -> None:
    got = bytearray()
    story: list[Any] = []

    def default() -> None:
        socket = Socket()
        socket.on("data", got.extend)
        socket.on("close", lambda: story.append("close"))
        socket.connect(server.port, HOST)
        socket.pause_reading()

        def resume() -> None:
            # The peer has sent everything and ended long ago.
            story.append(len(got))
            socket.resume_reading()

        set_timeout(resume, 200)

    with TcpServer(send(b"x" * 50_000)) as server:
        run_once(default)
    assert story == [0, "close"]
    assert got == b"x" * 50_000


def test_reading_can_be_paused_again_and_again() -> None:
    pieces: list[bytes] = []

    def default() -> None:
        socket = Socket()

        def data(piece: bytes) -> None:
            pieces.append(piece)
            socket.pause_reading()
            set_timeout(socket.resume_reading, 1)

        socket.on("data", data)
        socket.connect(server.port, HOST)

    with TcpServer(send(*[b"y" * 70_000] * 5)) as server:
        run_once(default)
    assert b"".join(pieces) == b"y" * 350_000


def test_a_paused_socket_writes_and_is_destroyed_as_any_other() -> None:
    story: list[str] = []

    def default() -> None:
        socket = Socket()
        socket.on("data", lambda: story.append("data"))
        socket.on("close", lambda: story.append("close"))
        socket.connect(server.port, HOST).wait()
        socket.pause_reading()
        socket.write(b"there").wait()
        server.wait_received(b"there")
        socket.destroy()

    with TcpServer() as server:
        run_once(default)
    assert story == ["close"]


def test_recv_rate_is_how_fast_a_flood_is_read() -> None:
    got: list[tuple[float, int]] = []

    def default() -> None:
        socket = Socket()
        socket.on("data", lambda data: got.append((time.monotonic(), len(data))))
        socket.connect(server.port, HOST, recv_rate=100_000)

    with TcpServer(send(b"x" * 60_000)) as server:
        run_once(default)
    assert sum(size for _, size in got) == 60_000
    # A tenth of a second's come at once.
    assert 0.4 <= got[-1][0] - got[0][0] <= 3.0


@pytest.mark.parametrize(
    ("value", "error"),
    [(0, InvalidParameter), (float("nan"), InvalidParameter), ("1M", TypeError), (True, TypeError)],
)
def test_a_rate_that_makes_no_sense_is_refused(value: Any, error: type[Exception]) -> None:
    for name in ("recv_rate", "recvRate"):
        with pytest.raises(error, match="recv_rate"):
            Socket(**{name: value})
