"""As much of an MQTT 3.1.1 broker over WebSocket as a user needs who listens to what they say themselves."""

from __future__ import annotations

from collections import Counter

from websockets.asyncio.server import ServerConnection

from support.counting import over_websocket

COUNTED: Counter[str] = Counter(connects=0, published=0, delivered=0)


async def talk(connection: ServerConnection) -> None:
    async for packet in connection:
        assert isinstance(packet, bytes)
        kind, body = packet[0] >> 4, packet[2:]
        if kind == 1:
            COUNTED["connects"] += 1
            await connection.send(b"\x20\x02\x00\x00")
        elif kind == 8:
            await connection.send(b"\x90\x03" + body[:2] + b"\x00")
        elif kind == 3:
            COUNTED["published"] += 1
            end = 2 + int.from_bytes(body[:2], "big")
            topic, number, said = body[:end], body[end : end + 2], body[end + 2 :]
            told = topic + said
            COUNTED["delivered"] += 1
            # Two packets in one message: that is allowed (section 6 of the standard).
            both = b"\x30" + bytes([len(told)]) + told + b"\x40\x02" + number
            await connection.send(both)


over_websocket(talk, COUNTED, "mqtt")
