"""Row kind: an iteration of a function that does nothing, one after the other in one VU.

Instructions where valgrind is there and time for it, which no other work of the machine changes; else CPU.
"""

from __future__ import annotations

import json
import shutil
import sys

import instructions
from harness.measure import RunError, execute
from harness.peers import k6ws_command
from harness.rows import Effort, Kind, Row

_INSTRUCTIONS = "closed iteration"
_CPU = "closed iteration: CPU"
_TIMEOUT_S = 60.0


def measure(effort: Effort) -> dict[str, float]:
    """CPU always; instructions where they are asked for and can be counted."""
    asked = {"SECONDS": f"{effort.seconds:g}"}
    text, _ = execute(k6ws_command("k6ws_iteration.py", None, asked), _TIMEOUT_S, lambda: None)
    result = json.loads(text)
    if result["iterations"] < 1:
        raise RunError("no iteration was measured")
    found = {_CPU: result["cpu_s"] / result["iterations"] * 1e6}
    if effort.counts_instructions and shutil.which("valgrind"):
        counts = instructions.COUNTS["iteration"]
        found[_INSTRUCTIONS] = instructions.each(sys.executable, "iteration", counts, 1)
    return found


KIND = Kind(
    "closed iteration",
    (Row(_CPU, "µs/iteration"), Row(_INSTRUCTIONS, "instructions", 17_000.0)),
    measure,
)
