"""What the terminal says before and during a run.

`render_banner` and `render_plan` are printed once; `render_progress` is drawn again and again in
place by `live`; `render_plain` is its one-line form where nothing can be redrawn. The lines are
k6's, plus what k6 has no place for: thresholds, requests by name, metrics that are to be shown, and
one line of live numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from .bar import ScenarioProgress, percent_text, render_bars
from .figures import Figures, request_lines, shown_lines, standing_clause, threshold_lines
from .fitting import Section, fitted
from .format import format_clock, format_duration, format_number, format_rate
from .text import Paint, join_clauses, printable, shown_name

__all__ = [
    "LiveNumbers",
    "Progress",
    "render_banner",
    "render_plain",
    "render_progress",
]


class LiveNumbers(TypedDict):
    """What the sockets are doing now."""

    open: int
    """Connections open at this moment."""
    received_rate: float
    """Messages per second, lately."""
    sent_rate: float
    connect_p95_ms: float | None
    """None before the first connection."""
    errors: int
    """Failed connections and exceptions since the start."""


class Progress(TypedDict):
    """A snapshot of a running test. Times are milliseconds."""

    elapsed_ms: float
    vus: int
    vus_max: int
    iterations: int
    """Complete ones."""
    interrupted: int
    scenarios: Sequence[ScenarioProgress]
    live: LiveNumbers
    figures: NotRequired[Figures]


def render_banner(
    *,
    version: str,
    script: str,
    outputs: Sequence[str] = (),
    execution: str = "local",
    dashboard: str | None = None,
    color: bool = False,
) -> str:
    """The first lines of a run: name and version, where it runs, what, and where samples go."""
    paint = Paint(color)
    facts = [("execution", execution), ("script", script)]
    if dashboard is not None:
        facts.append(("web dashboard", dashboard))
    facts.append(("output", ", ".join(outputs) or "-"))
    label_width = max(len(label) for label, _ in facts)
    lines = ["", f"  ▁▃█▃▁ k6ws {version}", ""]
    lines += [
        f"  {label.rjust(label_width)}: {paint.value(printable(value))}" for label, value in facts
    ]
    return "\n".join(lines) + "\n"


def render_progress(
    progress: Progress, *, width: int, color: bool, height: int = 1000
) -> list[str]:
    """The block that is redrawn in place: the run, a bar per scenario, thresholds, figures, live numbers.

    Lines that would be longer than `width` break between their clauses, or between words, never inside a
    number; in tables names give way to figures. No more than `height` lines: what goes beyond is named, as in
    `+3 more thresholds`.
    """
    paint = Paint(color)
    figures = progress.get("figures")
    sections = [
        Section(join_clauses(_run_clauses(progress), width=width, indent="    ")),
        Section(render_bars(progress["scenarios"], width=width, paint=paint), "scenario"),
    ]
    if figures is not None:
        requests = request_lines(figures["requests"], width=width, paint=paint)
        more = figures["more_requests"]
        sections += [
            Section(threshold_lines(figures["thresholds"], width=width, paint=paint), "threshold"),
            Section(requests, "name", more, head=1 if requests else 0),
            Section(shown_lines(figures["shown"], width=width, paint=paint), "metric"),
        ]
    live = join_clauses(_live_clauses(progress["live"], paint), width=width, indent="    ")
    return fitted([*sections, Section(live)], height=height)


def render_plain(progress: Progress) -> str:
    """One line for logs and pipes: the run, how thresholds stand, how far each scenario has come."""
    scenarios = [
        f"{shown_name(scenario['name'])} {percent_text(scenario)}"
        for scenario in progress["scenarios"]
    ]
    errors = progress["live"]["errors"]
    told = [f"{format_number(errors)} errors"] if errors else []
    figures = progress.get("figures")
    clause = standing_clause(figures["thresholds"]) if figures is not None else ""
    return ", ".join([*_run_clauses(progress), *told, *scenarios, *([clause] if clause else [])])


def _run_clauses(progress: Progress) -> list[str]:
    vus_max = str(progress["vus_max"])
    return [
        f"running ({format_clock(progress['elapsed_ms'])})",
        f"{progress['vus']:0{len(vus_max)}d}/{vus_max} VUs",
        f"{progress['iterations']} complete and {progress['interrupted']} interrupted iterations",
    ]


def _live_clauses(live: LiveNumbers, paint: Paint) -> list[str]:
    p95 = live["connect_p95_ms"]
    errors = format_number(live["errors"])
    return [
        f"ws: {paint.value(format_number(live['open']))} open",
        f"{paint.value(format_rate(live['received_rate']))} msgs/s in",
        f"{paint.value(format_rate(live['sent_rate']))} msgs/s out",
        f"connect p95 {paint.value('-' if p95 is None else format_duration(p95))}",
        f"errors {paint.bad(errors) if live['errors'] else errors}",
    ]
