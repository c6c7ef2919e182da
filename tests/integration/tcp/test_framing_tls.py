"""TLS that is begun on a connection with a framing."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws.framing import Raw, fixed, length_prefix, lines
from k6ws.tcp import Socket, TCPError
from support.runs import run_once
from support.servers import Authority
from support.tcp_messages import HOST
from support.tcp_server import Reader, TcpServer, Writer

POSTGRESQL = length_prefix(4, offset=1, inclusive=True)


def upgrading(authority: Authority, greeting: bytes, encrypted: bytes) -> Any:
    """A peer that says this to what is asked, goes over to TLS, and says the other there."""

    async def talk(reader: Reader, writer: Writer) -> None:
        await reader.read(100)
        writer.write(greeting)
        await writer.drain()
        await writer.start_tls(authority.server_context())
        writer.write(encrypted)
        await writer.drain()
        await reader.read(100)

    return talk


@pytest.mark.parametrize("waits", [False, True], ids=["begun", "waited for"])
@pytest.mark.parametrize(
    ("greeting", "unread"),
    [
        (b"220 go\r\n", None),
        (b"220 go\r\n250 injected\r\n", "1 messages and 0 bytes of another one"),
        (b"220 go\r\n250 inj", "0 messages and 7 bytes of another one"),
    ],
)
def test_nothing_that_came_before_tls_passes_for_what_comes_with_it(
    authority: Authority, greeting: bytes, unread: str | None, *, waits: bool
) -> None:
    story: list[Any] = []

    def default() -> None:
        socket = Socket(framing=lines())

        def data(line: str) -> None:
            if line != "220 go":
                story.append(line)
                socket.destroy()
                return
            starting = socket.start_tls(ca=authority.pem)
            if waits and unread is None:
                starting.wait()
            elif waits:
                with pytest.raises(TCPError, match="came before TLS and were not read"):
                    starting.wait()

        socket.on("data", data)
        socket.on("error", lambda error: story.append((error.method, error.cause, error.message)))
        socket.connect(server.port, HOST).wait()
        socket.write("STARTTLS")

    with TcpServer(upgrading(authority, greeting, b"250 encrypted\r\n")) as server:
        result = k6ws.run(default, iterations=1)
    assert result.exceptions == []
    if unread is None:
        assert story == ["250 encrypted"]
        return
    [(method, cause, text)] = story
    assert (method, cause) == ("start_tls", "framing")
    assert unread in text


def test_a_protocol_that_answers_with_one_byte_before_its_messages(authority: Authority) -> None:
    story: list[Any] = []

    async def default() -> None:
        socket = Socket(framing=fixed(1))

        async def data(message: bytes) -> None:
            story.append(message)
            if message == b"S":
                await socket.start_tls(ca=authority.pem)
                socket.set_framing(POSTGRESQL)
                socket.write(Raw(b"\0\0\0\x08\0\3\0\0"))
            else:
                socket.destroy()

        socket.on("data", data)
        await socket.connect(server.port, HOST)
        socket.write(Raw(b"\0\0\0\x08\x04\xd2\x16\x2f"))

    async def postgresql(reader: Reader, writer: Writer) -> None:
        await reader.read(100)
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(authority.server_context())
        await reader.read(100)
        writer.write(b"R\0\0\0\x08\0\0\0\0")
        await writer.drain()
        await reader.read(100)

    with TcpServer(postgresql) as server:
        run_once(default)
    assert story == [b"S", b"R\0\0\0\x08\0\0\0\0"]
