"""`make bench-pacing`: whether loads that have a rate hold it (R11), as the target sees it.

The target (`peers/pacing_target.py`) has the kernel stamp each message. The jitter of a message is how much
later it arrived than a clock without error would have sent it, which begins with the earliest of its
connection, or of an arrival rate with the earliest of all. Both ends share this machine, a core each.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from subprocess import PIPE, Popen
from typing import Any

from harness.machine import OUT, PINNED, SERVER_CORE, raise_file_limit, spawn
from harness.measure import execute
from harness.peers import PEERS, k6ws_command

_TIMEOUT_S = 240.0
_NS = 1e9


@dataclass(frozen=True)
class Load:
    """A mode of peers/k6ws_pacing.py, and what of it is to hold."""

    mode: str
    title: str
    conns: int
    rate: int
    seconds: int
    error: float
    """Of the rate, in percent, at most."""
    jitter_ms: float | None = None
    """p99, at most; without one it is only shown."""
    planned_ms: float | None = None
    """p99 of `ws_req_planned_duration`, at least, where the target stalls."""


LOADS = (
    Load("every", "every: 10,000 connections, a message a second", 10_000, 10_000, 10, 0.5, 5.0),
    Load("arrival", "arrival rate: 10,000 messages/s, 1,000 sessions", 1_000, 10_000, 10, 0.5, 5.0),
    Load("connect", "arrival rate: 2,000 connects/s", 500, 2_000, 4, 2.0),
    Load(
        "stall",
        "arrival rate: 1,000 requests/s, stalls of 1 s",
        1_500,
        1_000,
        21,
        0.5,
        planned_ms=800.0,
    ),
)


def main() -> int:
    raise_file_limit()
    OUT.mkdir(exist_ok=True)
    only = sys.argv[1:]
    is_first = os.sched_getscheduler(0) != os.SCHED_OTHER
    print(
        f"rates as the target sees them, load average {os.getloadavg()[0]:.1f}, pinned: {PINNED}, "
        f"before other processes: {is_first}"
    )
    print(f"  {'':<50}{'rate/s':>10}{'error':>9}{'p50':>9}{'p99':>9}{'max ms':>9}")
    for load in LOADS:
        if not only or load.mode in only:
            _show(load, *_measure(load))
    return 0


def _show(load: Load, rate: float, late_ms: Sequence[float], said: dict[str, Any]) -> None:
    error = (rate / load.rate - 1.0) * 100.0
    p50, p99 = (late_ms[int(share * len(late_ms))] for share in (0.5, 0.99))
    print(
        f"  {load.title:<50}{rate:>10,.1f}{error:>+8.3f}%{p50:>9.3f}{p99:>9.3f}{late_ms[-1]:>9.1f}",
        flush=True,
    )
    _judge(f"error of the rate ≤ {load.error:g} %", is_held=abs(error) <= load.error)
    if load.jitter_ms is not None:
        _judge(f"p99 of the jitter ≤ {load.jitter_ms:g} ms", is_held=p99 <= load.jitter_ms)
    if load.planned_ms is not None:
        felt = said["ws_req_planned_duration"]["p(99)"]
        bar = f"p99 of ws_req_planned_duration ≥ {load.planned_ms:g} ms"
        _judge(bar, is_held=felt >= load.planned_ms)
    for metric, values in said.items():
        figures = ", ".join(f"{name} {value:,.2f}" for name, value in values.items())
        print(f"          k6ws says: {metric} {figures}")


def _judge(bar: str, *, is_held: bool) -> None:
    print(f"    {'ok' if is_held else 'MISSED':<7}{bar}")


def _measure(load: Load) -> tuple[float, list[float], dict[str, Any]]:
    """The rate, how late each was in milliseconds, from the least on, and what k6ws says of itself."""
    command = [sys.executable, PEERS / "pacing_target.py", load.mode]
    target = spawn(command, core=SERVER_CORE, stdout=PIPE)
    try:
        assert target.stdout is not None  # stdout=PIPE above
        asked = {
            "MODE": load.mode,
            "URL": target.stdout.readline().decode().strip(),
            "CONNS": str(load.conns),
            "RATE": str(load.rate),
            "SECONDS": str(load.seconds),
        }
        text, _ = execute(k6ws_command("k6ws_pacing.py", None, asked), _TIMEOUT_S, lambda: None)
        rate, late = _figures(load, _seen(target))
    finally:
        target.kill()
        target.wait()
    return rate, late, json.loads(text)


def _seen(target: Popen[bytes]) -> dict[str, Any]:
    target.terminate()
    text, _ = target.communicate()
    return json.loads(text)


def _figures(load: Load, seen: dict[str, Any]) -> tuple[float, list[float]]:
    if load.mode == "every":
        # A grid for each connection.
        lines = [one for one in seen["messages"] if len(one) > 1]
        step = load.conns / load.rate
    else:
        all_at_once = (
            seen["connects"]
            if load.mode == "connect"
            else list(chain.from_iterable(seen["messages"]))
        )
        lines, step = [sorted(all_at_once)], 1 / load.rate
    steps = sum(len(line) - 1 for line in lines)
    rate = steps / sum((line[-1] - line[0]) / _NS for line in lines)
    rate *= len(lines)
    late: list[float] = []
    for line in lines:
        offsets = [at - number * step * _NS for number, at in enumerate(line)]
        least = min(offsets)
        late += [(offset - least) / 1e6 for offset in offsets]
    return rate, sorted(late)


if __name__ == "__main__":
    sys.exit(main())
