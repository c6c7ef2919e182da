"""What `--out` costs the VU thread: a script that records 100,000 samples a second, with and without outputs.

The VU thread's own CPU time is measured around the recording, so the threads that encode and write do not
count; what they cost in all is shown beside it. Each round measures every variant, in turn.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import k6ws
from k6ws.metrics import Trend

RATE = 100_000
BURST = 1_000
SECONDS = 3
VARIANTS = ("none", "json", "json.gz", "csv")
LIMIT = 0.05


@dataclass
class Cost:
    """CPU nanoseconds per sample."""

    vu_thread: float
    process: float
    lost: int


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    costs: dict[str, list[Cost]] = {variant: [] for variant in VARIANTS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for variant in VARIANTS:
                costs[variant].append(_measure(variant, Path(folder)))
    print(f"{RATE} samples/s for {SECONDS} s, {rounds} rounds; extra CPU of an output:")
    print(f"  {'output':<10}{'VU thread ns/sample':>22}{'% of a core':>14}{'all threads %':>16}")
    missed = False
    for variant in VARIANTS[1:]:
        pairs = list(zip(costs[variant], costs["none"], strict=True))
        extra = median(one.vu_thread - none.vu_thread for one, none in pairs)
        whole = median(one.process - none.process for one, none in pairs)
        share, whole_share = (cost * RATE / 1e9 for cost in (extra, whole))
        lost = sum(one.lost for one, _ in pairs)
        missed |= share > LIMIT or lost > 0
        note = f"   {lost} samples lost" if lost else ""
        print(f"  {variant:<10}{extra:>22.1f}{share:>14.2%}{whole_share:>16.2%}{note}")
    print(
        f"  {'MISSED' if missed else 'ok'}: the VU thread pays at most {LIMIT:.0%}, nothing is lost"
    )
    return 0


def _measure(variant: str, folder: Path) -> Cost:
    kind, _, _ = variant.partition(".")
    out = [] if variant == "none" else [f"{kind}={folder / ('samples.' + variant)}"]
    trend = Trend("recorded")
    spent = 0

    def record() -> None:
        nonlocal spent
        until = time.perf_counter() + SECONDS
        due = time.perf_counter()
        while due < until:
            begin = time.thread_time_ns()
            for _ in range(BURST):
                trend.add(1.5)
            spent += time.thread_time_ns() - begin
            due += BURST / RATE
            k6ws.sleep(max(due - time.perf_counter(), 0.0))

    before = time.process_time_ns()
    result = k6ws.run(record, iterations=1, out=out, summaryTrendStats=["count"])
    whole = time.process_time_ns() - before
    count = result.metrics["recorded"].count
    return Cost(spent / count, whole / count, result.to_dict()["run"]["samples_lost"])


if __name__ == "__main__":
    sys.exit(main())
