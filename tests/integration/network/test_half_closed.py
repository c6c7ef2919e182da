"""A peer that ends its side and still reads, and our side ended while the peer still speaks."""

from __future__ import annotations

import queue
import socket as sockets
import threading
from collections.abc import Callable, Iterator

import pytest

import k6ws
from k6ws import ws
from k6ws.tcp import Socket
from support import frames
from support.journal import PATIENCE_S
from support.scripted import ScriptedServer, fin, read_to_end, upgrade

Talk = Callable[[sockets.socket], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Talk], int]]:
    """Serves one connection; the port."""
    threads: list[threading.Thread] = []
    with sockets.create_server(("127.0.0.1", 0)) as listener:

        def start(talk: Talk) -> int:
            def run() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(PATIENCE_S)
                    talk(connection)

            threads.append(threading.Thread(target=run))
            threads[-1].start()
            return listener.getsockname()[1]

        yield start
        for thread in threads:
            thread.join(PATIENCE_S)


def all_of(connection: sockets.socket) -> bytes:
    heard = b""
    while piece := connection.recv(1 << 16):
        heard += piece
    return heard


@pytest.mark.parametrize("size", [6, 500_000])
def test_what_answers_the_last_words_of_a_peer_arrives(
    serve: Callable[[Talk], int], size: int
) -> None:
    """It has ended its side and waits for the answer, as HTTP/1.0 clients did."""
    heard: queue.Queue[int] = queue.Queue()

    def talk(connection: sockets.socket) -> None:
        connection.sendall(b"question")
        connection.shutdown(sockets.SHUT_WR)
        heard.put(len(all_of(connection)))

    story: list[object] = []
    socket = Socket()
    socket.on("data", lambda data: (story.append(data), socket.write(b"x" * size)))
    socket.on("error", story.append)
    socket.on("close", lambda: story.append("close"))
    socket.connect(serve(talk), "127.0.0.1").wait()
    k6ws.wait()
    assert story == [b"question", "close"]
    assert heard.get(timeout=PATIENCE_S) == size


def test_what_a_peer_says_after_our_end_arrives(serve: Callable[[Talk], int]) -> None:
    def talk(connection: sockets.socket) -> None:
        connection.sendall(all_of(connection).upper())

    story: list[object] = []
    socket = Socket()
    socket.on("data", story.append)
    socket.on("close", lambda: story.append("close"))
    socket.connect(serve(talk), "127.0.0.1").wait()
    socket.write(b"question")
    socket.end()
    k6ws.wait()
    assert story == [b"QUESTION", "close"]


def test_a_websocket_gets_all_that_came_before_the_end_of_the_stream() -> None:
    story: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("message", lambda text: story.append(text))
        socket.on("error", lambda error: story.append(error.cause))
        socket.on("close", lambda code: story.append(str(code)))

    with ScriptedServer([upgrade(then=frames.text("a") * 100), fin, read_to_end]) as server:
        ws.connect(server.url(), session)
    assert story == ["a"] * 100 + ["eof", "1006"]
