"""Row kind: resident memory of a VU that waits in `ws.connect`, and of an idle `WebSocket`."""

from __future__ import annotations

import sys

from harness.idle import measure_idle
from harness.measure import execute
from harness.peers import PEERS, Command
from harness.rows import Effort, Kind, Row
from harness.server import serve

_VU = "idle VU in ws.connect"
_SOCKET = "idle WebSocket, all in one VU"
_TIMEOUT_S = 120.0


def measure(effort: Effort) -> dict[str, float]:
    """As many VUs in one process, then as many sockets in another."""
    vu = measure_idle(effort.conns).kib_per_vu
    with serve("idle") as server:
        command = [sys.executable, PEERS / "connections.py", "k6ws", server.url, str(effort.conns)]
        text, _ = execute(Command(list(command)), _TIMEOUT_S, lambda: None)
    return {_VU: vu, _SOCKET: float(text.split()[1])}


KIND = Kind("idle", (Row(_VU, "KiB", 11.0), Row(_SOCKET, "KiB", 2.0)), measure)
