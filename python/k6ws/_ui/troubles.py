"""The blocks k6 has no place for: what went wrong, and whether to believe the numbers.

Draws `data["run"]`. Texts in it may come from the peer or from an exception, so each is made
printable here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .format import format_number
from .rows import Row, plain_row
from .text import Paint, fold, shown_name, shown_text

__all__ = [
    "end_lines",
    "ending",
    "error_lines",
    "headline",
    "left_over_rows",
    "untaken_lines",
    "verdict_lines",
]


def error_lines(run: Mapping[str, Any], *, width: int, paint: Paint) -> list[str]:
    """What raised, what did not connect and what broke, each kind with its total, most frequent first."""
    lines: list[str] = []
    for title, key in (
        ("exceptions", "exceptions"),
        ("connection failures", "connection_failures"),
        ("broken sessions", "session_failures"),
    ):
        entries: Sequence[Mapping[str, Any]] = run.get(key) or ()
        if entries:
            total = format_number(sum(entry["count"] for entry in entries))
            lines += ["", f"    {title}: {paint.bad(total)}"]
            lines += _counted(entries, headline, _details, width=width, paint=paint)
    return lines


def end_lines(run: Mapping[str, Any], *, width: int, paint: Paint) -> list[str]:
    """How sessions ended that did not end in order: how often, code, by whom, reason."""
    entries: Sequence[Mapping[str, Any]] = run.get("session_ends") or ()
    lines = _counted(entries, ending, lambda _entry: (), width=width, paint=paint)
    return ["", *lines] if lines else []


def untaken_lines(metrics: Mapping[str, Any], *, width: int, paint: Paint) -> list[str]:
    """Messages that came and that nobody took, with what would take them."""
    entries = [
        {"title": f"{title} ({name})", "hint": hint, "count": metrics[name]["values"]["count"]}
        for name, (title, hint) in _UNTAKEN.items()
        if name in metrics and metrics[name]["values"]["count"]
    ]
    lines = _counted(entries, lambda entry: entry["title"], _details, width=width, paint=paint)
    return ["", *lines] if lines else []


def _counted(
    entries: Sequence[Mapping[str, Any]],
    title: Callable[[Mapping[str, Any]], str],
    details: Callable[[Mapping[str, Any]], Iterable[str]],
    *,
    width: int,
    paint: Paint,
) -> list[str]:
    """Each entry with its count in front, most frequent first, and what is known of it below."""
    ranked = sorted(entries, key=lambda entry: (-entry["count"], title(entry)))
    counts = [format_number(entry["count"]) for entry in ranked]
    lines: list[str] = []
    for entry, count in zip(ranked, counts, strict=True):
        lead = "      " + count.rjust(max(map(len, counts)))
        margin = " " * len(lead) + "  "
        head = fold(title(entry), width=width, first=f"{lead}  ", rest=margin)
        head[0] = head[0].replace(count, paint.bad(count), 1)
        lines += head
        for detail in details(entry):
            lines += fold(detail, width=width, first=margin, rest=margin)
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
    for left in run.get("left_open") or ():
        folded = fold(_left_open(left), width=width, first="  ! ", rest="    ")
        lines += [paint.warning(line) for line in folded]
    for warning in run.get("warnings") or ():
        folded = fold(shown_text(warning), width=width, first="  ! ", rest="    ")
        lines += [paint.warning(line) for line in folded]
    if not run.get("trustworthy", True):
        reasons = "; ".join(shown_text(reason) for reason in run.get("reasons") or ())
        text = f"generator saturated: {reasons or 'times include its own delay'}"
        folded = fold(text, width=width, first="  ! ", rest="    ")
        lines += [paint.bad(line) for line in folded]
    return lines


def headline(entry: Mapping[str, Any]) -> str:
    """`handshake_status 403`, `dns`, `ValueError at script.py:7`."""
    if "cause" in entry:
        status = entry.get("status")
        cause = shown_name(str(entry["cause"]))
        return f"{cause} {status}" if status else cause
    where = shown_name(str(entry.get("where", "")))
    kind = shown_name(str(entry["type"]))
    return f"{kind} at {where}" if where else kind


def _details(entry: Mapping[str, Any]) -> Iterator[str]:
    for lead, key in (("", "message"), ("the server said: ", "body"), ("hint: ", "hint")):
        text = shown_text(str(entry.get(key) or ""))
        if text:
            yield lead + text


def ending(entry: Mapping[str, Any]) -> str:
    """`4001 by the server: unauthorized`, `1006 (abnormal closure), the connection broke: unexpected EOF`."""
    if entry.get("code") is None:
        return "in further ways"
    name = f" ({entry['name']})" if entry.get("name") else ""
    reason = entry.get("reason")
    why = ", various reasons" if reason is None else f": {reason}" if reason else ""
    by = _BY.get(str(entry.get("by")), "")
    return shown_text(f"{entry['code']}{name}{by}{why}")


def _left_open(entry: Mapping[str, Any]) -> str:
    """`2 iterations ended only because they were cut: sockets still open at hang.py:6`."""
    count, where = entry["count"], shown_name(str(entry.get("where") or ""))
    noun = "iteration" if count == 1 else "iterations"
    pronoun = "it was" if count == 1 else "they were"
    place = f" at {where}" if where else ""
    return f"{count} {noun} ended only because {pronoun} cut: sockets still open{place}"


_NO_HANDLER = (
    "came, and there was no handler, request, rule or recv for them",
    'socket.on("message", …) takes text, "binaryMessage" binary; ignore(…) says that they are not wanted',
)
_UNTAKEN = {
    "ws_msgs_unhandled": _NO_HANDLER,
    "tcp_msgs_unhandled": (
        "came, and there was no request, rule or recv for them",
        "recv, request or a rule takes them; ignore(…) says that they are not wanted",
    ),
    "ws_msgs_dropped": (
        "came after the script had closed its session, or while its VU was cut",
        "close when the last one that is wanted has come",
    ),
}
_BY = {"server": " by the server", "us": " by us", "nobody": ", the connection broke"}
