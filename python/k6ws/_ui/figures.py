"""The numbers of a run while it lasts, as lines: thresholds, requests by name, metrics that are to be shown.

Draws the part `figures` of a progress. Each function gives blocks, which are never torn apart: the
one who draws leaves out whole ones where there is no room, and names how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from .conditions import compared, demanded
from .format import NO_FIGURE, format_duration, format_number, format_rate
from .grid import Cell, cut, grid_lines
from .rows import metric_row
from .text import Paint, columns, metric_title, shown_name

__all__ = [
    "Asked",
    "Figures",
    "Standing",
    "request_lines",
    "shown_lines",
    "standing_clause",
    "threshold_lines",
]


class Standing(TypedDict):
    """How a threshold stands now, as the summary has it."""

    metric: str
    expression: str
    ok: bool
    value: float | None
    """The figure that was compared; none before there is data."""
    figure: str
    operator: str
    limit: float | None
    margin: float | None
    unit: str
    window: str
    undecided: bool


class Asked(TypedDict):
    """Requests of one name."""

    protocol: str
    """`ws` or `tcp`."""
    name: str
    made: int
    failed: int
    p95_ms: float | None
    rate: NotRequired[float | None]
    """How many in a second, lately; none where only the sum is known."""


class Figures(TypedDict):
    """The numbers at one instant; perhaps not the latest one, where looking at them takes long."""

    elapsed_ms: float
    thresholds: Sequence[Standing]
    shown: Sequence[Mapping[str, Any]]
    """`{name, type, contains, values}` of each metric that is to be shown."""
    requests: Sequence[Asked]
    more_requests: int
    """Names that are not among those."""
    failures: Sequence[Mapping[str, Any]]
    """The first of each kind of failed connections and broken sessions."""


def threshold_lines(standings: Sequence[Standing], *, width: int, paint: Paint) -> list[str]:
    """A line for each: `✓ ws_req_duration{say} p(95)=12.6ms < 50ms`; what does not hold comes first."""
    ranked = sorted(standings, key=lambda one: one["value"] is None or one["ok"])
    lines: list[str] = []
    for one in ranked:
        mark = NO_FIGURE if one["value"] is None else paint.mark(passed=one["ok"])
        title, stands = metric_title(one["metric"]), _stands(one)
        # The name gives way, and the figure is whole.
        room = max(width - columns(stands) - len("  ✓  "), _NARROWEST_NAME)
        lines.append(f"  {mark} {cut(title, room)} {stands}")
    return lines


def standing_clause(standings: Sequence[Standing]) -> str:
    """All of them in a few words: `✗ 1 of 3 thresholds: known_trend p(95)=189ms ≥ 150ms`."""
    if not standings:
        return ""
    noun = "threshold" if len(standings) == 1 else "thresholds"
    judged = [one for one in standings if one["value"] is not None]
    failing = [one for one in judged if not one["ok"]]
    if failing:
        more = f" (+{len(failing) - 1} more)" if len(failing) > 1 else ""
        first = f"{metric_title(failing[0]['metric'])} {_stands(failing[0])}"
        return f"✗ {len(failing)} of {len(standings)} {noun}: {first}{more}"
    if len(judged) == len(standings):
        return f"✓ {len(standings)} {noun}"
    return f"{NO_FIGURE if not judged else '✓'} {len(judged)} of {len(standings)} {noun}"


def request_lines(requests: Sequence[Asked], *, width: int, paint: Paint) -> list[str]:
    """A table: name, how many, how many a second, the 95th percentile, how many failed."""
    if not requests:
        return []
    has_both = len({one["protocol"] for one in requests}) > 1
    rows: list[tuple[str, list[Cell]]] = []
    for one in requests:
        name = shown_name(one["name"]) or "requests"
        p95, rate = one["p95_ms"], one.get("rate", 0.0)
        cells: list[Cell] = [
            (format_number(one["made"]), paint.value),
            (NO_FIGURE if rate is None else format_rate(rate), paint.value),
            (NO_FIGURE if p95 is None else format_duration(p95), paint.value),
            (format_number(one["failed"]), paint.bad if one["failed"] else str),
        ]
        rows.append((f"{one['protocol']} {name}" if has_both else name, cells))
    return grid_lines(_HEADS, rows, width=width, indent="  ", narrowest=_NARROWEST_NAME)


def shown_lines(shown: Sequence[Mapping[str, Any]], *, width: int, paint: Paint) -> list[str]:
    """A line for each metric, with as many of its figures as there is room for."""
    lines: list[str] = []
    for metric in shown:
        title = cut(metric_title(str(metric["name"])), max(width // 2, _NARROWEST_NAME))
        row = metric_row(title, metric, stats=(), time_unit="")
        line, room = f"  {title}", width - columns(title) - 2
        for key, value in row.cells:
            lead = f"{key}=" if key else ""
            room -= columns(lead + value) + 1
            if room < 0:
                break
            line += f" {lead}{paint.value(value)}"
        lines.append(line)
    return lines


def _stands(one: Standing) -> str:
    return demanded(one) if one["value"] is None else compared(one)


_HEADS = ("requests", "made", "/s", "p95", "failed")
_NARROWEST_NAME = 8
