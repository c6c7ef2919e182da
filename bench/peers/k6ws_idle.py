"""What a waiting virtual user of k6ws costs: N of them, each in `ws.connect` on a socket where
nothing happens.

Run by `python -m k6ws run --quiet -u N -i N k6ws_idle.py` with `BENCH_URL`, `BENCH_CONNS` and
`BENCH_OUT` in the environment. Resident memory is read when the script has been loaded (no VU
exists yet) and again one second after the last socket has opened; the difference over N is what one
VU with its socket costs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from memory import rss_kib

import k6ws
from k6ws import ws

if TYPE_CHECKING:
    from k6ws.ws import Socket

CONNS = int(k6ws.env["BENCH_CONNS"])
SETTLE_MS = 1000

# The measuring VU ends all others: a timer per VU would be part of the figure.
sockets: list[Socket] = []


def default() -> None:
    ws.connect(k6ws.env["BENCH_URL"], None, session)


def session(socket: Socket) -> None:
    def on_open() -> None:
        sockets.append(socket)
        if len(sockets) == CONNS:
            socket.set_timeout(measure, SETTLE_MS)

    socket.on("open", on_open)


def measure() -> None:
    after = rss_kib()
    Path(k6ws.env["BENCH_OUT"]).write_text(
        json.dumps(
            {
                "vus": CONNS,
                "rss_before_kib": BEFORE,
                "rss_after_kib": after,
                "kib_per_vu": round((after - BEFORE) / CONNS, 2),
            }
        )
        + "\n"
    )
    for socket in sockets:
        socket.close()


BEFORE = rss_kib()
