"""As much of a Socket.IO server (protocol 5 over Engine.IO 4) as one room needs."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter

from websockets.asyncio.server import ServerConnection

from support.counting import over_websocket

COUNTED: Counter[str] = Counter(connections=0, join=0, say=0, beats=0)
PAUSE_S = 0.05
OPENED: dict[str, object] = {
    "sid": "a",
    "upgrades": [],
    "pingInterval": 50,
    "pingTimeout": 20_000,
    "maxPayload": 1e6,
}


async def beat(connection: ServerConnection) -> None:
    while True:
        await asyncio.sleep(PAUSE_S)
        await connection.send("2")


async def talk(connection: ServerConnection) -> None:
    await connection.send("0" + json.dumps(OPENED))
    beating = asyncio.create_task(beat(connection))
    try:
        async for packet in connection:
            assert isinstance(packet, str)
            event = re.fullmatch(r"42(\d+)(\[.*\])", packet)
            if event is not None:
                COUNTED[json.loads(event[2])[0]] += 1
                await connection.send(f'43{event[1]}[{{"ok":true}}]')
            elif packet == "40":
                COUNTED["connections"] += 1
                await connection.send('40{"sid":"b"}')
            elif packet == "3":
                COUNTED["beats"] += 1
    finally:
        beating.cancel()


over_websocket(talk, COUNTED)
