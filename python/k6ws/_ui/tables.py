"""The summary as tables of plain texts: what Markdown and HTML have in common.

A cell can be shown as it is, on one line; whoever draws it escapes what is more than text where it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .conditions import observed
from .format import format_number, format_percent
from .rows import metric_row
from .sections import is_hidden
from .text import shown_name, shown_text
from .troubles import ending, headline
from .verdicts import check_path, each_check

__all__ = ["Table", "notes", "scenarios_of", "tables"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head, with as many cells each."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


def tables(data: Mapping[str, Any]) -> list[Table]:
    """Those that have anything in them: thresholds, checks, scenarios, metrics, failures, ends.

    Args:
        data: what `handle_summary` receives, with `run`; or a document.
    """
    run: Mapping[str, Any] = data.get("run") or {}
    return [
        Table(head, rows)
        for head, rows in (
            (("threshold", "", "observed"), list(_thresholds(data))),
            (("check", "passed", "failed"), list(_checks(data))),
            (_SCENARIOS, list(_scenarios(data))),
            (("metric", "", ""), list(_metrics(data))),
            (("failure", "times", "", "hint"), list(_failures(run))),
            (("sessions ended", "times"), list(_ends(run))),
        )
        if rows
    ]


def notes(data: Mapping[str, Any]) -> list[str]:
    """What is to be read beside the figures: warnings, and why they are not to be believed."""
    run: Mapping[str, Any] = data.get("run") or {}
    found = [str(warning) for warning in run.get("warnings") or ()]
    if not run.get("trustworthy", True):
        found += [f"generator saturated: {reason}" for reason in run.get("reasons") or ()]
    return [shown_text(one) for one in found]


def scenarios_of(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The scenarios, with what became of their iterations: a document has them by themselves."""
    run: Mapping[str, Any] = data.get("run") or {}
    return data.get("scenarios") or run.get("scenarios") or ()


def _thresholds(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    options: Mapping[str, Any] = data.get("options") or {}
    unit = str(options.get("summaryTimeUnit") or "")
    for name in sorted(metrics):
        verdicts: Mapping[str, Any] = metrics[name].get("thresholds") or {}
        for expression, verdict in verdicts.items():
            mark = "✓" if verdict["ok"] else "✗"
            title = f"{shown_name(name)}: {shown_text(expression)}"
            yield title, mark, observed(verdict, unit)


def _checks(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for check in each_check(data.get("root_group") or {}):
        passes, fails = check["passes"], check["fails"]
        share = format_percent(passes / (passes + fails)) if passes + fails else ""
        mark = "✗" if fails else "✓"
        yield (
            f"{mark} {shown_name(check_path(check))}",
            f"{format_number(passes)} ({share})",
            format_number(fails),
        )


def _scenarios(data: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    # One that is all there is has the figures of the whole, unless something became of its iterations.
    scenarios = scenarios_of(data)
    for one in scenarios:
        counts = [one.get(key, 0) for key in _SCENARIOS[1:]]
        if len(scenarios) > 1 or any(counts[1:]):
            yield shown_name(str(one["name"])), *map(format_number, counts)


def _metrics(data: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    run: Mapping[str, Any] = data.get("run") or {}
    metrics: Mapping[str, Any] = {**(run.get("requests") or {}), **(data.get("metrics") or {})}
    options: Mapping[str, Any] = data.get("options") or {}
    stats = [str(stat) for stat in options.get("summaryTrendStats") or ()]
    unit = str(options.get("summaryTimeUnit") or "")
    for name in sorted(metrics):
        if not is_hidden(name):
            row = metric_row(name, metrics[name], stats=stats, time_unit=unit)
            cells = [f"{key}={value}" if key else value for key, value in row.cells]
            yield shown_name(name), cells[0] if cells else "", " ".join(cells[1:])


def _failures(run: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for key in ("exceptions", "connection_failures", "session_failures"):
        for one in run.get(key) or ():
            said = " ".join(filter(None, (one.get("message"), one.get("body"))))
            hint = shown_text(str(one.get("hint") or ""))
            yield headline(one), format_number(one["count"]), shown_text(said), hint


def _ends(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in run.get("session_ends") or ():
        yield ending(one), format_number(one["count"])


_SCENARIOS = ("scenario", "iterations", "failed", "interrupted", "dropped")
