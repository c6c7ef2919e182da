"""As much of a Jupyter server as a kernel needs in which numbers are printed; on aiohttp."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from typing import Any

from aiohttp import web

from support.counting import serve

COUNTED: Counter[str] = Counter(channels=0)


async def start(_: web.Request) -> web.Response:
    return web.json_response({"id": "kernel"}, status=201)


async def stop(_: web.Request) -> web.Response:
    return web.Response(status=204)


async def channels(request: web.Request) -> web.WebSocketResponse:
    COUNTED["channels"] += 1
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        asked = json.loads(message.data)
        code = re.fullmatch(r"print\((\d+) \* (\d+)\)", asked["content"]["code"])
        assert code is not None

        async def say(kind: str, parent: Any = asked["header"], **content: Any) -> None:
            header = {"msg_id": f"{kind} of {parent['msg_id']}", "msg_type": kind}
            told = {"header": header, "parent_header": parent, "metadata": {}, "content": content}
            await socket.send_json(told)

        await say("status", execution_state="busy")
        await say("stream", name="stdout", text=f"{int(code[1]) * int(code[2])}\n")
        await say("execute_reply", status="ok")
        await say("status", execution_state="idle")
    return socket


async def main() -> None:
    app = web.Application()
    app.router.add_post("/api/kernels", start)
    app.router.add_delete("/api/kernels/kernel", stop)
    app.router.add_get("/api/kernels/kernel/channels", channels)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await serve(runner.addresses[0][1], COUNTED)


asyncio.run(main())
