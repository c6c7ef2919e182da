"""`make bench-deflate`: what a compressed message costs, beside websockets and aiohttp in the same rounds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from harness.machine import CLIENT_CORE, PINNED
from harness.server import echo_target

PEERS = Path(__file__).parent / "peers" / "deflate.py"
CLIENTS = ("k6ws", "websockets", "aiohttp")
MESSAGES = 40_000


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for conns in (1, 50):
        figures: dict[str, list[float]] = {client: [] for client in CLIENTS}
        for _ in range(rounds):
            for client in CLIENTS:
                figures[client].append(_measure(client, conns))
        print(
            f"1 KiB of JSON back and forth on {conns} connections, {rounds} rounds (CPU µs/message)"
        )
        for client in CLIENTS:
            ratios = [a / b for a, b in zip(figures["k6ws"], figures[client], strict=True)]
            shown = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
            print(f"  {client:<12}{median(figures[client]):>8.2f}   k6ws is {shown} of it")
            if client != "k6ws":
                verdict = "ok" if median(ratios) <= 1.0 else "MISSED"
                print(f"  {verdict}: k6ws ≤ {client}")
    return 0


def _measure(client: str, conns: int) -> float:
    command = ["taskset", "-c", str(CLIENT_CORE)] if PINNED else []
    with echo_target() as url:
        ran = subprocess.run(
            [*command, sys.executable, PEERS, client, url, str(conns), str(MESSAGES // conns)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=120,
        )
    return float(ran.stdout)


if __name__ == "__main__":
    sys.exit(main())
