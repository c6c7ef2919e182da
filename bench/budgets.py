"""`python bench/budgets.py [--write]`: instructions of the message path's pieces, against what they may cost.

Counted by callgrind, which the noise of a machine does not touch, and held against `budgets.json`, where
each pair of compilers, rustc's and CPython's, has its figures. For another pair nothing is counted. `--write`
makes the counted figures the budget of this pair: in the change that moved them, with its reason.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import instructions
from harness.build import build_floor
from harness.machine import ROOT

BUDGETS = Path(__file__).parent / "budgets.json"
# What a piece may cost more than its figure, before it is counted again and its median told.
PIECES = dict.fromkeys(("decode", "encode", "hand-out", "record"), 1.03)
WORKLOADS = {"echo": 1.06, "iteration": 1.06, "connect": 1.06}
# Few and many of each: the difference is what one costs, without what starts and ends.
PIECE_COUNTS = (2_560, 12_800)
# One connection: each message is a batch of its own, so that a count does not hang on who waits for whom.
CONNS = 1
COUNTS = {"echo": (2_000, 12_000), "iteration": (9_000, 15_000), "connect": (50, 250)}
ROUNDS = 3


def main() -> int:
    if shutil.which("valgrind") is None:
        print(
            "budgets: skipped, valgrind is missing (the package `valgrind` of your system has it)"
        )
        return 0
    known = json.loads(BUDGETS.read_text())
    pair = f"{_rustc()} / CPython {platform.python_version()}"
    is_write, figures = "--write" in sys.argv[1:], known.get(pair, {})
    if not figures and not is_write:
        print(f"budgets: not judged, there are none for {pair}; --write makes them")
        return 0
    build_floor()
    pieces = _build_pieces()
    counted: dict[str, int] = {}
    over: list[str] = []
    for name, limit in {**PIECES, **WORKLOADS}.items():
        budget = figures.get(name)
        found = [_count(pieces, name)]
        while budget is not None and not is_write and found[0] > budget * limit:
            if len(found) == ROUNDS:
                break
            found.append(_count(pieces, name))
        cost = median(found)
        counted[name] = round(cost)
        line = f"{name:<10}{cost:>10,.0f} instructions"
        if budget is not None:
            line += f"   × {cost / budget:.3f} of {budget:,}, at most {limit}"
            if cost > budget * limit and not is_write:
                over.append(name)
        print(line, flush=True)
    if is_write:
        BUDGETS.write_text(json.dumps({**known, pair: counted}, indent=2, sort_keys=True) + "\n")
    if over:
        print(f"budgets: {', '.join(over)} cost more than they may; see bench/README.md")
    return 1 if over else 0


def _count(pieces: Path, name: str) -> float:
    if name in WORKLOADS:
        few, many = COUNTS[name]
        return instructions.each(sys.executable, name, (few, many), CONNS)
    few, many = PIECE_COUNTS
    counts = [instructions.collected([pieces, name, str(count)]) for count in (few, many)]
    return (counts[1] - counts[0]) / (many - few)


def _build_pieces() -> Path:
    command = ["cargo", "bench", "--no-run", "--no-default-features", "--bench", "pieces"]
    built = subprocess.run(
        [*command, "--message-format", "json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    found = [one["executable"] for one in told if one.get("target", {}).get("name") == "pieces"]
    return Path(found[-1])


def _rustc() -> str:
    told = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True)
    return " ".join(told.stdout.split()[:2])


if __name__ == "__main__":
    sys.exit(main())
