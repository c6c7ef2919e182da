"""As much of graphql-transport-ws as a query and a subscription need."""

from __future__ import annotations

import json
from collections import Counter

from websockets.asyncio.server import ServerConnection

from support.counting import over_websocket

COUNTED: Counter[str] = Counter(connections=0, hello=0, greetings=0)
VALUES = {"hello": ["world"], "greetings": ["Hi", "Bonjour", "Hola", "Ciao", "Zdravo"]}


async def talk(connection: ServerConnection) -> None:
    async for message in connection:
        asked = json.loads(message)
        if asked["type"] == "connection_init":
            COUNTED["connections"] += 1
            await connection.send('{"type":"connection_ack"}')
        elif asked["type"] == "subscribe":
            field = asked["payload"]["query"].strip(" {}").split()[-1].strip("{}")
            COUNTED[field] += 1
            for value in VALUES[field]:
                told = {"id": asked["id"], "type": "next", "payload": {"data": {field: value}}}
                await connection.send(json.dumps(told))
            await connection.send(json.dumps({"id": asked["id"], "type": "complete"}))


over_websocket(talk, COUNTED, "graphql-transport-ws")
