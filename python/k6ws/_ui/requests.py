"""The block of the summary that has requests by name: how many, how long they took, what failed and of what.

Draws `data["run"]["requests"]`, which has parts of the metrics of requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .format import format_number, format_percent
from .grid import Cell, grid_lines
from .rows import trend_stat
from .text import Paint, columns, fold, plain, shown_name

__all__ = ["request_lines"]


@dataclass(slots=True)
class _Asked:
    """Requests of one name, over one protocol."""

    durations: Mapping[str, Any] = field(default_factory=dict[str, Any])
    made: int = 0
    failed: int = 0
    errors: Mapping[str, int] = field(default_factory=dict[str, int])


def request_lines(
    run: Mapping[str, Any], *, stats: Sequence[str], time_unit: str, width: int, paint: Paint
) -> list[str]:
    """The table, and below a name of which requests failed, of what; nothing where there is no name to tell.

    Args:
        run: the block `run` of the summary's data.
        stats: statistics of a duration, as many as there is room for.
        time_unit: k6's `summaryTimeUnit`.
        width: columns that a line may take.
        paint: colours.
    """
    asked = _by_name(run.get("requests") or {})
    if not asked:
        return []
    has_both = len({protocol for protocol, _ in asked}) > 1
    has_failed = any(one.failed for one in asked.values())
    shown = [one for one in stats if any(one in each.durations for each in asked.values())]
    lines = _table(asked, shown, time_unit, paint, width, has_both=has_both, has_failed=has_failed)
    while shown and max(columns(plain(line)) for line in lines) > width:
        shown.remove(next((one for one in _LEAST_FIRST if one in shown), shown[-1]))
        lines = _table(
            asked, shown, time_unit, paint, width, has_both=has_both, has_failed=has_failed
        )
    head, *rows = lines
    told = ["", head]
    for row, one in zip(rows, asked.values(), strict=True):
        told.append(row)
        if one.errors:
            ranked = sorted(one.errors.items(), key=lambda error: (-error[1], error[0]))
            errors = ", ".join(
                f"{shown_name(name)}: {format_number(count)}" for name, count in ranked
            )
            told += fold(errors, width=width, first=f"{_INDENT}  ↳ ", rest=f"{_INDENT}    ")
    return told


def _table(
    asked: Mapping[tuple[str, str], _Asked],
    stats: Sequence[str],
    time_unit: str,
    paint: Paint,
    width: int,
    *,
    has_both: bool,
    has_failed: bool,
) -> list[str]:
    head = ["request", "made", *(["failed"] if has_failed else []), *stats]
    rows: list[tuple[str, list[Cell]]] = []
    for (protocol, name), one in asked.items():
        title = shown_name(name) or "(no name)"
        cells: list[Cell] = [(format_number(one.made), paint.value)]
        cells += [(_failed(one), paint.bad)] if has_failed else []
        cells += [(_duration(one, stat, time_unit), paint.value) for stat in stats]
        rows.append((f"{protocol} {title}" if has_both else title, cells))
    return grid_lines(head, rows, width=width, indent=_INDENT, narrowest=_NARROWEST_NAME)


def _by_name(parts: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], _Asked]:
    """The parts put together, in their order: the most frequent first."""
    asked: dict[tuple[str, str], _Asked] = {}
    for part, metric in parts.items():
        whole, _, rest = part.partition("{name:")
        one = asked.setdefault((whole.partition("_")[0], rest.removesuffix("}")), _Asked())
        values: Mapping[str, Any] = metric["values"]
        if metric["type"] == "trend":
            one.durations = values
        else:
            one.failed, one.made = values["passes"], values["passes"] + values["fails"]
            one.errors = metric.get("errors") or {}
    return asked


def _failed(one: _Asked) -> str:
    """How many, and which share of all; nothing where none did."""
    if not one.failed:
        return ""
    return f"{format_number(one.failed)} ({format_percent(one.failed / one.made)})"


def _duration(one: _Asked, stat: str, time_unit: str) -> str:
    return trend_stat(one.durations, stat, "time", time_unit)


_INDENT = "    "
_NARROWEST_NAME = 20
# What goes where there is no room for all of them.
_LEAST_FIRST = ("min", "p(90)", "avg", "max", "med")
