"""VUs as coroutines: two sessions of one user at once, and a wait that ends for both.

Start a target with `k6ws echo`, then `k6ws run examples/coroutines.py`. Another target: `-e URL=ws://…`.
"""

import asyncio

from k6ws import env, think, ws
from k6ws.correlate import by

options = {
    "vus": 3,
    "iterations": 6,
    "thresholds": {"ws_req_failed": ["rate==0"], "ws_reqs": ["count==60"]},
}


async def talk(name):
    url = env.get("URL", "ws://127.0.0.1:8765/")
    async with ws.aopen(url, codec="json", correlate=by("/id")) as session:
        for number in range(5):
            await session.request({"id": number, "text": f"hello from {name}"}, name)
            await think("5ms", "15ms")


async def default():
    async with asyncio.timeout(10):
        await asyncio.gather(talk("left"), talk("right"))
