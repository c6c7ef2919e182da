"""One line per scenario: mark, name, bar and what is left to say on the right.

    name   ↓ [======>-------------------------------] 10 VUs  05.0s/30s

All lines of a run share one name column, one bar width and one VU column, so the bars stand under
each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from .format import format_clock, format_go_duration
from .text import Paint, broken, columns, shown_name

__all__ = ["Executor", "Phase", "ScenarioProgress", "percent_text", "render_bars"]

Executor = Literal[
    "shared-iterations",
    "per-vu-iterations",
    "constant-vus",
    "ramping-vus",
    "constant-arrival-rate",
    "ramping-arrival-rate",
]
"""k6's names of the six executors."""

Phase = Literal["waiting", "running", "graceful_stop", "done"]
"""Where a scenario is: before its start time, in its regular time, finishing, finished."""


class ScenarioProgress(TypedDict):
    """How far one scenario has come."""

    name: str
    executor: Executor
    phase: Phase
    active_vus: int
    vus: int
    """The most VUs it may use."""
    elapsed_ms: float
    """Since its start; while waiting, negative: how long until it starts."""
    duration_ms: float
    """Its regular time; `maxDuration` where iterations decide."""
    started: int
    """Iterations started."""
    total: int | None
    """Iterations planned, where the executor has such a number."""
    per_vu: int | None
    """Iterations planned for each VU (`per-vu-iterations` only)."""
    cut: bool
    """Ended before its plan was done: `maxDuration` reached, or the run aborted."""
    rate: NotRequired[float | None]
    """Iteration starts per second planned now (arrival rates); else the mean so far is shown."""


def render_bars(scenarios: Sequence[ScenarioProgress], *, width: int, paint: Paint) -> list[str]:
    """One text per scenario: a line, or two where even the narrowest bar leaves no room for the rest.

    Bars shrink with the width; below eight columns they give way to a percent.
    """
    names = [_shortened(shown_name(scenario["name"])) for scenario in scenarios]
    name_width = max(map(columns, names), default=0)
    tails = [_tail(scenario) for scenario in scenarios]
    longest_tail = max(map(columns, tails), default=0)
    bar_width = min(_BAR_WIDTH, width - name_width - longest_tail - len(" x  "))
    lines: list[str] = []
    for scenario, name, tail in zip(scenarios, names, tails, strict=True):
        bar = _bar(_done_share(scenario), bar_width)
        padding = " " * (name_width - columns(name))
        line = f"{name}{padding} {_mark(scenario, paint)} {bar}"
        if name_width + len(" x  ") + columns(bar) + columns(tail) <= width:
            lines.append(f"{line} {tail}")
        else:
            parts = [
                *broken(line, width=width, indent="    "),
                *broken(f"    {tail}", width=width, indent="    "),
            ]
            lines.append("\n".join(parts))
    return lines


def percent_text(scenario: ScenarioProgress) -> str:
    """The bar as k6 writes it where there is no room for one: `[  50% ]`."""
    return _bar(_done_share(scenario), 0)


def _bar(share: float, width: int) -> str:
    if width < _NARROWEST_BAR:
        return f"[ {int(share * 100):3d}% ]"
    room = width - len("[]")
    filled = int(share * room)
    if filled == room:
        return f"[{'=' * room}]"
    head = ">" if share > 0 else "-"
    return f"[{'=' * filled}{head}{'-' * (room - filled - 1)}]"


def _done_share(scenario: ScenarioProgress) -> float:
    if scenario["phase"] == "waiting":
        return 0.0
    if scenario["phase"] == "done" and not scenario["cut"]:
        return 1.0
    total = scenario["total"]
    if total is not None:
        done, whole = float(scenario["started"]), float(total)
    else:
        done, whole = scenario["elapsed_ms"], scenario["duration_ms"]
    return min(max(done / whole, 0.0), 1.0) if whole > 0 else 1.0


def _mark(scenario: ScenarioProgress, paint: Paint) -> str:
    if scenario["cut"]:
        return paint.bad("✗")
    match scenario["phase"]:
        case "waiting":
            return "•"
        case "running":
            return " "
        case "graceful_stop":
            return "↓"
        case "done":
            return paint.good("✓")


def _tail(scenario: ScenarioProgress) -> str:
    if scenario["phase"] == "waiting":
        left = -scenario["elapsed_ms"]
        return f"waiting  {format_clock(left)}" if left > 0 else "waiting"
    vus, active = scenario["vus"], scenario["active_vus"]
    of_vus = f"{active:0{len(str(vus))}d}/{vus} VUs"
    duration = scenario["duration_ms"]
    time = f"{format_clock(scenario['elapsed_ms'], duration)}/{format_go_duration(duration)}"
    match scenario["executor"]:
        case "constant-vus":
            return f"{vus} VUs  {time}"
        case "ramping-vus":
            return f"{of_vus}  {time}"
        case "shared-iterations":
            return f"{vus} VUs  {time}  {_iterations(scenario)} shared iters"
        case "per-vu-iterations":
            each = scenario["per_vu"] or 0
            return f"{vus} VUs  {time}  {_iterations(scenario)} iters, {each} per VU"
        case "constant-arrival-rate" | "ramping-arrival-rate":
            return f"{of_vus}  {time}  {_arrival_rate(scenario):.2f} iters/s"


def _iterations(scenario: ScenarioProgress) -> str:
    total = scenario["total"] or 0
    return f"{scenario['started']:0{len(str(total))}d}/{total}"


def _arrival_rate(scenario: ScenarioProgress) -> float:
    planned = scenario.get("rate")
    if planned is not None:
        return planned
    elapsed = min(scenario["elapsed_ms"], scenario["duration_ms"])
    return scenario["started"] / elapsed * 1000 if elapsed > 0 else 0.0


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3] + "..."


_BAR_WIDTH = 40
_NARROWEST_BAR = 8
_LONGEST_NAME = 30
