"""`make bench-fidelity`: how far `ws_req_duration` is from what the target itself says of each request.

The target holds each request for 0, 1, 10 or 50 ms (R1 of what users want) and records for how long it did,
from the kernel's stamp of the request until just before its write. The rest is the way there and back, and
our error. The bars hold for a machine with nothing else to do; of many under way on one connection, which may
have one stamp together, there is none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import PIPE

from harness.machine import OUT, PINNED, SERVER_CORE, raise_file_limit, spawn
from harness.measure import execute
from harness.peers import PEERS, Command

_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Load:
    """So many connections, with so many requests under way on each, again and again."""

    conns: int
    under_way: int
    rounds: int

    @property
    def title(self) -> str:
        plural = "" if self.conns == 1 else "s"
        return f"{self.conns:,} connection{plural}, {self.under_way} under way"


LOADS = (Load(1, 1, 200), Load(100, 1, 16), Load(1000, 1, 4), Load(1, 32, 20))
BARS_MS = {"idle": 0.2, "burning": 0.5}
"""At most, of |error|, p50 and p99; where handlers compute half of the time it may be more."""


def main() -> int:
    raise_file_limit()
    OUT.mkdir(exist_ok=True)
    print(f"|error| of a request in ms, load average {os.getloadavg()[0]:.1f}, pinned: {PINNED}")
    print(f"  {'':<42}{'held':>8}{'requests':>10}{'p50':>9}{'p99':>9}{'max':>9}")
    for load in LOADS:
        for state, bar in BARS_MS.items():
            errors = _measure(load, is_burning=state == "burning")
            for delay, values in errors.items():
                found = sorted(abs(value) for value in values)
                p50, p99 = _share(found, 0.5), _share(found, 0.99)
                verdict = "" if load.under_way > 1 else "  ok" if p99 <= bar else "  MISSED"
                print(
                    f"  {load.title + ', ' + state:<42}{delay + ' ms':>8}{len(found):>10}"
                    f"{p50:>9.3f}{p99:>9.3f}{found[-1]:>9.3f}{verdict}",
                    flush=True,
                )
    return 0


def _share(values: list[float], share: float) -> float:
    return values[min(int(share * len(values)), len(values) - 1)]


def _measure(load: Load, *, is_burning: bool) -> dict[str, list[float]]:
    words = map(str, (load.conns, load.under_way, load.rounds, int(is_burning)))
    with _target() as url:
        samples = OUT / "fidelity.json"
        command = Command([sys.executable, PEERS / "fidelity.py", url, *words, samples])
        text, _ = execute(command, _TIMEOUT_S, lambda: None)
    return json.loads(text)


@contextmanager
def _target() -> Generator[str]:
    process = spawn([sys.executable, PEERS / "delay_target.py"], core=SERVER_CORE, stdout=PIPE)
    try:
        assert process.stdout is not None  # stdout=PIPE above
        yield process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    sys.exit(main())
