"""What is compared: a scenario for each executor, and what k6 2.2 was seen to do with it.

Each case keeps clear of ties: no iteration ends or starts within 100 ms of a moment at which it would count
differently. Where the number depends on how quick a machine is, `tolerance` says by how much.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figures:
    """What a run came to."""

    iterations: int
    dropped: int
    vu_ids: tuple[int, ...]
    """Ids of the VUs that ran anything."""
    numbers: tuple[int, int]
    """How many different iteration numbers were seen, and the highest."""
    thresholds: dict[str, bool]
    """Whether each expression holds."""
    exit_code: int


@dataclass(frozen=True)
class Case:
    """One scenario."""

    name: str
    scenario: dict[str, Any]
    sleep: float
    """Seconds that an iteration lasts."""
    recorded: Figures
    """As k6 2.2 did it."""
    thresholds: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    tolerance: int = 0
    """Iterations more or less that still agree."""

    @property
    def options(self) -> dict[str, Any]:
        """The options of the script."""
        return {"scenarios": {"compared": self.scenario}, "thresholds": self.thresholds}


COUNTED = {"done": ["count>0", "count<1"]}
HELD = {"count>0": True, "count<1": False}

CASES = [
    Case(
        "shared-iterations",
        {"executor": "shared-iterations", "vus": 3, "iterations": 10},
        0.1,
        Figures(10, 0, (1, 2, 3), (10, 9), {}, 0),
    ),
    Case(
        "shared-iterations, cut short",
        {"executor": "shared-iterations", "vus": 2, "iterations": 10, "maxDuration": "1s"},
        0.4,
        Figures(6, 4, (1, 2), (6, 5), HELD, 99),
        COUNTED,
    ),
    Case(
        "per-vu-iterations",
        {"executor": "per-vu-iterations", "vus": 3, "iterations": 2},
        0.1,
        Figures(6, 0, (1, 2, 3), (6, 5), {}, 0),
    ),
    Case(
        "per-vu-iterations, cut short",
        {"executor": "per-vu-iterations", "vus": 3, "iterations": 5, "maxDuration": "1s"},
        0.4,
        Figures(9, 6, (1, 2, 3), (9, 8), {}, 0),
    ),
    Case(
        "constant-vus",
        {"executor": "constant-vus", "vus": 2, "duration": "1s"},
        0.4,
        Figures(6, 0, (1, 2), (6, 5), HELD, 99),
        COUNTED,
    ),
    Case(
        "constant-vus, cut at the end",
        {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"},
        0.4,
        Figures(4, 0, (1, 2), (6, 5), {}, 0),
    ),
    Case(
        "ramping-vus",
        {
            "executor": "ramping-vus",
            "startVUs": 1,
            "stages": [{"duration": "1s", "target": 3}, {"duration": "1s", "target": 0}],
        },
        0.3,
        Figures(13, 0, (1, 2, 3), (13, 12), {}, 0),
        tolerance=1,
    ),
    Case(
        "constant-arrival-rate",
        {
            "executor": "constant-arrival-rate",
            "rate": 10,
            "duration": "2s",
            "preAllocatedVUs": 5,
        },
        0.05,
        Figures(21, 0, (1, 2, 3, 4, 5), (21, 20), {}, 0),
    ),
    Case(
        "constant-arrival-rate, too few VUs",
        {
            "executor": "constant-arrival-rate",
            "rate": 50,
            "duration": "2s",
            "preAllocatedVUs": 3,
        },
        0.51,
        Figures(12, 89, (1, 2, 3), (12, 11), {"count>0": True}, 0),
        {"dropped_iterations": ["count>0"]},
        tolerance=3,
    ),
    Case(
        "ramping-arrival-rate",
        {
            "executor": "ramping-arrival-rate",
            "startRate": 0,
            "preAllocatedVUs": 5,
            "stages": [{"duration": "2s", "target": 20}],
        },
        0.05,
        Figures(19, 0, (1, 2, 3, 4, 5), (19, 18), {}, 0),
        # The twentieth is due in the very last moment, which k6 leaves out.
        tolerance=1,
    ),
]
