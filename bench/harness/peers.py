"""Who takes part: each peer says how it is started, how its result is read, and why it may be
missing.

A peer that reports for itself prints the JSON line of bench/README.md; k6 cannot, see `k6`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from .build import find_bench
from .machine import BENCH, OUT, Ended
from .server import Counters
from .workloads import Workload

FLOOR, K6WS, PICOWS = "floor (C epoll)", "k6ws", "picows"
CLASS = "k6ws WebSocket class"
CORE, SPIKE = "our core (Rust consumer)", "tungstenite (Rust consumer)"

PEERS = BENCH / "peers"
_RESULT = OUT / "result.json"


@dataclass(frozen=True)
class Request:
    """One run to make: where, what, and for how long (seconds)."""

    url: str
    workload: Workload
    seconds: float
    warmup: float

    @property
    def words(self) -> list[str]:
        load = self.workload
        return [self.url, *map(str, (load.conns, load.in_flight, self.seconds, self.warmup))]


@dataclass(frozen=True)
class Command:
    """How to start a peer. Its result is in `result`, or on standard output if there is none."""

    argv: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    result: Path | None = None


@dataclass(frozen=True)
class Observed:
    """All that is known once a peer has ended well and the server has been stopped."""

    request: Request
    text: str
    ended: Ended
    counters: Counters
    life: tuple[float, float]


@dataclass(frozen=True)
class Reading:
    """A peer's figures for its window; `total` is its own count over its life, if it has one."""

    messages: int
    cpu_s: float
    wall_s: float
    started: float
    ended: float
    total: int | None


class Peer(Protocol):
    """A client that can be measured."""

    @property
    def name(self) -> str: ...

    @property
    def versions(self) -> str:
        """What exactly is measured, empty if the name says it all."""
        ...

    def missing(self) -> str | None:
        """Why it cannot take part, None if it can."""
        ...

    def command(self, request: Request) -> Command: ...

    def read(self, observed: Observed) -> Reading: ...


class Reporting:
    """A peer that measures itself and writes the JSON line."""

    name: str

    def read(self, observed: Observed) -> Reading:
        return Reading(**json.loads(observed.text))


@dataclass(frozen=True)
class Binary(Reporting):
    """A program of our own."""

    name: str
    find: Callable[[], Path | None]
    hint: str
    versions: str = ""

    def missing(self) -> str | None:
        return None if self.find() else self.hint

    def command(self, request: Request) -> Command:
        path = self.find()
        assert path is not None  # `missing` is asked first
        return Command([path, *request.words])


@dataclass(frozen=True)
class PythonPeer(Reporting):
    """A client library with a script in bench/peers, run by the harness's own interpreter."""

    name: str
    script: str
    needs: tuple[str, ...]

    @property
    def versions(self) -> str:
        return ", ".join(f"{package} {_version(package)}" for package in self.needs)

    def missing(self) -> str | None:
        absent = [package for package in self.needs if find_spec(package) is None]
        return f"not installed: {', '.join(absent)}" if absent else None

    def command(self, request: Request) -> Command:
        return Command([sys.executable, PEERS / self.script, *request.words])


@dataclass(frozen=True)
class K6ws(Reporting):
    """The product: a script run by its command line, one VU per connection."""

    name: str = K6WS
    script: str = "k6ws_echo.py"

    @property
    def versions(self) -> str:
        return f"k6ws {_version('k6ws')}"

    def missing(self) -> str | None:
        return None if find_spec("k6ws") else "not installed: k6ws (build it in release mode)"

    def command(self, request: Request) -> Command:
        keys = ("URL", "CONNS", "IN_FLIGHT", "SECONDS", "WARMUP")
        return k6ws_command(
            self.script, request.workload.conns, dict(zip(keys, request.words, strict=True))
        )


def k6ws_command(
    script: str, vus: int | None, env: Mapping[str, str], prefix: str = "BENCH_"
) -> Command:
    """`k6ws run` with one iteration per VU, or as the script says; its result goes to BENCH_OUT."""
    _RESULT.unlink(missing_ok=True)
    inherited = [os.environ[key] for key in ("PYTHONPATH",) if key in os.environ]
    pairs = [f"{prefix}{key}={value}" for key, value in {**env, "OUT": str(_RESULT)}.items()]
    load = () if vus is None else ("-u", str(vus), "-i", str(vus))
    return Command(
        [
            *(sys.executable, "-m", "k6ws", "run", "--quiet", *load),
            *(word for pair in pairs for word in ("-e", pair)),
            PEERS / script,
        ],
        env={"PYTHONPATH": os.pathsep.join([str(PEERS), *inherited])},
        result=_RESULT,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(version unknown)"


def our_peers() -> list[Peer]:
    """All but k6, floor first; neighbours in this list are neighbours in time."""
    hint = "not built: cargo bench --no-default-features --no-run"
    return [
        Binary(FLOOR, lambda: OUT / "client", hint="not built"),
        K6ws(),
        K6ws(CLASS, "k6ws_websockets_echo.py"),
        PythonPeer(PICOWS, "picows_echo.py", ("picows", "uvloop")),
        Binary(CORE, lambda: find_bench("frame_loop"), hint=hint),
        Binary(SPIKE, lambda: find_bench("spike"), hint=hint),
        PythonPeer("aiohttp", "aiohttp_echo.py", ("aiohttp", "uvloop")),
        PythonPeer("websockets", "websockets_echo.py", ("websockets", "uvloop")),
    ]
