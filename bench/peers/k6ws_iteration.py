"""k6ws itself: one VU that runs a function which does nothing, for `BENCH_SECONDS` and a warm-up."""

from __future__ import annotations

import json
import time
from pathlib import Path

import k6ws

SECONDS = float(k6ws.env["BENCH_SECONDS"])
WARMUP = 0.3
options = {"vus": 1, "duration": f"{SECONDS + WARMUP + 0.2:g}s"}


class Window:
    """From the first iteration after the warm-up to the first that begins `SECONDS` later."""

    opens = closes = 0.0
    count = 0
    cpu_s = 0.0
    is_open = is_over = False


def default() -> None:
    Window.count += 1
    # A look at the clock for each would be part of the figure.
    if Window.count % 100:
        return
    now = time.perf_counter()
    if not Window.opens:
        Window.opens = now + WARMUP
    elif not Window.is_open and now >= Window.opens:
        Window.is_open, Window.closes, Window.count = True, now + SECONDS, 0
        Window.cpu_s = time.process_time()
    elif Window.is_open and not Window.is_over and now >= Window.closes:
        Window.is_over = True
        result = {"cpu_s": time.process_time() - Window.cpu_s, "iterations": Window.count}
        Path(k6ws.env["BENCH_OUT"]).write_text(json.dumps(result) + "\n")
