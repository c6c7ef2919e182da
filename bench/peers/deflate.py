"""Ping-pong with permessage-deflate: a JSON text of about 1 KiB under way on each of CONNS connections.

`deflate.py CLIENT URL CONNS N`, CLIENT being `k6ws`, `websockets` or `aiohttp`; each keeps its context, at
zlib's level 6. Prints the CPU microseconds per message, N messages on each connection after a first one.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Awaitable, Callable

TEXT = json.dumps(
    [{"id": n, "name": f"user-{n * 7919 % 1000}", "at": 1_700_000_000 + n * 37} for n in range(20)]
)


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def k6ws(url: str, conns: int, each: int) -> float:
    import k6ws as package  # noqa: PLC0415 - each client loads its own library only

    began, ended, warm, done = 0.0, 0.0, 0, 0

    def session(socket: package.ws.Socket) -> None:
        mine = 0

        def message(text: str) -> None:
            nonlocal mine, warm, began, done, ended
            mine += 1
            if mine == 1:
                warm += 1
                if warm == conns:
                    began = _cpu_seconds()
            if mine <= each:
                socket.send(text)
                return
            done += 1
            if done == conns:
                ended = _cpu_seconds()
            socket.close()

        socket.on("message", message)
        socket.on("open", lambda: socket.send(TEXT))

    package.run(
        lambda: package.ws.connect(url, session, compression={"algorithm": "deflate"}),
        vus=conns,
        iterations=conns,
    )
    return ended - began


async def _measured(
    conns: int, each: int, open_one: Callable[[], Awaitable[Callable[[str], Awaitable[str]]]]
) -> float:
    exchanges = [await open_one() for _ in range(conns)]

    async def converse(exchange: Callable[[str], Awaitable[str]]) -> None:
        for _ in range(each):
            await exchange(TEXT)

    await asyncio.gather(*(exchange(TEXT) for exchange in exchanges))
    began = _cpu_seconds()
    await asyncio.gather(*map(converse, exchanges))
    return _cpu_seconds() - began


def websockets(url: str, conns: int, each: int) -> float:
    import uvloop  # noqa: PLC0415
    from websockets.asyncio.client import connect  # noqa: PLC0415

    async def open_one() -> Callable[[str], Awaitable[str]]:
        client = await connect(url, compression="deflate", ping_interval=None)

        async def exchange(text: str) -> str:
            await client.send(text)
            return await client.recv(decode=True)

        return exchange

    return uvloop.run(_measured(conns, each, open_one))


def aiohttp(url: str, conns: int, each: int) -> float:
    import aiohttp  # noqa: PLC0415
    import uvloop  # noqa: PLC0415

    async def main() -> float:
        async with aiohttp.ClientSession() as session:

            async def open_one() -> Callable[[str], Awaitable[str]]:
                client = await session.ws_connect(url, compress=15)

                async def exchange(text: str) -> str:
                    await client.send_str(text)
                    return await client.receive_str()

                return exchange

            return await _measured(conns, each, open_one)

    return uvloop.run(main())


CLIENTS: dict[str, Callable[[str, int, int], float]] = {
    "k6ws": k6ws,
    "websockets": websockets,
    "aiohttp": aiohttp,
}


def main() -> None:
    client, url, conns, each = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    print(CLIENTS[client](url, conns, each) / (conns * each) * 1e6)


if __name__ == "__main__":
    main()
