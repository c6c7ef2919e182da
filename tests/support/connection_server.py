"""A server on the library `websockets` whose every connection is the subclass's affair."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from websockets.asyncio.server import ServerConnection, serve

from support.loop_server import LoopServer


class ConnectionServer(LoopServer):
    """Has each connection served by `_serve`."""

    settings: ClassVar[dict[str, Any]] = {"compression": None}

    async def start(self) -> int:
        self._server = await serve(self._serve, "127.0.0.1", 0, **self.settings)
        return next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    @abstractmethod
    async def _serve(self, connection: ServerConnection) -> None: ...
