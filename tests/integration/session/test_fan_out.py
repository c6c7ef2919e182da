"""R20 of the wishes: one publishes, many hear it; how old each push is, what is lost, what came twice.

The wish has 10,000 subscribers: `make bench-fan-out`. Here are fewer: a VU each, or all in one VU.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest
from websockets.asyncio.server import ServerConnection

import k6ws
from k6ws import ws
from k6ws.match import has
from support.connection_server import ConnectionServer
from support.runs import total

SUBSCRIBERS = 200
# The 7th is never sent, and the 9th twice.
NUMBERS = [number for number in range(30) for _ in range({7: 0, 9: 2}.get(number, 1))]
RATE = 50
COUNTED = ("ies", "y_duration", "ies_early", "ies_lost", "ies_doubled")
WATCHED: dict[str, Any] = {"stamp": "/at", "sequence": "/n", "take": True}


class Topic(ConnectionServer):
    """Whoever says `subscribe` is told what others say. It counts what it has told whom."""

    settings: ClassVar = {"compression": None, "close_timeout": 1}
    told = 0

    async def start(self) -> int:
        self._subscribers: list[ServerConnection] = []
        self._all_are_here = asyncio.Event()
        return await super().start()

    async def _serve(self, connection: ServerConnection) -> None:
        async for text in connection:
            if text == "subscribe":
                self._subscribers.append(connection)
                if len(self._subscribers) == SUBSCRIBERS:
                    self._all_are_here.set()
            elif text == "wait":
                await self._all_are_here.wait()
                await connection.send("all are here")
            else:
                self.told += len(self._subscribers)
                for one in self._subscribers:
                    await one.send(text)


def publish(url: str) -> None:
    with ws.open(url) as session:
        session.send("wait")
        session.expect("all are here", timeout="30s")
        began = time.monotonic()
        for place, number in enumerate(NUMBERS):
            k6ws.sleep(max(0.0, began + place / RATE - time.monotonic()))
            session.send(json.dumps({"n": number, "at": time.time()}))
        session.send("end")


def subscribe(url: str) -> None:
    with ws.open(url, recv_timeout="60s") as session:
        session.delivered(has("/n"), "push", **WATCHED)
        session.send("subscribe")
        assert session.recv() == "end"


async def subscribe_all(url: str) -> None:
    async def one() -> None:
        async with ws.aopen(url, recv_timeout="60s") as session:
            session.delivered(has("/n"), "push", **WATCHED)
            await session.send("subscribe")
            assert await session.recv() == "end"

    async with asyncio.TaskGroup() as group:
        for _ in range(SUBSCRIBERS):
            group.create_task(one())


SCRIPT = """
from integration.session import test_fan_out as it
from k6ws import env

def publisher(): it.publish(env["URL"])
def one(): it.subscribe(env["URL"])
async def all(): await it.subscribe_all(env["URL"])
"""


@pytest.mark.parametrize(("subscribers", "vus"), [("one", SUBSCRIBERS), ("all", 1)])
def test_every_delivery_is_timed_and_counted_and_python_sees_none(
    subscribers: str, vus: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "fan_out.py"
    script.write_text(SCRIPT)
    scenarios: dict[str, k6ws.Scenario] = {
        name: {"executor": "per-vu-iterations", "exec": name, "vus": count}
        for name, count in (("publisher", 1), (subscribers, vus))
    }
    with Topic() as topic:
        monkeypatch.setenv("URL", topic.url("/"))
        result = k6ws.run(script, scenarios=scenarios)
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert topic.told == SUBSCRIBERS * (len(NUMBERS) + 1)
    counts = [total(result, f"ws_deliver{of}", name="push") for of in COUNTED]
    pushes = SUBSCRIBERS * len(NUMBERS)
    assert counts == [pushes, pushes, 0, SUBSCRIBERS, SUBSCRIBERS]
    ages = result.metrics["ws_delivery_duration"]
    assert 0 < ages["p(90)"] <= ages["p(95)"] <= ages["max"] < 60_000
    # One sample for each event that Python has been given: opened, the end, closed.
    assert total(result, "vu_loop_lag") <= 6 * SUBSCRIBERS < pushes
