"""Row kind: an arrival rate of 10,000 iterations a second, of a function that does nothing."""

from __future__ import annotations

import json

from harness.measure import RunError, execute
from harness.peers import k6ws_command
from harness.rows import Effort, Kind, Row

RATE = 10_000
_CPU = f"arrival rate {RATE:,}/s: CPU"
_ERROR = f"arrival rate {RATE:,}/s: error of the rate"
_LATE = f"arrival rate {RATE:,}/s: p99 of lateness"
_TIMEOUT_S = 60.0


def measure(effort: Effort) -> dict[str, float]:
    """One run; CPU from the second half second on, lateness over all of it."""
    seconds = max(effort.seconds, 1.0)
    asked = {"RATE": str(RATE), "SECONDS": f"{seconds:g}"}
    text, _ = execute(k6ws_command("k6ws_arrival.py", None, asked), _TIMEOUT_S, lambda: None)
    result = json.loads(text)
    if not result["iterations"]:
        raise RunError("no iteration was measured")
    return {
        _CPU: result["cpu_s"] / result["iterations"] * 1e6,
        _ERROR: abs(result["iterations"] / result["wall_s"] / RATE - 1.0) * 100.0,
        _LATE: result["lateness_p99_ms"],
    }


KIND = Kind(
    "arrival rate",
    (
        Row(_CPU, "µs/iteration", 15.0),
        Row(_ERROR, "%", 0.5),
        Row(_LATE, "ms", 2.0),
    ),
    measure,
)
