"""A raw TCP server whose connections do what a test says, on an asyncio loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable

from support.loop_server import LoopServer

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Talk = Callable[[Reader, Writer], Awaitable[None]]


async def echo(reader: Reader, writer: Writer) -> None:
    """Send everything back until the client ends its side."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def listen(reader: Reader, _writer: Writer) -> None:
    """Read to the end and say nothing."""
    while await reader.read(65536):
        pass


def drop_with_rst(transport: asyncio.WriteTransport) -> None:
    """End a connection with RST."""
    raw = transport.get_extra_info("socket")
    if raw.fileno() < 0:
        # The peer was faster, and it is closed.
        return
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def silent(_reader: Reader, _writer: Writer) -> None:
    """Neither read nor write."""
    await asyncio.sleep(60)


async def reset(reader: Reader, writer: Writer) -> None:
    """Wait for a byte, then drop the connection with RST."""
    await reader.read(1)
    drop_with_rst(writer.transport)


def send(*pieces: bytes) -> Talk:
    """Send these, one after the other, then end."""

    async def talk(_reader: Reader, writer: Writer) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return talk


class TcpServer(LoopServer):
    """`received` holds what each connection sent, in order of arrival; `ended` how many are over."""

    def __init__(self, talk: Talk = echo, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self._talk = talk
        self.received: list[bytearray] = []
        self.ended = 0
        self._writers: set[Writer] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self.tls, limit=1 << 20
        )
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        # Who was accepted a moment ago gets its turn before the server closes: CPython 3.11 makes no
        # transport for a closed server, and leaves the accepted socket open until garbage is collected.
        for listener in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listener)
        for _ in range(5):
            await asyncio.sleep(0)
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    def wait_ended(self, count: int = 1) -> None:
        """Block until that many connections are over."""
        self.journal.wait_until(lambda: self.ended >= count, f"the end of {count} connections")

    def wait_received(self, data: bytes, index: int = 0) -> None:
        """Block until a connection has sent exactly this."""
        self.journal.wait_until(
            lambda: len(self.received) > index and bytes(self.received[index]) == data,
            f"{data[:40]!r} on connection {index}",
        )

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        seen = bytearray()
        self._writers.add(writer)
        self.journal.change(lambda: self.received.append(seen))
        noted = _Noting(reader, lambda data: self.journal.change(lambda: seen.extend(data)))
        with contextlib.suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
            await self._talk(noted, writer)  # type: ignore[arg-type]
            writer.close()
            await writer.wait_closed()
        self._writers.discard(writer)
        writer.transport.abort()
        # The transport closes its socket in a turn of its own: not after the loop has stopped. A TLS
        # handshake that was cut short never says that it is closed (CPython 3.11), hence the limit.
        with contextlib.suppress(
            ConnectionError, asyncio.CancelledError, ssl.SSLError, TimeoutError
        ):
            async with asyncio.timeout(1):
                await writer.wait_closed()
        self.journal.change(self._end)

    def _end(self) -> None:
        self.ended += 1


class _Noting:
    """A reader that tells what was read."""

    def __init__(self, reader: Reader, note: Callable[[bytes], None]) -> None:
        self._reader, self._note = reader, note

    async def read(self, most: int) -> bytes:
        data = await self._reader.read(most)
        self._note(data)
        return data
