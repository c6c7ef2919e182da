"""The meter tells a client that answers at once from one that does not."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

METER = Path(__file__).with_name("pong_meter.py")
IDLE = 20


@pytest.mark.parametrize("deaf_s", [0.0, 0.4])
def test_latencies_are_those_of_the_clients(deaf_s: float) -> None:
    async def hog(connection: ClientConnection) -> None:
        await connection.send("ready?")
        assert await connection.recv() == "go"
        await connection.send("hog")
        await asyncio.sleep(0.3)
        time.sleep(deaf_s)  # noqa: ASYNC251 - all clients stand still, none of them can answer
        await asyncio.sleep(0.3)
        await connection.send("done")

    async def clients(url: str) -> None:
        connections = await asyncio.gather(*(connect(url) for _ in range(IDLE + 1)))
        await hog(connections[0])
        await asyncio.gather(*(connection.wait_closed() for connection in connections))
        assert {connection.close_code for connection in connections} == {1000}

    command = [sys.executable, str(METER), str(IDLE + 1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as meter:
        assert meter.stdout is not None
        asyncio.run(asyncio.wait_for(clients(meter.stdout.readline().strip()), 20))
        measured = json.loads(meter.stdout.readline())
    assert measured["unanswered"] == 0
    assert len(measured["idle_s"]) >= IDLE * 4
    assert len(measured["hog_s"]) >= 4
    assert (max(measured["idle_s"]) > 0.3) == bool(deaf_s)
