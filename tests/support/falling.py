"""A service whose connections fall when a test says so, and that can be down for a while, on the same port.

It speaks as ``support.service`` does, and takes one more request: ``{"do": "fall", "how": …}``. ``how`` is a
close code, ``"reset"``, or ``"fin"``: the stream ends without a word.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from support.journal import PATIENCE_S
from support.loop_server import LoopServer
from support.service import Say, Talk
from support.tcp_server import drop_with_rst

How = int | str


class Falling(LoopServer):
    """`heard` holds what each connection said, `made` when each of them was made, by `time.monotonic`."""

    def __init__(self, *, is_tcp: bool) -> None:
        super().__init__()
        self.is_tcp = is_tcp
        self.heard: list[list[dict[str, Any]]] = []
        self.made: list[float] = []
        self._open: dict[int, Any] = {}
        self._server: Server | asyncio.Server

    async def start(self) -> int:
        if self.is_tcp:
            self._server = await asyncio.start_server(self._tcp, "127.0.0.1", self.port)
        else:
            self._server = await serve(self._ws, "127.0.0.1", self.port, compression=None)
        return next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for number in list(self._open):
            await self._fall(number, "reset")
        await self._server.wait_closed()

    @property
    def where(self) -> str | tuple[str, int]:
        """What a session is opened with."""
        return ("127.0.0.1", self.port) if self.is_tcp else self.url("/")

    # What a test calls ----------------------------------------------------------------------------------

    def drop(self, how: How) -> None:
        """End every connection."""
        self._do(self._drop(how))

    def down(self, how: How = "reset") -> None:
        """End every connection and refuse new ones."""
        self._do(self._down(how))

    def up(self) -> None:
        """Accept connections again."""
        self._do(self.start())

    def wait_made(self, count: int) -> None:
        """Block until that many connections were made."""
        self.journal.wait_until(lambda: len(self.made) >= count, f"connection {count}")

    def said(self, index: int) -> list[str]:
        """What a connection said, as the ``do`` of each request, or its ``id``."""
        return [str(one.get("do") or one["id"]) for one in self.heard[index]]

    def _do(self, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(PATIENCE_S)

    # What it does ---------------------------------------------------------------------------------------

    async def _drop(self, how: How) -> None:
        for number in list(self._open):
            await self._fall(number, how)

    async def _down(self, how: How) -> None:
        if self.is_tcp:
            self._server.close()
        else:
            # Its connections are dropped below, as the test wants it.
            self._server.close(close_connections=False)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
        await self._drop(how)

    async def _fall(self, number: int, how: How) -> None:
        one = self._open.pop(number, None)
        if one is None:
            return
        if how == "reset":
            drop_with_rst(one.transport)
        elif how == "fin":
            one.transport.close()
        else:
            with suppress(ConnectionClosed):
                await one.close(int(how), "as told")

    async def _talk(self, connection: Any, say: Say) -> Any:
        """The talk of one more connection."""
        number = len(self.made)
        heard: list[dict[str, Any]] = []
        self._open[number] = connection
        talk = Talk(say, Counter())

        def note() -> None:
            self.made.append(time.monotonic())
            self.heard.append(heard)

        self.journal.change(note)

        async def hear(text: str) -> bool:
            asked = json.loads(text)
            self.journal.change(lambda: heard.append(asked))
            if asked.get("do") == "fall":
                await self._fall(number, asked["how"])
                return False
            return await talk.hear(text) is None

        return number, hear

    async def _ws(self, connection: ServerConnection) -> None:
        number, hear = await self._talk(connection, connection.send)
        with suppress(ConnectionClosed):
            async for text in connection:
                if not await hear(str(text)):
                    break
        self._open.pop(number, None)

    async def _tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(text.encode() + b"\n")
            await writer.drain()

        number, hear = await self._talk(writer, say)
        with suppress(ConnectionError):
            while line := await reader.readline():
                if not await hear(line.decode()):
                    break
        self._open.pop(number, None)
        writer.close()
