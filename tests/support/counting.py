"""What servers in Python have in common: they print their port, and at their end what they have counted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Awaitable, Callable

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol


async def serve(port: int, counted: Counter[str]) -> None:
    """Say where it listens, and be there until SIGTERM."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    print(port, flush=True)
    await over.wait()
    print(json.dumps(counted), flush=True)


def over_websocket(
    talk: Callable[[ServerConnection], Awaitable[None]],
    counted: Counter[str],
    subprotocol: str | None = None,
) -> None:
    """Be a server that speaks like this with each client, who leaves when they like."""

    async def client(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await talk(connection)

    async def main() -> None:
        spoken = None if subprotocol is None else [Subprotocol(subprotocol)]
        async with serve_websockets(client, "127.0.0.1", 0, subprotocols=spoken) as server:
            await serve(next(iter(server.sockets)).getsockname()[1], counted)

    asyncio.run(main())


def over_tcp(
    talk: Callable[[StreamReader, StreamWriter], Awaitable[None]], counted: Counter[str]
) -> None:
    """The same over TCP."""

    async def client(reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    async def main() -> None:
        async with await asyncio.start_server(client, "127.0.0.1", 0) as server:
            await serve(server.sockets[0].getsockname()[1], counted)

    asyncio.run(main())
