"""Peer: websockets (its asyncio client) on uvloop, without compression and keep-alive pings."""

# A peer may be absent: the harness then skips it and says so.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import asyncio
import sys

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from window import PAYLOAD, Load, Window


async def echo(connection: ClientConnection, window: Window, in_flight: int) -> None:
    for _ in range(in_flight):
        await connection.send(PAYLOAD)
    async for message in connection:
        window.messages += 1
        if not window.stopping:
            await connection.send(message)
            continue
        in_flight -= 1
        if in_flight == 0:
            break
    await connection.close()


async def main(load: Load) -> None:
    window = Window()
    connections = await asyncio.gather(
        *(
            connect(load.url, compression=None, ping_interval=None, open_timeout=60)
            for _ in range(load.conns)
        )
    )
    loop = asyncio.get_running_loop()
    loop.call_later(load.warmup, window.open)
    loop.call_later(load.warmup + load.seconds, window.close)
    await asyncio.gather(*(echo(connection, window, load.in_flight) for connection in connections))
    print(window.result())


if __name__ == "__main__":
    uvloop.run(main(Load.parse(sys.argv[1:])))
