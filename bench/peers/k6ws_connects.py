"""What a connect costs within a run: N virtual users of `k6ws run`, each in a `ws.connect` of its own.

Run by `python -m k6ws run --quiet -u N -i N k6ws_connects.py` with `URL` and `CONNS` in its environment.
Prints the CPU time of this process for each connect, from the first of them to the last open one.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import k6ws
from k6ws import ws

if TYPE_CHECKING:
    from k6ws.ws import Socket

CONNS = int(k6ws.env["CONNS"])

began = 0.0
sockets: list[Socket] = []


def default() -> None:
    global began
    began = began or time.process_time()
    ws.connect(k6ws.env["URL"], None, session)


def session(socket: Socket) -> None:
    def on_open() -> None:
        sockets.append(socket)
        if len(sockets) == CONNS:
            print(f"{(time.process_time() - began) / CONNS * 1e6:.1f}", flush=True)
            # Closing them all is not what is measured.
            os._exit(0)

    socket.on("open", on_open)
    socket.on("message", lambda _message: None)
