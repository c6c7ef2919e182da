"""What each scenario is going to do, in one sentence (k6's run description)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from .bar import Executor
from .format import format_go_duration

__all__ = ["ScenarioPlan", "describe", "longest_end_ms", "most_vus"]


class ScenarioPlan(TypedDict):
    """A scenario as validated, with defaults filled in. Times are milliseconds."""

    name: str
    executor: Executor
    vus: int
    """VUs of the scenario: the peak for ramps, `preAllocatedVUs` for arrival rates."""
    duration_ms: float
    """`duration`, the sum of the stages, or `maxDuration`."""
    graceful_stop_ms: float
    max_vus: NotRequired[int]
    """`maxVUs` (arrival rates); default: `vus`."""
    iterations: NotRequired[int]
    """In all (`shared-iterations`) or for each VU (`per-vu-iterations`)."""
    rate: NotRequired[float]
    """Iterations per second, the peak for ramps (arrival rates)."""
    stages: NotRequired[int]
    """How many stages (ramps)."""
    graceful_ramp_down_ms: NotRequired[float]
    exec: NotRequired[str]
    """The function, when it is not `default`."""
    start_time_ms: NotRequired[float]


def describe(scenario: ScenarioPlan) -> str:
    """`10 looping VUs for 30s (gracefulStop: 30s)` and its likes for the other executors."""
    vus = scenario["vus"]
    duration = format_go_duration(scenario["duration_ms"])
    iterations = scenario.get("iterations", 1)
    rate = f"{scenario.get('rate', 0):.2f} iterations/s for {duration}"
    stages = f"over {scenario.get('stages', 1)} stages"
    details: list[str] = []
    match scenario["executor"]:
        case "constant-vus":
            text = f"{vus} looping VUs for {duration}"
        case "ramping-vus":
            text = f"Up to {vus} looping VUs for {duration} {stages}"
            ramp_down = scenario.get("graceful_ramp_down_ms", 30_000)
            details.append(f"gracefulRampDown: {format_go_duration(ramp_down)}")
        case "shared-iterations":
            text = f"{iterations} iterations shared among {vus} VUs"
            details.append(f"maxDuration: {duration}")
        case "per-vu-iterations":
            text = f"{iterations} iterations for each of {vus} VUs"
            details.append(f"maxDuration: {duration}")
        case "constant-arrival-rate":
            text = rate
            details.append(_max_vus(scenario))
        case "ramping-arrival-rate":
            text = f"Up to {rate} {stages}"
            details.append(_max_vus(scenario))
    if scenario.get("exec", "default") != "default":
        details.append(f"exec: {scenario.get('exec')}")
    if scenario.get("start_time_ms", 0) > 0:
        details.append(f"startTime: {format_go_duration(scenario.get('start_time_ms', 0))}")
    details.append(f"gracefulStop: {format_go_duration(scenario['graceful_stop_ms'])}")
    return f"{text} ({', '.join(details)})"


def most_vus(scenarios: Sequence[ScenarioPlan]) -> int:
    """The largest number of VUs that can be needed at one moment.

    An upper bound: each scenario counts with its peak from its start to the end of its graceful
    stop.
    """
    return max(
        (
            sum(_peak(other) for other in scenarios if _start(other) <= _start(one) < _end(other))
            for one in scenarios
        ),
        default=0,
    )


def longest_end_ms(scenarios: Sequence[ScenarioPlan]) -> float:
    """When the last scenario must have ended, graceful stop included."""
    return max(map(_end, scenarios), default=0.0)


def _peak(scenario: ScenarioPlan) -> int:
    return max(scenario["vus"], scenario.get("max_vus", 0))


def _start(scenario: ScenarioPlan) -> float:
    return scenario.get("start_time_ms", 0.0)


def _end(scenario: ScenarioPlan) -> float:
    return _start(scenario) + scenario["duration_ms"] + scenario["graceful_stop_ms"]


def _max_vus(scenario: ScenarioPlan) -> str:
    peak = _peak(scenario)
    return f"maxVUs: {peak}" if peak == scenario["vus"] else f"maxVUs: {scenario['vus']}-{peak}"
