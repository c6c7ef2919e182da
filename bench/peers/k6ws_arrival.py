"""k6ws itself: iterations of a function that does nothing, begun at `BENCH_RATE` a second.

The window opens half a second after the first of them and lasts `BENCH_SECONDS`; the summary gives the p99 of
lateness over the whole run and writes all to `BENCH_OUT`.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import k6ws

SECONDS = float(k6ws.env["BENCH_SECONDS"])
WARMUP = 0.5
options = {
    "scenarios": {
        "default": {
            "executor": "constant-arrival-rate",
            "rate": int(k6ws.env["BENCH_RATE"]),
            "timeUnit": "1s",
            "duration": f"{SECONDS + WARMUP + 0.5:g}s",
            "preAllocatedVUs": 200,
        }
    },
    "summaryTrendStats": ["p(99)"],
}


class Window:
    """Iterations are counted from the first to begin after `opens` to the first after `closes`."""

    opens = closes = 0.0
    count = 0
    cpu_s = wall_s = 0.0


def default() -> None:
    now = time.perf_counter()
    if not Window.opens:
        Window.opens = now + WARMUP
        Window.closes = float("inf")
    elif now >= Window.opens:
        if Window.closes == float("inf"):
            Window.wall_s, Window.cpu_s = now, time.process_time()
            Window.closes = now + SECONDS
            Window.count = 0
        Window.count += 1
        if now >= Window.closes:
            Window.wall_s = now - Window.wall_s
            Window.cpu_s = time.process_time() - Window.cpu_s
            Window.opens = float("inf")


def handle_summary(data: Any) -> dict[str, str]:
    late = data["metrics"]["iteration_lateness"]["values"]["p(99)"]
    result = {
        "iterations": Window.count - 1,
        "cpu_s": Window.cpu_s,
        "wall_s": Window.wall_s,
        "lateness_p99_ms": late,
    }
    Path(k6ws.env["BENCH_OUT"]).write_text(json.dumps(result) + "\n")
    return {}
