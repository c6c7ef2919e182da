"""What a WebSocket costs before anything is said on it: N of them, made 500 at a time, then left.

Run as `CLIENT URL CONNS [CA]`; prints `CPU_US KIB`: CPU time of this process for each connect, and resident
memory for each open connection one second later. Ten connections come first, so that what a client has once
is not counted.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import ssl
import sys
from typing import Any
from urllib.parse import urlsplit

from memory import rss_kib

CLIENT, URL, CONNS = sys.argv[1], sys.argv[2], int(sys.argv[3])
CA = sys.argv[4] if len(sys.argv) > 4 else ""
WARM = 10
AT_ONCE = 500
SETTLE_S = 1.0
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

before: tuple[float, int] = (0.0, 0)
after_cpu = 0.0
held: list[Any] = []


def main() -> None:
    if CLIENT == "sockets":
        sockets()
    elif CLIENT == "k6ws":
        k6ws_sockets()
    else:
        import uvloop

        uvloop.run(peers(CLIENT))


def begin() -> None:
    global before
    before = (cpu_s(), rss_kib())


def connected() -> None:
    global after_cpu
    after_cpu = cpu_s()


def report() -> None:
    cpu = (after_cpu - before[0]) / CONNS * 1e6
    print(f"{cpu:.1f} {(rss_kib() - before[1]) / CONNS:.2f}", flush=True)
    # Closing them all is not what is measured.
    os._exit(0)


def sockets() -> None:
    """The system calls alone, none of them waited for longer than it takes."""
    parts = urlsplit(URL)
    address = (parts.hostname, parts.port)

    def connect() -> None:
        one = socket.socket()
        one.connect(address)
        one.sendall(UPGRADE)
        held.append(one)

    for count, start in ((WARM, lambda: None), (CONNS, begin)):
        first = len(held)
        start()
        for _ in range(count):
            connect()
        for one in held[first:]:
            one.recv(4096)
    connected()
    report()


def k6ws_sockets() -> None:
    import k6ws
    from k6ws.timers import set_timeout
    from k6ws.websockets import WebSocket

    params: k6ws.Params = {"tls": {"ca": CA}} if CA else {}
    opened = 0

    def connect(count: int) -> None:
        for _ in range(count):
            one = WebSocket(URL, None, params)
            one.onopen = one_open
            held.append(one)

    def one_open() -> None:
        nonlocal opened
        opened += 1
        if opened == WARM:
            begin()
        if opened == WARM + CONNS:
            connected()
            set_timeout(report, SETTLE_S * 1000)
        elif opened == len(held):
            connect(min(AT_ONCE, WARM + CONNS - opened))

    k6ws.run(lambda: connect(WARM), iterations=1)


async def peers(client: str) -> None:
    context = ssl.create_default_context(cafile=CA) if CA else None
    if client == "websockets":
        from websockets.asyncio.client import connect as dial

        async def connect() -> Any:
            return await dial(URL, compression=None, ping_interval=None, ssl=context)
    else:
        import aiohttp

        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

        async def connect() -> Any:
            return await session.ws_connect(URL, ssl=True if context is None else context)

    for _ in range(WARM):
        held.append(await connect())
    begin()
    for left in range(CONNS, 0, -AT_ONCE):
        held.extend(await asyncio.gather(*[connect() for _ in range(min(left, AT_ONCE))]))
    connected()
    await asyncio.sleep(SETTLE_S)
    report()


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


main()
