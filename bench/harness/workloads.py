"""What is measured: the workloads, how long, and the shorter plan of `--quick`."""

from __future__ import annotations

from dataclasses import dataclass

CONNS = 5000
"""Of the rows that connect or idle: so many that what a process has once does not count."""


@dataclass(frozen=True)
class Workload:
    """An echo load: `in_flight` binary messages of 64 bytes on each of `conns` connections."""

    id: str
    conns: int
    in_flight: int

    @property
    def title(self) -> str:
        kind = "ping-pong" if self.in_flight == 1 else f"{self.in_flight} in flight"
        plural = "" if self.conns == 1 else "s"
        return f"{self.id}  {kind}, 64 B binary, {self.conns:,} connection{plural}"


@dataclass(frozen=True)
class Plan:
    """Which workloads, how often, and how long one run warms up and is measured (seconds)."""

    workloads: tuple[Workload, ...]
    rounds: int
    warmup: float
    seconds: float
    rows: int
    """How often what is no echo load is measured."""
    counts_instructions: bool


PING_PONG_1 = Workload("W1", 1, 1)
PING_PONG_10 = Workload("W1", 10, 1)
PING_PONG_100 = Workload("W1", 100, 1)
PING_PONG_1000 = Workload("W1", 1000, 1)
PIPELINED = Workload("W2", 50, 32)

FULL = Plan(
    (PING_PONG_1, PING_PONG_10, PING_PONG_100, PING_PONG_1000, PIPELINED),
    rounds=5,
    warmup=0.7,
    seconds=2.0,
    rows=5,
    counts_instructions=True,
)
QUICK = Plan(
    (PING_PONG_100, PING_PONG_1000, PIPELINED),
    rounds=2,
    warmup=0.3,
    seconds=0.8,
    rows=1,
    counts_instructions=False,
)
