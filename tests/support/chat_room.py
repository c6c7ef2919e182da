"""A chat room on the `websockets` library, for scripts that talk as k6's chat example does.

Messages are JSON. `SET_NAME` is answered with `WELCOME`; what one says with `SAY` everybody hears as
`CHAT_MSG`. Who says `LEAVE` stays until everybody has, so that all have heard all; then the room closes their
connections. Those in `detained` are told `ERROR` instead and have to close their connections themselves.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from support.loop_server import LoopServer


class ChatRoom(LoopServer):
    """`guests` is how many must say `LEAVE` before the room lets go."""

    def __init__(self, guests: int, detained: Collection[str] = ()) -> None:
        super().__init__()
        self._guests, self._detained = guests, detained
        self._present: set[ServerConnection] = set()
        self._leaving: list[ServerConnection] = []
        self._left = 0

    async def start(self) -> int:
        self._server = await serve(self._serve, "127.0.0.1", 0, ping_interval=None, close_timeout=1)
        return next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        for connection in self._present:
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        name = ""
        self._present.add(connection)
        try:
            async for text in connection:
                said = json.loads(text)
                if said["event"] == "SET_NAME":
                    name = said["new_name"]
                    await _tell(connection, event="WELCOME", message=f"Hello, {name}!")
                elif said["event"] == "SAY":
                    heard = {"event": "CHAT_MSG", "user": name, "message": said["message"]}
                    broadcast(self._present, json.dumps(heard))
                elif said["event"] == "LEAVE":
                    await self._leave(connection, name)
        except ConnectionClosed:
            pass
        finally:
            self._present.discard(connection)

    async def _leave(self, connection: ServerConnection, name: str) -> None:
        self._left += 1
        if name in self._detained:
            await _tell(connection, event="ERROR", message="nobody leaves so soon")
        else:
            self._leaving.append(connection)
        if self._left == self._guests:
            await asyncio.gather(*(one.close() for one in self._leaving))


async def _tell(connection: ServerConnection, **said: str) -> None:
    await connection.send(json.dumps(said))
