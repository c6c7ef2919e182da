"""Where the peer does not read: a start fails, a request waits, and neither is sent when it is too late."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

import k6ws
from k6ws import framing
from k6ws._conversation.reply import Reply
from k6ws.correlate import by
from support.requests import ask, assert_accounts
from support.speaking import Open, outcome, speak
from support.tcp_server import Reader, TcpServer, Writer

BY_ID = by("/id")


class Stopped:
    """A TCP peer that reads nothing until it is told to, then answers each line by itself."""

    def __init__(self) -> None:
        self.may_read = threading.Event()

    async def talk(self, reader: Reader, writer: Writer) -> None:
        while not self.may_read.is_set():  # noqa: ASYNC110 - another thread sets it
            await asyncio.sleep(0.005)
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


BIG = "x" * 200_000


@pytest.mark.parametrize("place", ["vu", "async vu"])
def test_without_room_a_start_fails_and_a_request_waits(place: str) -> None:
    peer = Stopped()
    refused: list[int] = []

    async def pause() -> None:
        if place == "vu":
            k6ws.sleep(0.01)
        else:
            await asyncio.sleep(0.01)

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        how: dict[str, Any] = {"framing": framing.lines(max=1 << 22), "max_buffered": 1 << 18}
        async with open(correlate=BY_ID, **how) as session:
            started: list[Reply] = []
            # Until the kernel takes nothing more either: three in a row fail, with time between them.
            while [one.failed for one in started[-3:]] != ["send"] * 3:
                started.append(session.start(ask(len(started), x=BIG), "start", timeout="30s"))
                if started[-1].failed:
                    await pause()
            with pytest.raises(k6ws.RequestFailed, match="timeout"):
                await session.request(ask(1000, x=BIG), "waits", timeout="50ms")
            session.every("20ms", lambda: peer.may_read.set())
            reply = await session.request(ask(1001, x=BIG), "waits", timeout="30s")
            assert json.loads(reply)["id"] == 1001
            for one in started:
                if one.failed is None:
                    await outcome(one)
            refused.append(sum(one.failed == "send" for one in started))
            # The one that had no time left was never sent.
            assert await session.request(ask(1000), "again")

    with TcpServer(peer.talk) as server:
        result = speak(place, ("127.0.0.1", server.port), body)
    assert result is not None
    assert assert_accounts(result, "tcp") == {"send": refused[0], "timeout": 1}
    assert result.metrics["tcp_req_blocked"]["max"] > 1
