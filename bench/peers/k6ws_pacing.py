"""k6ws itself, as a load that has a rate: `BENCH_MODE` against `BENCH_URL`, for `BENCH_SECONDS`.

| mode | |
| --- | --- |
| `every` | `BENCH_CONNS` sessions, on each a message a second by `every`, evenly spread over the second |
| `arrival` | `BENCH_RATE` iterations a second, each a message on one of `BENCH_CONNS` living sessions |
| `stall` | the same, and each message is a request |
| `connect` | `BENCH_RATE` iterations a second, each a session that is closed as soon as it is open |

The target says when they arrived; what k6ws says of itself is written to `BENCH_OUT`.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import k6ws
from k6ws import barrier, execution, ws
from k6ws.correlate import in_order

MODE, URL = k6ws.env["BENCH_MODE"], k6ws.env["BENCH_URL"]
CONNS, RATE = int(k6ws.env["BENCH_CONNS"]), int(k6ws.env["BENCH_RATE"])
SECONDS = int(k6ws.env["BENCH_SECONDS"])
_NUMBERS = itertools.count()

_ONCE = {"executor": "per-vu-iterations", "vus": CONNS, "iterations": 1, "maxDuration": "5m"}
_PACED = {
    "executor": "constant-arrival-rate",
    "rate": RATE,
    "duration": f"{SECONDS}s",
    "preAllocatedVUs": CONNS,
}
options = {
    "scenarios": {"default": _ONCE if MODE == "every" else _PACED},
    "summaryTrendStats": ["p(50)", "p(99)", "count"],
}


IS_KEPT = MODE in {"arrival", "stall"}


def vu_start() -> None:
    if IS_KEPT:
        execution.vu.state["session"] = ws.open(URL, correlate=in_order())


def vu_stop() -> None:
    if IS_KEPT:
        execution.vu.state["session"].close()


def default() -> None:
    if MODE == "arrival":
        execution.vu.state["session"].send("tick")
    elif MODE == "stall":
        execution.vu.state["session"].request("tick", "tick")
    elif MODE == "connect":
        with ws.open(URL):
            pass
    else:
        with ws.open(URL) as session:
            barrier("open", CONNS, "2m")
            begins = next(_NUMBERS) / CONNS
            k6ws.sleep(begins)
            session.every("1s", "tick")
            # All end together, when nothing is to be sent any more.
            k6ws.sleep(SECONDS + 1.5 - begins)


def handle_summary(data: Any) -> dict[str, str]:
    metrics = data["metrics"]
    said = {
        name: metrics[name]["values"]
        for name in (
            "ws_req_planned_duration",
            "ws_req_duration",
            "ws_msgs_sent",
            "ws_sessions",
            "dropped_iterations",
            "iteration_lateness",
            "vu_loop_lag",
            "generator_cpu",
        )
        if name in metrics
    }
    Path(k6ws.env["BENCH_OUT"]).write_text(json.dumps(said) + "\n")
    return {}
