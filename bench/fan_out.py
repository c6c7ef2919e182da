"""`make bench-fan-out`: one publishes, thousands hear it (R20): how old pushes are, and what each costs.

All are virtual users of one process, and every count is compared with the server's. Beside them the same
subscribers drop what comes: what is more is the cost of `delivered`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from statistics import median

from harness.build import build_floor
from harness.machine import PINNED, raise_file_limit
from harness.measure import execute
from harness.peers import Command
from harness.server import serve

PEER = Path(__file__).parent / "peers" / "fan_out.py"
SUBSCRIBERS = 10_000
RATE = 10
PUSHES = 50
LIMIT_US = 2.0
_TIMEOUT_S = 300.0
_OUTCOMES = (
    "count",
    "ws_deliveries",
    *(f"ws_deliveries_{one}" for one in ("early", "lost", "doubled")),
)
_AGES = ("p(50)", "p(90)", "p(99)", "max")


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    subscribers = int(sys.argv[2]) if len(sys.argv) > 2 else SUBSCRIBERS
    build_floor()
    raise_file_limit()
    found: dict[str, list[dict[str, float]]] = {"ignore": [], "delivered": []}
    for _ in range(rounds):
        for mode, figures in found.items():
            figures.append(_measure(mode, subscribers))
    print(f"{subscribers} subscribers, {PUSHES} pushes at {RATE}/s, {rounds} rounds, ", end="")
    print(f"load average {os.getloadavg()[0]:.1f}, cores of their own: {PINNED}")
    for figures in found["delivered"]:
        ages = ", ".join(f"{name} {figures[name]:.1f}" for name in _AGES)
        print(f"  ws_delivery_duration, ms: {ages}; the server was {figures['busy']:.0%} busy")
    deliveries = subscribers * PUSHES
    for mode, name in (("ignore", "dropped"), ("delivered", "delivered")):
        whole = [figures["cpu_s"] / deliveries * 1e6 for figures in found[mode]]
        ours = [figures["user_s"] / deliveries * 1e6 for figures in found[mode]]
        print(f"  {name:<12}{_spread(whole)} µs of CPU, without the kernel {_spread(ours)}")
    both = zip(found["delivered"], found["ignore"], strict=True)
    more = [(one["user_s"] - other["user_s"]) / deliveries * 1e6 for one, other in both]
    verdict = "ok" if median(more) <= LIMIT_US else "MISSED"
    print(f"  {verdict}: R20, what is delivered costs {_spread(more)} µs more, ≤ {LIMIT_US:g}")
    return 0


def _measure(mode: str, subscribers: int) -> dict[str, float]:
    words = [mode, str(subscribers), str(PUSHES), str(RATE)]
    with serve("fan-out") as server:
        words.insert(1, server.url)
        command = Command([sys.executable, str(PEER), *words])
        text, _ = execute(command, _TIMEOUT_S, server.sample)
        figures: dict[str, float] = json.loads(text)
        figures["busy"] = server.busy(figures["started"], figures["ended"])
        counters = server.stop()
    told = subscribers * PUSHES
    # The publisher's pushes and its word of the end, to everybody; one more looks when all have come.
    everybody = (PUSHES + 1) * (subscribers + 1)
    if (counters.connections, counters.messages_out) != (subscribers + 2, everybody):
        raise SystemExit(f"the server: {counters}")
    if mode == "delivered" and [figures[name] for name in _OUTCOMES] != [told, told, 0, 0, 0]:
        raise SystemExit(f"of {told} deliveries: {figures}")
    return figures


def _spread(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


if __name__ == "__main__":
    sys.exit(main())
