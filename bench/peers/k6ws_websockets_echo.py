"""k6ws again, by its `WebSocket` class: N virtual users, each with one socket and a listener that sends
every message back.

Run and reporting are those of `k6ws_echo.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from window import PAYLOAD, Load, Window

import k6ws
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket

LOAD = Load.parse(
    [k6ws.env[f"BENCH_{name}"] for name in ("URL", "CONNS", "IN_FLIGHT", "SECONDS", "WARMUP")]
)
WINDOW = Window()


class Sockets:
    """Shared by all VUs: the module body runs once per process, handlers run one at a time."""

    opened = 0
    closed = 0


def default() -> None:
    socket = WebSocket(LOAD.url)
    socket.binary_type = "arraybuffer"
    in_flight = LOAD.in_flight

    def on_open() -> None:
        Sockets.opened += 1
        if Sockets.opened == LOAD.conns:
            set_timeout(WINDOW.open, LOAD.warmup * 1000)
            set_timeout(WINDOW.close, (LOAD.warmup + LOAD.seconds) * 1000)
        for _ in range(LOAD.in_flight):
            socket.send(PAYLOAD)

    def on_message(event: Any) -> None:
        nonlocal in_flight
        WINDOW.messages += 1
        if not WINDOW.stopping:
            socket.send(event.data)
            return
        in_flight -= 1
        if in_flight == 0:
            socket.close()

    def on_close() -> None:
        Sockets.closed += 1
        if Sockets.closed == LOAD.conns:
            Path(k6ws.env["BENCH_OUT"]).write_text(WINDOW.result() + "\n")

    socket.add_event_listener("open", on_open)
    socket.add_event_listener("message", on_message)
    socket.add_event_listener("close", on_close)
