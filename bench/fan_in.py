"""`make bench-fan-in`: what a pushed message costs, k6ws beside picows, in turn within each round.

As a row kind of `run.py` it is beside the floor, which reads what comes and takes nothing apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from harness.build import build_floor
from harness.machine import CLIENT_CORE, OUT, PINNED, SERVER_CORE
from harness.measure import execute
from harness.peers import Command
from harness.rows import Effort, Kind, Row
from harness.server import serve

PEERS = Path(__file__).parent / "peers" / "fan_in.py"
CLIENTS = ("websockets", "ws", "picows")
MESSAGES = 1_000_000
LIMIT = 0.8
CONNS = 50
_ENDLESS = 10**9
_A_SECOND = 1_500_000
"""What k6ws takes in about a second: a client is given so many messages for each second of a round."""
_CPU = f"fan-in 100 B, {CONNS} connections: CPU"
_CLASS = f"fan-in 100 B, {CONNS} connections: class WebSocket"
_OTHER = f"fan-in 100 B, {CONNS} connections: picows"


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    build_floor()
    for conns in (10, 100):
        figures: dict[str, list[float]] = {client: [] for client in CLIENTS}
        for _ in range(rounds):
            for client in CLIENTS:
                figures[client].append(_measure(client, conns))
        print(f"fan-in, 100 B pushed on {conns} connections, {rounds} rounds (CPU µs/message)")
        for client in CLIENTS:
            of_picows = [a / b for a, b in zip(figures[client], figures["picows"], strict=True)]
            shown = f"{median(of_picows):.2f} ({min(of_picows):.2f}-{max(of_picows):.2f})"
            print(f"  {client:<12}{median(figures[client]):>8.2f}   × picows {shown}")
        worst = median(a / b for a, b in zip(figures["websockets"], figures["picows"], strict=True))
        print(f"  {'ok' if worst <= LIMIT else 'MISSED'}: websockets ≤ {LIMIT} × picows")
    return 0


def measure(effort: Effort) -> dict[str, float]:
    """One round: the floor, both APIs, and picows where it is installed."""
    messages = int(_A_SECOND * effort.seconds)
    with serve("flood", str(_ENDLESS)) as server:
        # None in flight: the floor only receives.
        words = (server.url, str(CONNS), "0", f"{effort.seconds:g}", "0.3")
        text, _ = execute(Command([OUT / "client", *words]), 60.0, lambda: None)
    result = json.loads(text)
    floor = result["cpu_s"] / result["messages"] * 1e6
    ours = _measure("ws", CONNS, messages)
    found = {_CPU: ours, _RATIO.title: ours / floor}
    found[_CLASS] = _measure("websockets", CONNS, messages) / floor
    if find_spec("picows") and find_spec("uvloop"):
        found[_OTHER] = _measure("picows", CONNS, messages) / floor
    return found


def _measure(client: str, conns: int, messages: int = MESSAGES) -> float:
    each = messages // conns
    server = ["taskset", "-c", str(SERVER_CORE)] if PINNED else []
    command = ["taskset", "-c", str(CLIENT_CORE)] if PINNED else []
    with subprocess.Popen(
        [*server, OUT / "server", "flood", str(each)], stdout=subprocess.PIPE, text=True
    ) as flood:
        try:
            url = flood.stdout.readline().strip() if flood.stdout else ""
            ran = subprocess.run(
                [*command, sys.executable, PEERS, client, url, str(conns), str(each)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                timeout=120,
            )
        finally:
            flood.terminate()
    return float(ran.stdout)


_RATIO = Row(f"fan-in 100 B, {CONNS} connections", "× floor", 4.2)
KIND = Kind(
    "fan-in",
    (Row(_CPU, "µs/message"), _RATIO, Row(_CLASS, "× floor"), Row(_OTHER, "× floor")),
    measure,
)

if __name__ == "__main__":
    sys.exit(main())
