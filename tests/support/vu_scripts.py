"""Scripts whose VUs begin and end, and a small scenario of each executor for them."""

from __future__ import annotations

from typing import Any

SCRIPT = """
    from k6ws import execution, sleep, tcp

    def vu_start():
        NOTES.append("start")
        socket = execution.vu.state["socket"] = tcp.Socket()
        socket.on("data", lambda data: NOTES.extend(["echo"] * (len(data) // 4)))
        socket.connect({port}, "127.0.0.1").wait()

    def vu_stop():
        assert execution.vu.state["socket"].ready_state == "open"
        NOTES.append("stop")

    def default():
        NOTES.append("iteration")
        execution.vu.state["socket"].write("echo").wait()
        sleep(0.02)
"""
ASYNC_SCRIPT = """
    import asyncio
    from k6ws import execution
    from k6ws.websockets import WebSocket

    async def vu_start():
        NOTES.append("start")
        socket = execution.vu.state["socket"] = WebSocket({url!r})
        opened = asyncio.Event()
        socket.onopen = opened.set
        socket.onmessage = lambda event: NOTES.append(event.data)
        await opened.wait()

    async def vu_stop():
        assert execution.vu.state["socket"].ready_state == 1
        NOTES.append("stop")
        await asyncio.sleep(0)

    async def default():
        NOTES.append("iteration")
        execution.vu.state["socket"].send("echo")
        await asyncio.sleep(0.02)
"""
STAGES = [{"duration": "1s", "target": 3}]
RATES = [{"duration": "1s", "target": 30}]
EXECUTORS: dict[str, dict[str, Any]] = {
    "constant-vus": {"vus": 3, "duration": "1s"},
    "ramping-vus": {"startVUs": 3, "stages": STAGES},
    "per-vu-iterations": {"vus": 3, "iterations": 4},
    "shared-iterations": {"vus": 3, "iterations": 12},
    "constant-arrival-rate": {"rate": 30, "duration": "1s", "preAllocatedVUs": 3},
    "ramping-arrival-rate": {"startRate": 30, "stages": RATES, "preAllocatedVUs": 3},
}


def scenario(executor: str, **more: Any) -> dict[str, Any]:
    return {"s": {"executor": executor, **EXECUTORS[executor], **more}}
