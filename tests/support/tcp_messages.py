"""What a TCP socket of k6ws makes of messages, against servers of the tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from k6ws.framing import lines
from k6ws.tcp import Socket
from support.runs import run_once
from support.tcp_server import Reader, TcpServer, Writer, send

HOST = "127.0.0.1"


def received(talk: Callable[[Reader, Writer], Awaitable[None]], **options: Any) -> list[Any]:
    """The story of a socket that says nothing: its messages, what went wrong, its end."""
    story: list[Any] = []

    def default() -> None:
        socket = Socket()
        socket.on("data", story.append)
        socket.on("error", lambda error: story.append((error.cause, error.message)))
        socket.on("close", lambda: story.append("close"))
        socket.connect(server.port, HOST, **options).wait()

    with TcpServer(talk) as server:
        run_once(default)
    return story


def one_by_one(stream: bytes) -> Callable[[Reader, Writer], Awaitable[None]]:
    """A peer that sends a byte at a time."""
    return send(*(stream[at : at + 1] for at in range(len(stream))))


def talked(server: TcpServer, *said: Any, **options: Any) -> list[Any]:
    """What comes back for what is said to an echo, message by message."""
    story: list[Any] = []

    def default() -> None:
        socket = Socket(**options)

        def data(message: Any) -> None:
            story.append(message)
            if len(story) == len(said):
                socket.destroy()

        socket.on("data", data)
        socket.connect(server.port, HOST).wait()
        for message in said:
            socket.write(message)

    run_once(default)
    return story


async def each_line(reader: Reader) -> AsyncIterator[str]:
    """What a peer says, a line at a time."""
    framer = lines().framer()
    while data := await reader.read(65536):
        for line in framer.feed(data):
            assert isinstance(line, str)
            yield line
