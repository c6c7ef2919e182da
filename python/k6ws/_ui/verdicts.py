"""The blocks of the summary that say pass or fail: thresholds and checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from .conditions import observed
from .format import format_number
from .rows import Row, plain_row, share_row
from .text import Paint, fold, shown_name, shown_text

__all__ = [
    "check_lines",
    "check_path",
    "check_rows",
    "each_check",
    "threshold_lines",
]


def threshold_lines(
    metrics: Mapping[str, Any], *, time_unit: str, width: int, paint: Paint
) -> list[str]:
    """Every threshold under its metric, sorted by metric: mark, expression, observed value."""
    lines: list[str] = []
    for name in sorted(metrics):
        thresholds: Mapping[str, Any] = metrics[name].get("thresholds") or {}
        if not thresholds:
            continue
        lines += ["", *fold(shown_name(name), width=width, first="    ", rest="      ")]
        for expression, verdict in thresholds.items():
            seen = observed(verdict, time_unit)
            text = f"'{shown_text(expression)}'"
            folded = fold(f"{text} {seen}", width=width, first="    ✓ ", rest="      ")
            folded[0] = folded[0].replace("✓", paint.mark(passed=bool(verdict["ok"])), 1)
            key, _, value = seen.partition("=")
            folded[-1] = _paint_last(folded[-1], key, value, paint)
            lines += folded
    return lines


def check_rows(data: Mapping[str, Any]) -> list[Row]:
    """The totals, or nothing when no check was made."""
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    entries = list(each_check(data.get("root_group") or {}))
    if "checks" in metrics:
        values: Mapping[str, Any] = metrics["checks"]["values"]
        passes, fails = values.get("passes", 0), values.get("fails", 0)
    elif entries:
        passes = sum(entry["passes"] for entry in entries)
        fails = sum(entry["fails"] for entry in entries)
    else:
        return []
    total = passes + fails
    if not total:
        return []
    state: Mapping[str, Any] = data.get("state") or {}
    seconds = float(state.get("testRunDurationMs", 0)) / 1000
    rate = format_number(total / seconds if seconds > 0 else 0)
    rows = [
        plain_row("checks_total", format_number(total), f"{rate}/s"),
        share_row("checks_succeeded", passes / total, passes, total),
    ]
    return [*rows, share_row("checks_failed", fails / total, fails, total)] if fails else rows


def check_lines(root_group: Mapping[str, Any], *, width: int, paint: Paint) -> list[str]:
    """Every check in order of first use; a failing one says how often.

    Checks of different groups that share a name are told apart by their path.
    """
    entries = list(each_check(root_group))
    uses = Counter(str(entry["name"]) for entry in entries)
    lines: list[str] = []
    for entry in entries:
        name = str(entry["name"])
        if uses[name] > 1:
            name = str(entry.get("path", name)).removeprefix("::")
        passes, fails = entry["passes"], entry["fails"]
        folded = fold(shown_name(name), width=width, first="    ✓ ", rest="      ")
        folded[0] = folded[0].replace("✓", paint.mark(passed=not fails), 1)
        lines += folded
        if fails:
            share = int(100 * passes // (passes + fails))
            passed, failed = f"✓ {format_number(passes)}", f"✗ {format_number(fails)}"
            lines.append(f"      ↳ {share:3d}% — {paint.good(passed)} / {paint.bad(failed)}")
    return lines


def each_check(group: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every check of a group and of those in it."""
    yield from group.get("checks") or ()
    for inner in group.get("groups") or ():
        yield from each_check(inner)


def check_path(check: Mapping[str, Any]) -> str:
    """The name of a check behind those of its groups."""
    return str(check.get("path") or check["name"]).removeprefix("::")


def _paint_last(line: str, key: str, value: str, paint: Paint) -> str:
    """Colour the observed value, which ends the line."""
    if not value or not line.endswith(f"{key}={value}"):
        return line
    return line.removesuffix(value) + paint.value(value)
