"""A model that answers token by token, on the PyPI package `websockets`: no such server can be installed.

Its messages are of the kind that realtime APIs have: `create` with an id and a prompt, then `token` after
`token` with the id of the request, then `done`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from websockets.asyncio.server import ServerConnection

from support.counting import over_websocket

COUNTED: Counter[str] = Counter(connections=0, answers=0, tokens=0)
PAUSE_S = 0.002


async def talk(connection: ServerConnection) -> None:
    COUNTED["connections"] += 1
    async for asked in connection:
        question = json.loads(asked)
        for number in range(question["max_tokens"]):
            await asyncio.sleep(PAUSE_S)
            token = {"type": "token", "response_id": question["id"], "text": f" {number}"}
            await connection.send(json.dumps(token))
            COUNTED["tokens"] += 1
        await connection.send(json.dumps({"type": "done", "response_id": question["id"]}))
        COUNTED["answers"] += 1


over_websocket(talk, COUNTED)
