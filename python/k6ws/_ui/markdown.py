"""The summary as Markdown, for the page that GitHub shows of a workflow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .format import format_number, format_percent
from .rows import metric_row
from .sections import is_hidden
from .text import printable
from .troubles import ending, headline
from .verdicts import each_check, observed

__all__ = ["render_markdown"]


def render_markdown(data: Mapping[str, Any], *, title: str = "k6ws") -> str:
    """Draw thresholds, checks, metrics and failures as tables.

    Args:
        data: what `handle_summary` receives, with `run`.
        title: of the section, for instance the script.
    """
    run: Mapping[str, Any] = data.get("run") or {}
    lines = [f"## {_safe(title)}", ""]
    for head, rows in (
        (("threshold", "", "observed"), list(_thresholds(data))),
        (("check", "passed", "failed"), list(_checks(data))),
        (("metric", "", ""), list(_metrics(data))),
        (("failure", "times", "", "hint"), list(_failures(run))),
        (("sessions ended", "times"), list(_ends(run))),
    ):
        lines += _table(head, rows)
    notes = [*run.get("warnings", ())]
    if not run.get("trustworthy", True):
        notes += [f"generator saturated: {reason}" for reason in run.get("reasons") or ()]
    lines += [f"> {_safe(str(note))}" for note in notes]
    return "\n".join(lines).rstrip() + "\n"


def _table(head: Sequence[str], rows: list[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    drawn = [" | ".join(map(_safe, row)) for row in rows]
    return [
        f"| {' | '.join(head)} |",
        f"|{' --- |' * len(head)}",
        *[f"| {row} |" for row in drawn],
        "",
    ]


def _thresholds(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    options: Mapping[str, Any] = data.get("options") or {}
    unit = str(options.get("summaryTimeUnit") or "")
    for name in sorted(metrics):
        verdicts: Mapping[str, Any] = metrics[name].get("thresholds") or {}
        for expression, verdict in verdicts.items():
            mark = "✓" if verdict["ok"] else "✗"
            yield f"{name}: {expression}", mark, observed(metrics[name], verdict, expression, unit)


def _checks(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for check in each_check(data.get("root_group") or {}):
        passes, fails = check["passes"], check["fails"]
        share = format_percent(passes / (passes + fails)) if passes + fails else ""
        mark = "✗" if fails else "✓"
        yield f"{mark} {check['name']}", f"{format_number(passes)} ({share})", format_number(fails)


def _metrics(data: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    options: Mapping[str, Any] = data.get("options") or {}
    stats = [str(stat) for stat in options.get("summaryTrendStats") or ()]
    unit = str(options.get("summaryTimeUnit") or "")
    for name in sorted(metrics):
        if not is_hidden(name):
            row = metric_row(name, metrics[name], stats=stats, time_unit=unit)
            cells = [f"{key}={value}" if key else value for key, value in row.cells]
            yield name, cells[0] if cells else "", " ".join(cells[1:])


def _failures(run: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for key in ("exceptions", "connection_failures", "session_failures"):
        for one in run.get(key) or ():
            message = " ".join(filter(None, (one.get("message"), one.get("body"))))
            yield headline(one), format_number(one["count"]), message, str(one.get("hint") or "")


def _ends(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in run.get("session_ends") or ():
        yield ending(one), format_number(one["count"])


def _safe(text: str) -> str:
    """Text that is text, whatever a peer or a script put in it."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", printable(text))
