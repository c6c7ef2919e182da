"""The blocks k6 has no place for: what went wrong, and whether to believe the numbers.

Draws `data["run"]`. Texts in it may come from the peer or from an exception, so each is made
printable here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .format import format_number
from .rows import Row, plain_row
from .text import Paint, fold, printable

__all__ = ["error_lines", "left_over_rows", "verdict_lines"]


def error_lines(run: Mapping[str, Any], *, width: int, paint: Paint) -> list[str]:
    """What raised, what did not connect and what broke, each kind with its total, most frequent first."""
    exceptions: Sequence[Mapping[str, Any]] = run.get("exceptions") or ()
    failures: Sequence[Mapping[str, Any]] = run.get("connection_failures") or ()
    breaks: Sequence[Mapping[str, Any]] = run.get("session_failures") or ()
    lines: list[str] = []
    for title, entries in (
        ("exceptions", exceptions),
        ("connection failures", failures),
        ("broken sessions", breaks),
    ):
        if not entries:
            continue
        ranked = sorted(entries, key=lambda entry: (-entry["count"], _headline(entry)))
        counts = [format_number(entry["count"]) for entry in ranked]
        total = format_number(sum(entry["count"] for entry in entries))
        lines += ["", f"    {title}: {paint.bad(total)}"]
        for entry, count in zip(ranked, counts, strict=True):
            lead = "      " + count.rjust(max(map(len, counts)))
            margin = " " * len(lead) + "  "
            head = fold(_headline(entry), width=width, first=f"{lead}  ", rest=margin)
            head[0] = head[0].replace(count, paint.bad(count), 1)
            lines += head
            message = printable(str(entry.get("message", "")))
            if message:
                lines += fold(message, width=width, first=margin, rest=margin)
    return lines


def left_over_rows(run: Mapping[str, Any]) -> list[Row]:
    """Rows for EXECUTION: what was cut off at the end or lost on its way to an output, if anything was."""
    return [
        plain_row(label, format_number(run[label]))
        for label in ("iterations_interrupted", "vus_leaked", "tasks_left_behind", "samples_lost")
        if run.get(label)
    ]


def verdict_lines(run: Mapping[str, Any], *, width: int, paint: Paint) -> list[str]:
    """Warnings, and last the line that says the generator was the limit."""
    lines: list[str] = []
    for warning in run.get("warnings") or ():
        folded = fold(printable(warning), width=width, first="  ! ", rest="    ")
        lines += [paint.warning(line) for line in folded]
    if not run.get("trustworthy", True):
        reasons = "; ".join(printable(reason) for reason in run.get("reasons") or ())
        text = f"generator saturated: {reasons or 'times include its own delay'}"
        folded = fold(text, width=width, first="  ! ", rest="    ")
        lines += [paint.bad(line) for line in folded]
    return lines


def _headline(entry: Mapping[str, Any]) -> str:
    if "cause" in entry:
        return printable(str(entry["cause"]))
    where = printable(str(entry.get("where", "")))
    kind = printable(str(entry["type"]))
    return f"{kind} at {where}" if where else kind
