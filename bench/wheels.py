"""`python bench/wheels.py [ROUNDS]`: what Python's limited API costs.

The wheel of this Python and the one for every Python, both of `dist/`, each in an environment of its own, in
turn on the same target: CPU time per message, with the machine's noise in it, and instructions, without.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import instructions
from harness.build import build_floor
from harness.machine import OUT, ROOT, raise_file_limit
from harness.measure import Failure, measure
from harness.peers import Command, K6ws, Request
from harness.workloads import PING_PONG_100, PIPELINED, QUICK

TAG = "cp{}{}".format(*sys.version_info)
MACHINE = f"manylinux_*_{platform.machine()}.whl"
WHEELS = {"own": f"k6ws-*-{TAG}-{TAG}-{MACHINE}", "abi3": f"k6ws-*-abi3-{MACHINE}"}
ROUNDS = 5
COUNTED = ("echo", "fan-in", "request", "iteration", "callback")


@dataclass(frozen=True)
class Installed(K6ws):
    """k6ws as one of the wheels has it."""

    python: Path = Path(sys.executable)

    def command(self, request: Request) -> Command:
        command = super().command(request)
        return replace(command, argv=[self.python, *command.argv[1:]])


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    raise_file_limit()
    build_floor()
    pythons: dict[str, Path] = {}
    for kind, pattern in WHEELS.items():
        found = sorted((ROOT / "dist").glob(pattern))
        if not found:
            print(f"dist/ has no {pattern}: `make wheels` builds it", file=sys.stderr)
            return 1
        pythons[kind] = _installed(kind, found[0])
    for workload in (PING_PONG_100, PIPELINED):
        spent: defaultdict[str, list[float]] = defaultdict(list)
        for number in range(rounds):
            # Each goes first as often as the other.
            for kind in sorted(pythons, reverse=number % 2 == 1):
                sample = measure(Installed(kind, python=pythons[kind]), workload, QUICK, number)
                if isinstance(sample, Failure):
                    print(f"{kind}: {sample.reason}", file=sys.stderr)
                    return 1
                spent[kind].append(sample.us_per_message)
        _tell(workload.title, "µs", spent)
    if shutil.which("valgrind") is None:
        print("instructions: not counted, valgrind is missing")
        return 0
    for name in COUNTED:
        counts = instructions.COUNTS[name]
        found_for = {
            kind: [instructions.each(str(python), name, counts, instructions.CONNS)]
            for kind, python in pythons.items()
        }
        _tell(name, "instructions", found_for)
    return 0


def _tell(title: str, unit: str, spent: dict[str, list[float]]) -> None:
    ratios = [abi3 / own for abi3, own in zip(spent["abi3"], spent["own"], strict=True)]
    own, abi3 = median(spent["own"]), median(spent["abi3"])
    spread = f" ({min(ratios):.3f}-{max(ratios):.3f})" if len(ratios) > 1 else ""
    print(
        f"{title:<50} own {own:>9,.1f} {unit}   abi3 {abi3:>9,.1f}   × {median(ratios):.3f}{spread}",
        flush=True,
    )


def _installed(kind: str, wheel: Path) -> Path:
    folder = OUT / "wheels" / kind
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
