"""A server that measures how fast its clients answer pings, in a process of its own.

In the process of the run it would wait for the same interpreter lock as the handler under test and
measure itself. Prints its URL as the first line; when a client says `hog` it pings every connection
every 100 ms until that client says `done`, closes all with 1000 and prints the latencies as JSON.
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


class Meter:
    """Connections, and what their pongs say."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._connections: list[ServerConnection] = []
        self._everyone_here = asyncio.Event()
        self._hogging, self._done = asyncio.Event(), asyncio.Event()
        self._latencies: list[float] = []

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
                    self._hogging.set()
                elif message == "done":
                    self._done.set()

    async def measure(self) -> dict[str, object]:
        """Ping from `hog` to `done`; the pings of the last interval are waited for."""
        await self._hogging.wait()
        waiting: list[asyncio.Task[None]] = []
        rounds = 0
        while not self._done.is_set():
            rounds += 1
            pongs = [await connection.ping() for connection in self._connections]
            waiting += [asyncio.create_task(self._note(pong)) for pong in pongs]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._done.wait(), INTERVAL_S)
        await asyncio.wait(waiting, timeout=5)
        unanswered = len(waiting) - len(self._latencies)
        closing = [connection.close(1000) for connection in self._connections]
        await asyncio.gather(*closing, return_exceptions=True)
        return {"rounds": rounds, "latencies_s": self._latencies, "unanswered": unanswered}

    async def _note(self, pong: Awaitable[float]) -> None:
        with contextlib.suppress(ConnectionClosed):
            self._latencies.append(await pong)


async def main(expected: int) -> None:
    """Serve `expected` connections once."""
    meter = Meter(expected)
    async with serve(
        meter.serve_one, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=1024
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        sys.stdout.write(f"ws://127.0.0.1:{port}/\n")
        sys.stdout.flush()
        sys.stdout.write(json.dumps(await meter.measure()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
