"""`make bench-fan-in`: what a pushed message costs, k6ws beside picows, in turn within each round."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from harness.build import build_floor
from harness.machine import CLIENT_CORE, OUT, PINNED, SERVER_CORE

PEERS = Path(__file__).parent / "peers" / "fan_in.py"
CLIENTS = ("websockets", "ws", "picows")
MESSAGES = 1_000_000
LIMIT = 0.8


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


def _measure(client: str, conns: int) -> float:
    each = MESSAGES // conns
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


if __name__ == "__main__":
    sys.exit(main())
