"""A service that is asked and answers, over WebSockets and over TCP, in JSON: for tests of requests.

A request is ``{"id": …, "do": …}``; its reply has the same ``id`` and says what it does:

| ``do`` | what the service does |
| --- | --- |
| nothing | it answers |
| ``lose`` | nothing |
| ``hold`` | it answers at the next ``flush``, all at once and in random order, a push behind each |
| ``flush`` | as said, then it answers |
| ``push`` | so many pushes as ``n`` says, then it answers |
| ``twice`` | it answers twice |
| ``parts`` | so many parts as ``n`` says, with ``"last": true`` in the last one |
| ``close``, ``reset`` | it answers what is held, and ends the connection; in order, or not |
| ``count`` | it answers with how many requests it was sent, by what they ask |

Knows nothing of k6ws.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.server import ServerConnection

from support.connection_server import ConnectionServer
from support.loop_server import LoopServer

Say = Callable[[str], Awaitable[None]]


class Talk:
    """What is said on one connection."""

    def __init__(self, say: Say, heard: Counter[str]) -> None:
        self._say = say
        self._heard = heard
        self._held: list[dict[str, Any]] = []
        self._chance = random.Random(11)
        self._pushed = 0

    async def hear(self, text: str) -> str | None:
        """Do as a request says; `close` or `reset` where that is the end."""
        asked: dict[str, Any] = json.loads(text)
        do = asked.get("do")
        self._heard[do or ""] += 1
        if do == "hold":
            self._held.append(asked)
        elif do != "lose":
            if do in {"flush", "close"}:
                await self._flush()
            if do in {"close", "reset"}:
                return do
            await self._answer(asked)
        return None

    async def _answer(self, asked: dict[str, Any]) -> None:
        do, number = asked.get("do"), asked.get("n", 1)
        reply = {"id": asked["id"], "of": asked}
        if do == "count":
            reply["heard"] = self._heard
        if do == "push":
            for _ in range(number):
                await self._push()
        if do == "parts":
            for part in range(number):
                await self._say(json.dumps({**reply, "part": part, "last": part == number - 1}))
            return
        for _ in range(2 if do == "twice" else 1):
            await self._say(json.dumps(reply))

    async def _flush(self) -> None:
        held, self._held = self._held, []
        self._chance.shuffle(held)
        for asked in held:
            await self._say(json.dumps({"id": asked["id"], "of": asked}))
            await self._push()

    async def _push(self) -> None:
        await self._say(json.dumps({"push": self._pushed}))
        self._pushed += 1


class Service(LoopServer):
    """The service, over either."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Counter[str] = Counter()
        """How many requests it was sent, by what they ask."""


class WebSocketService(Service, ConnectionServer):
    """The service over WebSockets, on the library `websockets`."""

    async def _serve(self, connection: ServerConnection) -> None:
        talk = Talk(connection.send, self.heard)
        async for text in connection:
            end = await talk.hear(str(text))
            if end == "reset":
                connection.transport.abort()
            elif end == "close":
                return


class TcpService(Service):
    """The service over TCP, a line for each message."""

    async def start(self) -> int:
        self._writers: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)

        async def say(text: str) -> None:
            writer.write(text.encode() + b"\n")
            await writer.drain()

        talk = Talk(say, self.heard)
        try:
            while line := await reader.readline():
                end = await talk.hear(line.decode())
                if end == "reset":
                    raw = writer.get_extra_info("socket")
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                if end is not None:
                    break
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
