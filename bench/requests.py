"""`make bench-requests`: what exchanges cost that are timed, beside the floor in the same rounds.

The targets are those of a machine with nothing else to do; the load of this one is printed beside them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from statistics import median

from harness.build import build_floor
from harness.machine import PINNED
from harness.measure import Failure, execute, measure
from harness.peers import PEERS, Command, our_peers
from harness.server import serve
from harness.workloads import PING_PONG_100, QUICK

_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Load:
    """A mode of peers/exchanges.py, and how much of it."""

    mode: str
    server: tuple[str, ...]
    conns: int
    exchanges: int


@dataclass(frozen=True)
class Target:
    """What may be at most: a figure of one load, or of it and another, or of it and the floor."""

    text: str
    mode: str
    limit: float
    unit: str
    over: str | None = None
    """The load whose figure is taken off."""


_ENDLESS = str(10**9)
LOADS = (
    Load("request", ("echo",), 100, 100_000),
    Load("start", ("echo",), 50, 200_000),
    Load("ignore", ("flood", _ENDLESS), 10, 0),
    Load("auto", ("echo",), 100, 0),
    Load("callback", ("echo",), 50, 200_000),
    Load("correlate", ("echo",), 50, 200_000),
    Load("memory", ("idle",), 1, 100_000),
)
FLOOR = "× floor"
TARGETS = (
    Target("request, a JSON key, 100 connections", "request", 1.6, FLOOR),
    Target("start, 32 under way on 50 connections", "start", 2.0, "µs"),
    Target("a message that is skipped", "ignore", 0.3, "µs"),
    Target("R23: an automatic reply, 100 connections", "auto", 1.15, FLOOR),
    Target("correlate, beside the script without", "correlate", 0.25, "µs more", over="callback"),
    Target("one of 100,000 requests under way", "memory", 200.0, "bytes"),
)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    build_floor()
    found: list[dict[str, float]] = []
    for number in range(rounds):
        figures = {"floor": _floor(number)}
        for load in LOADS:
            figures[load.mode] = _measure(load)
        found.append(figures)
    print(f"{rounds} rounds, load average {os.getloadavg()[0]:.1f}, cores of their own: {PINNED}")
    for name in found[0]:
        unit = "bytes" if name == "memory" else "µs of CPU"
        print(f"  {name:<12}{_spread([figures[name] for figures in found])} {unit}")
    for target in TARGETS:
        values = [_value(target, figures) for figures in found]
        verdict = "ok" if median(values) <= target.limit else "MISSED"
        wanted = f"≤ {target.limit:g} {target.unit}"
        print(f"  {verdict:<7} {target.text}: {_spread(values)}, {wanted}")
    return 0


def _value(target: Target, figures: dict[str, float]) -> float:
    value = figures[target.mode]
    if target.unit == FLOOR:
        return value / figures["floor"]
    return value - figures[target.over] if target.over else value


def _spread(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def _floor(number: int) -> float:
    sample = measure(our_peers()[0], PING_PONG_100, QUICK, number)
    if isinstance(sample, Failure):
        raise SystemExit(f"the floor: {sample.reason}")
    return sample.us_per_message


def _measure(load: Load) -> float:
    words = (str(load.conns), str(load.exchanges))
    with serve(*load.server) as server:
        command = [sys.executable, PEERS / "exchanges.py", load.mode, server.url, *words]
        text, _ = execute(Command(command), _TIMEOUT_S, lambda: None)
    return float(text)


if __name__ == "__main__":
    sys.exit(main())
