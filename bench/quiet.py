"""Row kind: the round trip of a socket that says little, beside ten that are flooded."""

from __future__ import annotations

import json
import statistics

from harness.measure import RunError, execute
from harness.peers import k6ws_command
from harness.rows import Effort, Kind, Row
from harness.server import serve

FLOODS = 10
_ENDLESS = 10**9
_P99 = f"a quiet socket beside {FLOODS} floods: p99 of its round trip"
_MEDIAN = f"a quiet socket beside {FLOODS} floods: median"
_TIMEOUT_S = 60.0
_ENOUGH = 20


def measure(effort: Effort) -> dict[str, float]:
    """One VU that asks and waits, and one for each flood, in one run."""
    with serve("echo") as echo, serve("flood", str(_ENDLESS)) as flood:
        asked = {
            "URL": echo.url,
            "FLOOD": flood.url,
            "SECONDS": f"{effort.seconds:g}",
            "FLOODS": str(FLOODS),
        }
        command = k6ws_command("k6ws_quiet.py", FLOODS + 1, asked)
        text, _ = execute(command, _TIMEOUT_S, lambda: None)
    trips: list[float] = json.loads(text)
    if len(trips) < _ENOUGH:
        raise RunError(f"only {len(trips)} round trips")
    return {_MEDIAN: statistics.median(trips), _P99: statistics.quantiles(trips, n=100)[98]}


KIND = Kind("quiet socket", (Row(_MEDIAN, "ms"), Row(_P99, "ms", 5.0)), measure)
