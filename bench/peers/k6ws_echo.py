"""k6ws itself: N virtual users, each in its own `ws.connect`, with a handler that sends every
message back.

A script as a user would write it, run by `python -m k6ws run --quiet -u N -i N k6ws_echo.py` with
the load in the environment (`BENCH_URL`, `BENCH_CONNS`, `BENCH_IN_FLIGHT`, `BENCH_SECONDS`,
`BENCH_WARMUP`) and this directory on `PYTHONPATH`. The last socket to open starts the window with a
timer of its own; the last to close writes the JSON line to `BENCH_OUT`, because standard output
belongs to k6ws.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from window import PAYLOAD, Load, Window

import k6ws
from k6ws import ws

if TYPE_CHECKING:
    from k6ws.ws import Socket

LOAD = Load.parse(
    [k6ws.env[f"BENCH_{name}"] for name in ("URL", "CONNS", "IN_FLIGHT", "SECONDS", "WARMUP")]
)
WINDOW = Window()


class Sockets:
    """Shared by all VUs: the module body runs once per process, handlers run one at a time."""

    opened = 0
    closed = 0


def default() -> None:
    ws.connect(LOAD.url, None, session)


def session(socket: Socket) -> None:
    in_flight = LOAD.in_flight

    def on_open() -> None:
        Sockets.opened += 1
        if Sockets.opened == LOAD.conns:
            socket.set_timeout(WINDOW.open, LOAD.warmup * 1000)
            socket.set_timeout(WINDOW.close, (LOAD.warmup + LOAD.seconds) * 1000)
        for _ in range(LOAD.in_flight):
            socket.send_binary(PAYLOAD)

    def on_message(data: bytes) -> None:
        nonlocal in_flight
        WINDOW.messages += 1
        if not WINDOW.stopping:
            socket.send_binary(data)
            return
        in_flight -= 1
        if in_flight == 0:
            socket.close()

    def on_close() -> None:
        Sockets.closed += 1
        if Sockets.closed == LOAD.conns:
            Path(k6ws.env["BENCH_OUT"]).write_text(WINDOW.result() + "\n")

    socket.on("open", on_open)
    socket.on("binaryMessage", on_message)
    socket.on("close", on_close)
