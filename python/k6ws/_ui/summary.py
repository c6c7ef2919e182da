"""The end-of-test summary: `handle_summary` data to text.

Composes the blocks in k6's order and shape; the blocks themselves are drawn by `verdicts`, `rows`
and `troubles`. Differs from k6 on purpose: a script's own metric is never hidden or moved by its
prefix, TCP has a section, errors are listed, and a run whose generator was the limit says so in its
last line.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from .parts import part_lines
from .requests import request_lines
from .rows import Row, label_columns, metric_row, render_rows
from .sections import SECTIONS, is_hidden, parent_name, section_of, tags_of
from .silence import is_silent
from .text import Paint, shown_name
from .troubles import end_lines, error_lines, left_over_rows, untaken_lines, verdict_lines
from .verdicts import check_lines, check_rows, threshold_lines

__all__ = ["render_summary"]


def render_summary(data: Mapping[str, Any], *, width: int, color: bool) -> str:
    """Draw k6's summary: the compact one, or the full one if `data["run"]` has a `breakdown`.

    Args:
        data: what `handle_summary` receives: `metrics`, `root_group`, `options`, `state`, and
            optionally `run` with exceptions, connection failures, ends of sessions, left-overs,
            warnings and the verdict on the generator. A threshold may carry the observed `value`;
            `None` there reads `no data`.
        width: columns to stay within; only a single number or word that is wider may stick out.
        color: whether to use ANSI colours.

    Returns:
        The text, starting with an empty line and ending with a line end.
    """
    paint = Paint(color)
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    run: Mapping[str, Any] = data.get("run") or {}
    options: Mapping[str, Any] = data.get("options") or {}
    time_unit = str(options.get("summaryTimeUnit") or "")

    lines: list[str] = []
    thresholds = threshold_lines(metrics, time_unit=time_unit, width=width, paint=paint)
    if thresholds:
        lines += ["", "  █ THRESHOLDS", *thresholds, ""]
    lines += ["", "  █ TOTAL RESULTS", *_result_lines(data, width=width, paint=paint)]
    if run.get("breakdown"):
        draw = partial(_draw, paint=paint)
        lines += part_lines(data, width=width, paint=paint, draw=draw)
    requests = request_lines(
        run,
        stats=[str(stat) for stat in options.get("summaryTrendStats") or ()],
        time_unit=time_unit,
        width=width,
        paint=paint,
    )
    if requests:
        lines += ["", "", "  █ REQUESTS BY NAME", *requests]
    untaken = untaken_lines(metrics, width=width, paint=paint)
    if untaken:
        lines += ["", "", "  █ MESSAGES THAT NOBODY TOOK", *untaken]
    ends = end_lines(run, width=width, paint=paint)
    if ends:
        lines += ["", "", "  █ HOW SESSIONS ENDED", *ends]
    errors = error_lines(run, width=width, paint=paint)
    if errors:
        lines += ["", "", "  █ ERRORS", *errors]
    verdict = verdict_lines(run, width=width, paint=paint)
    if verdict:
        lines += ["", *verdict]
    return "\n".join(lines) + "\n"


def _draw(data: Mapping[str, Any], width: int, *, paint: Paint) -> list[str]:
    return _result_lines(data, width=width, paint=paint)


def _result_lines(data: Mapping[str, Any], *, width: int, paint: Paint) -> list[str]:
    """The checks block and the metric sections, all with their dots in one line."""
    totals = check_rows(data)
    sections = _section_rows(data)
    every_row = [*totals, *(row for rows in sections.values() for row in rows)]
    if not every_row:
        return ["", "    no samples were recorded"]
    label_width = label_columns(every_row, width=width)

    lines: list[str] = []
    if totals:
        lines += ["", *render_rows(totals, width=width, label_width=label_width, paint=paint)]
        checks = check_lines(data.get("root_group") or {}, width=width, paint=paint)
        lines += ["", *checks] if checks else []
    for section in SECTIONS:
        rows = sections[section]
        if rows:
            drawn = render_rows(rows, width=width, label_width=label_width, paint=paint)
            lines += ["", f"    {section}", *drawn]
    return lines


def _section_rows(data: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Rows by section, sorted by name, each submetric below its metric."""
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    options: Mapping[str, Any] = data.get("options") or {}
    stats = [str(stat) for stat in options.get("summaryTrendStats") or ()]
    time_unit = str(options.get("summaryTimeUnit") or "")

    named: dict[str, list[tuple[str, Row]]] = {section: [] for section in SECTIONS}
    run: Mapping[str, Any] = data.get("run") or {}
    is_compact = not run.get("breakdown")
    for name, metric in metrics.items():
        if not (is_hidden(name) or is_silent(name, metric, is_compact=is_compact)):
            label = _label(name, has_parent=parent_name(name) in metrics)
            row = metric_row(label, metric, stats=stats, time_unit=time_unit)
            named[section_of(name)].append((name, row))
    for row in left_over_rows(run):
        named["EXECUTION"].append((row.label, row))
    return {
        section: [row for _, row in sorted(rows, key=lambda entry: _order(entry[0]))]
        for section, rows in named.items()
    }


def _label(name: str, *, has_parent: bool) -> str:
    tags = tags_of(name)
    return shown_name(name) if tags is None or not has_parent else f"  {{ {shown_name(tags)} }}"


def _order(name: str) -> tuple[str, str]:
    return parent_name(name), tags_of(name) or ""
