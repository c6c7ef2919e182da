"""A server that measures how fast its clients answer pings, in a process of its own.

In the process of the run it would wait for the same interpreter lock as the handler under test and
measure itself. Prints its URL as the first line. When a client says `hog` it pings every connection
every 100 ms, each at its own phase and whether or not the last pong came, until that client says
`done`; then it closes all with 1000 and prints what it measured as one line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

INTERVAL_S = 0.1
LAST_PONGS_S = 5.0


class Meter:
    """The connections and what their pongs say."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._connections: list[ServerConnection] = []
        self._everyone_here = asyncio.Event()
        self._hogging, self._done = asyncio.Event(), asyncio.Event()
        self._hog: ServerConnection | None = None
        self._pongs: list[asyncio.Task[None]] = []
        self._idle_s: list[float] = []
        self._hog_s: list[float] = []

    async def serve_one(self, connection: ServerConnection) -> None:
        """Let the connection in; tell the one that asks when everyone is here."""
        self._connections.append(connection)
        if len(self._connections) == self._expected:
            self._everyone_here.set()
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                if message == "ready?":
                    await self._everyone_here.wait()
                    await connection.send("go")
                elif message == "hog":
                    self._hog = connection
                    self._hogging.set()
                elif message == "done":
                    self._done.set()

    async def measure(self) -> dict[str, object]:
        """Ping from `hog` to `done`, and wait for the last pongs."""
        await self._hogging.wait()
        phases = [INTERVAL_S * n / self._expected for n in range(self._expected)]
        await asyncio.gather(*map(self._ping, self._connections, phases))
        await asyncio.wait(self._pongs, timeout=LAST_PONGS_S)
        answered = len(self._idle_s) + len(self._hog_s)
        closing = [connection.close(1000) for connection in self._connections]
        await asyncio.gather(*closing, return_exceptions=True)
        return {
            "idle_s": self._idle_s,
            "hog_s": self._hog_s,
            "unanswered": len(self._pongs) - answered,
        }

    async def _ping(self, connection: ServerConnection, phase: float) -> None:
        latencies = self._hog_s if connection is self._hog else self._idle_s
        await self._done_within(phase)
        with contextlib.suppress(ConnectionClosed):
            while not self._done.is_set():
                pong = await connection.ping()
                self._pongs.append(asyncio.create_task(_note(pong, latencies)))
                await self._done_within(INTERVAL_S)

    async def _done_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), seconds)


async def _note(pong: Awaitable[float], latencies: list[float]) -> None:
    with contextlib.suppress(ConnectionClosed):
        latencies.append(await pong)


async def main(expected: int) -> None:
    """Serve `expected` connections once."""
    meter = Meter(expected)
    async with serve(
        meter.serve_one, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=1024
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ws://127.0.0.1:{port}/", flush=True)
        print(json.dumps(await meter.measure()), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
