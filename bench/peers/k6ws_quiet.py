"""k6ws itself: the first VU sends to an echo server and waits, again and again; all others are flooded.

The first takes its round trips by its own clock for `BENCH_SECONDS`, 2 ms between an answer and the next
message, once every flood has begun. It writes them, in milliseconds, to `BENCH_OUT`, and everybody closes.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import k6ws
from k6ws import execution, ws

if TYPE_CHECKING:
    from k6ws.ws import Socket

FLOODS = int(k6ws.env["BENCH_FLOODS"])
SECONDS = float(k6ws.env["BENCH_SECONDS"])
REST_MS = 2
flooded: list[Socket] = []


def default() -> None:
    if execution.vu.id_in_test == 1:
        ws.connect(k6ws.env["BENCH_URL"], None, quiet)
    else:
        ws.connect(k6ws.env["BENCH_FLOOD"], None, flood)


def flood(socket: Socket) -> None:
    socket.on("open", lambda: flooded.append(socket))
    socket.on("binaryMessage", lambda _data: None)


def quiet(socket: Socket) -> None:
    trips: list[float] = []
    sent = ends = 0.0

    def ask() -> None:
        nonlocal sent, ends
        if len(flooded) == FLOODS:
            ends = ends or time.perf_counter() + SECONDS
        sent = time.perf_counter()
        socket.send("x" * 64)

    def answered(_text: str) -> None:
        now = time.perf_counter()
        if ends:
            trips.append((now - sent) * 1000.0)
        if not ends or now < ends:
            socket.set_timeout(ask, REST_MS)
            return
        Path(k6ws.env["BENCH_OUT"]).write_text(json.dumps(trips) + "\n")
        for one in (socket, *flooded):
            one.close()

    socket.on("open", ask)
    socket.on("message", answered)
