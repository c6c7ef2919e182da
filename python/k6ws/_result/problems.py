"""What was not in order about a run: more than its exit code asks for, which is k6's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from k6ws._ui import check_path, each_check, headline, observed, shown_name, shown_text
from k6ws.errors import RunNotOk

_SHOWN = 5
"""So many of one kind are told; the others are counted."""
_ENDED = {
    100: "setup took too long",
    101: "teardown took too long",
    103: "the REST API stopped the run",
    105: "a signal stopped the run",
    107: "the script failed: a stage raised, or a scenario has no VU left",
    108: "the script aborted the run",
    109: "a handler could not be stopped, and the run ended without it",
    110: "the script marked the run as failed",
    111: "a worker was lost",
    255: "something of the run could not be written",
}


@dataclass(frozen=True)
class Problem:
    """One thing that was not in order."""

    kind: str
    """``ended``, ``exception``, ``connection``, ``session``, ``interrupted``, ``missing``, ``threshold``,
    ``check`` or ``untrustworthy``."""
    text: str
    """What, with its numbers."""
    hint: str = ""
    """What to do about it, where that is known."""

    def __str__(self) -> str:
        return f"{self.text}\n  hint: {self.hint}" if self.hint else self.text


def problems_of(document: Mapping[str, Any]) -> list[Problem]:
    """Everything that was not in order, the gravest first; empty when all went well.

    Args:
        document: That of ``Result.to_dict()``.
    """
    run: Mapping[str, Any] = document["run"]
    found: list[Problem] = []
    ended = _ENDED.get(document["exit_code"])
    if ended:
        said = shown_text(str(run.get("end_message") or ""))
        why = f" ({said})" if said else ""
        found.append(Problem("ended", f"{ended}{why}: exit code {document['exit_code']}"))
    found += _counted("exception", "exceptions", run["exceptions"])
    found += _counted("connection", "connections that were not made", run["connection_failures"])
    found += _counted("session", "sessions that broke", run["session_failures"])
    found += _interrupted(run)
    found += _first(_missing(document["scenarios"]), "missing")
    found += _first(_thresholds(document), "threshold")
    found += _first(_checks(document["root_group"]), "check")
    found += [Problem("untrustworthy", shown_text(reason)) for reason in run["reasons"]]
    return found


def raise_for(problems: Sequence[Problem]) -> None:
    """Raise if there are any.

    Raises:
        RunNotOk: There are; it names them, with hints.
    """
    __tracebackhide__ = True  # of pytest: it shows the line of the test
    if problems:
        told = [str(one) for one in problems]
        raise RunNotOk("\n  ".join(["the run is not ok:", *listed(told)]), problems=told)


def listed(told: Iterable[str]) -> list[str]:
    """What is told, as the lines of a list."""
    return [line for one in told for line in f"- {one}".splitlines()]


def _counted(kind: str, what: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    ranked = sorted(entries, key=lambda entry: -entry["count"])
    for entry in ranked[:_SHOWN]:
        message = f": {_lines(entry['message'])}" if entry["message"] else ""
        yield Problem(kind, f"{entry['count']} × {headline(entry)}{message}", _lines(entry["hint"]))
    rest = sum(entry["count"] for entry in ranked[_SHOWN:])
    if rest:
        yield Problem(kind, f"{rest} more {what}, of other kinds")


def _lines(text: str) -> str:
    """A text of several lines, each without anything that could drive the terminal."""
    return "\n".join(map(shown_text, text.splitlines()))


def _first(problems: Iterable[Problem], kind: str) -> list[Problem]:
    found = list(problems)
    more = len(found) - _SHOWN
    return [*found[:_SHOWN], Problem(kind, f"{more} more of this kind")] if more > 0 else found


def _interrupted(run: Mapping[str, Any]) -> Iterator[Problem]:
    count = run["iterations_interrupted"]
    if count:
        # Where no line of the script opened them, there is none to be told.
        found = [shown_text(one["where"]) for one in run["left_open"]]
        places = [place for place in found if place][:_SHOWN]
        hint = "give them time: gracefulStop, gracefulRampDown, maxDuration"
        if places:
            hint = f"close the sockets opened at {', '.join(places)}, or {hint}"
        yield Problem("interrupted", f"{count} iterations were interrupted", hint)


def _missing(scenarios: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    for one in scenarios:
        name = shown_name(one["name"])
        if one["dropped"]:
            yield Problem(
                "missing",
                f"{one['dropped']} iterations of scenario {name} never began",
                "more VUs (maxVUs), a lower rate or a longer maxDuration",
            )
        elif not one["iterations"] and not one["interrupted"]:
            yield Problem("missing", f"scenario {name} completed no iteration")


def _thresholds(document: Mapping[str, Any]) -> Iterator[Problem]:
    unit = str(document["options"].get("summaryTimeUnit") or "")
    for one in document["thresholds"]:
        if not one["ok"]:
            what = f"{shown_name(one['metric'])}: {shown_text(one['expression'])}"
            hint = ""
            if one["no_data"]:
                hint = "nothing was recorded there: is the metric's name or selector right?"
            elif one["undecided"]:
                hint = "k6ws report of one file judges it for that process"
            yield Problem("threshold", f"{what} does not hold: {observed(one, unit)}", hint)


def _checks(group: Mapping[str, Any]) -> Iterator[Problem]:
    for one in each_check(group):
        if one["fails"]:
            total = one["passes"] + one["fails"]
            yield Problem(
                "check", f"check {shown_name(check_path(one))}: {one['fails']} of {total} failed"
            )
