"""Runs the same scenario under k6 and under k6ws for each executor, and prints both side by side.

    python tests/compare_k6/run.py [--k6 PATH] [--only CASE]

Without a `k6` on PATH the figures that were recorded of it stand in its column. Exit code 1 when something
differs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cases import CASES, Case, Figures

FOLDER = Path(__file__).parent
LIMIT_S = 60
_SEEN = re.compile(r"ITERATION (\d+) (\d+)")


def main() -> int:
    """Compare, print, and say whether all is the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--k6", default=shutil.which("k6"), help="the k6 to compare with")
    parser.add_argument("--only", help="the one case to compare", choices=[c.name for c in CASES])
    options = parser.parse_args()
    k6: str | None = options.k6 or None
    if k6 is None:
        print("k6 is not on PATH: its column shows what was recorded of k6 2.2\n")
    else:
        version = subprocess.run([k6, "version"], capture_output=True, text=True, check=True)
        print(version.stdout.splitlines()[0] + "\n")
    ours = [sys.executable, "-m", "k6ws"]
    is_same = True
    for case in [one for one in CASES if options.only in {None, one.name}]:
        theirs = case.recorded if k6 is None else measure([k6], "script.js", case)
        is_same &= compare(case, theirs, measure(ours, "script.py", case))
    print("the same" if is_same else "DIFFERENT")
    return 0 if is_same else 1


def measure(command: Sequence[str], script: str, case: Case) -> Figures:
    """Run one side of a case."""
    plan = json.dumps({"options": case.options, "sleep": case.sleep})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        words = [*command, "run", "-e", f"PLAN={plan}", "-e", f"REPORT={report}", FOLDER / script]
        hidden = {"K6WS_", "K6_"}
        clean = {k: v for k, v in os.environ.items() if not any(map(k.startswith, hidden))}
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=LIMIT_S, check=False, env=clean
        )
        if not report.exists():
            sys.exit(f"{case.name}: {command[0]} wrote no summary\n{done.stderr}")
        data = json.loads(report.read_text())
    seen = [(int(vu), int(number)) for vu, number in _SEEN.findall(done.stdout + done.stderr)]
    numbers = {number for _, number in seen}
    return Figures(
        iterations=count(data, "iterations"),
        dropped=count(data, "dropped_iterations"),
        vu_ids=tuple(sorted({vu for vu, _ in seen})),
        numbers=(len(numbers), max(numbers)),
        thresholds={
            expression: verdict["ok"]
            for metric in data["metrics"].values()
            for expression, verdict in metric.get("thresholds", {}).items()
        },
        exit_code=done.returncode,
    )


def count(data: dict[str, Any], metric: str) -> int:
    """The count of a counter; 0 when nothing was counted."""
    return round(data["metrics"].get(metric, {}).get("values", {}).get("count", 0))


def compare(case: Case, k6: Figures, ours: Figures) -> bool:
    """Print a case; whether both agree."""
    rows = [
        ("iterations", k6.iterations, ours.iterations),
        ("dropped", k6.dropped, ours.dropped),
        ("VU ids", _listed(k6.vu_ids), _listed(ours.vu_ids)),
        (
            "iteration numbers",
            "{} up to {}".format(*k6.numbers),
            "{} up to {}".format(*ours.numbers),
        ),
        *(
            (
                f"threshold {name}",
                _verdict(k6.thresholds[name]),
                _verdict(ours.thresholds.get(name)),
            )
            for name in k6.thresholds
        ),
        ("exit code", k6.exit_code, ours.exit_code),
    ]
    print(f"{case.name:<36} {'k6':>14} {'k6ws':>14}")
    is_same = True
    for label, theirs, own in rows:
        agrees = theirs == own or _is_close(label, k6, ours, case.tolerance)
        is_same &= agrees
        print(f"  {label:<34} {theirs!s:>14} {own!s:>14}{'' if agrees else '   DIFFERS'}")
    print()
    return is_same


def _is_close(label: str, k6: Figures, ours: Figures, tolerance: int) -> bool:
    off = {
        "iterations": (k6.iterations - ours.iterations,),
        "dropped": (k6.dropped - ours.dropped,),
        "iteration numbers": [a - b for a, b in zip(k6.numbers, ours.numbers, strict=True)],
    }
    return label in off and all(abs(one) <= tolerance for one in off[label])


def _listed(ids: Sequence[int]) -> str:
    return ",".join(map(str, ids))


def _verdict(ok: bool | None) -> str:
    return "–" if ok is None else "holds" if ok else "crossed"


if __name__ == "__main__":
    sys.exit(main())
