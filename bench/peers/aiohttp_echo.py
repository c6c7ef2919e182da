"""Peer: aiohttp's WebSocket client on uvloop, without compression."""

# A peer may be absent: the harness then skips it and says so.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import asyncio
import sys

import uvloop
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector
from window import PAYLOAD, Load, Window


async def echo(socket: ClientWebSocketResponse, window: Window, in_flight: int) -> None:
    for _ in range(in_flight):
        await socket.send_bytes(PAYLOAD)
    async for message in socket:
        window.messages += 1
        if not window.stopping:
            await socket.send_bytes(message.data)
            continue
        in_flight -= 1
        if in_flight == 0:
            break
    await socket.close()


async def main(load: Load) -> None:
    window = Window()
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        sockets = await asyncio.gather(*(session.ws_connect(load.url) for _ in range(load.conns)))
        loop = asyncio.get_running_loop()
        loop.call_later(load.warmup, window.open)
        loop.call_later(load.warmup + load.seconds, window.close)
        await asyncio.gather(*(echo(socket, window, load.in_flight) for socket in sockets))
    print(window.result())


if __name__ == "__main__":
    uvloop.run(main(Load.parse(sys.argv[1:])))
