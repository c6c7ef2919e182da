"""As much of a STOMP 1.2 broker as a user needs who listens to what they say themselves."""

from __future__ import annotations

from collections import Counter

from websockets.asyncio.server import ServerConnection

from support.counting import over_websocket

COUNTED: Counter[str] = Counter(published=0, acknowledged=0)


async def talk(connection: ServerConnection) -> None:
    async for frame in connection:
        assert isinstance(frame, str)
        head, _, body = frame.rstrip("\0\n").partition("\n\n")
        command, *lines = head.split("\n")
        headers = dict(line.split(":", 1) for line in lines)
        if command == "CONNECT":
            await connection.send("CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0\n")
        elif command == "SEND":
            COUNTED["published"] += 1
            number = f"T_0@@{COUNTED['published']}"
            told = f"subscription:0\ndestination:{headers['destination']}\nack:{number}"
            await connection.send(f"MESSAGE\n{told}\n\n{body}\0\n")
        elif command == "ACK":
            COUNTED["acknowledged"] += headers["id"].startswith("T_0@@")
        if "receipt" in headers:
            await connection.send(f"RECEIPT\nreceipt-id:{headers['receipt']}\n\n\0\n")


over_websocket(talk, COUNTED, "v12.stomp")
