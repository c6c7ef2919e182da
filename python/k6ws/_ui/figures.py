"""The numbers of a run while it lasts, as lines: thresholds, requests by name, metrics that are to be shown.

Draws the part `figures` of a progress. Each function gives blocks, which are never torn apart: the
one who draws leaves out whole ones where there is no room, and names how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from .conditions import compared, demanded
from .format import NO_FIGURE, format_duration, format_number, format_rate
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
    """How a threshold stands now."""

    metric: str
    type: str
    contains: str
    expression: str
    ok: bool
    value: float | None
    """The figure that was compared; none before there is data."""


class Asked(TypedDict):
    """Requests of one name."""

    protocol: str
    """`ws` or `tcp`."""
    name: str
    made: int
    failed: int
    p95_ms: float | None
    rate: NotRequired[float]
    """How many in a second, lately."""


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
        lines.append(f"  {mark} {_cut(_standing(one), width - 4)}")
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
        return f"✗ {len(failing)} of {len(standings)} {noun}: {_standing(failing[0])}{more}"
    if len(judged) == len(standings):
        return f"✓ {len(standings)} {noun}"
    return f"{NO_FIGURE if not judged else '✓'} {len(judged)} of {len(standings)} {noun}"


def request_lines(requests: Sequence[Asked], *, width: int, paint: Paint) -> list[str]:
    """A table: name, how many, how many a second, the 95th percentile, how many failed."""
    if not requests:
        return []
    has_both = len({one["protocol"] for one in requests}) > 1
    table: list[tuple[str, ...]] = [("requests", *_HEADS)]
    for one in requests:
        name = shown_name(one["name"]) or "requests"
        p95 = one["p95_ms"]
        table.append(
            (
                f"{one['protocol']} {name}" if has_both else name,
                format_number(one["made"]),
                format_rate(one.get("rate", 0.0)),
                NO_FIGURE if p95 is None else format_duration(p95),
                format_number(one["failed"]),
            )
        )
    widths = [max(len(row[place]) for row in table) for place in range(1, len(_HEADS) + 1)]
    room = max(width - sum(widths) - 2 * len(widths) - 2, _NARROWEST_NAME)
    name_width = min(max(columns(row[0]) for row in table), room)
    lines: list[str] = []
    for number, (name, *cells) in enumerate(table):
        shown = _cut(name, name_width)
        padding = " " * (name_width - columns(shown))
        texts = [cell.rjust(wide) for cell, wide in zip(cells, widths, strict=True)]
        if number:
            texts = [paint.value(text) for text in texts[:-1]] + texts[-1:]
            if cells[-1] != "0":
                texts[-1] = paint.bad(texts[-1])
        lines.append(f"  {shown}{padding}  {'  '.join(texts)}")
    return lines


def shown_lines(shown: Sequence[Mapping[str, Any]], *, width: int, paint: Paint) -> list[str]:
    """A line for each metric, with as many of its figures as there is room for."""
    lines: list[str] = []
    for metric in shown:
        title = _cut(metric_title(str(metric["name"])), max(width // 2, _NARROWEST_NAME))
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


def _standing(one: Standing) -> str:
    title = metric_title(one["metric"])
    if one["value"] is None:
        return f"{title} {demanded(one, one['expression'])}"
    return f"{title} {compared(one, one['expression'], one)}"


def _cut(text: str, width: int) -> str:
    """The text, or as much of it as fits; of a threshold the name gives way, and the figure is whole."""
    if columns(text) <= width:
        return text
    name, space, rest = text.partition(" ")
    if not any(char in rest for char in "=<>≤≥≠"):
        name, space, rest = text, "", ""
    room = max(width - columns(space + rest) - 1, _NARROWEST_NAME)
    while columns(name) > room:
        name = name[:-1]
    return f"{name}…{space}{rest}"


_HEADS = ("made", "/s", "p95", "failed")
_NARROWEST_NAME = 8
