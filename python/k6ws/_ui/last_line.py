"""The last line of a run: whether it passed, by which figure, what else went wrong, whether to believe it.

`PASSED ws_req_duration{say} p(95)=12.6ms < 50ms · trustworthy · report.html`: clauses between dots,
one line however long, so that `tail -1` has all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .conditions import compared
from .format import format_number
from .text import Paint, metric_title, printable, shown_text
from .troubles import headline
from .verdicts import each_check

__all__ = ["render_verdict"]


def render_verdict(
    data: Mapping[str, Any],
    *,
    color: bool,
    exit_code: int | None = None,
    missing: str = "",
    report: str | None = None,
) -> str:
    """One line, without a line end.

    Args:
        data: what `handle_summary` receives, with `run`.
        color: whether to use ANSI colours.
        exit_code: what the process ends with, where that is not the run's own.
        missing: what is not there of files or of the run, as a clause.
        report: the file to open next.
    """
    paint = Paint(color)
    run: Mapping[str, Any] = data.get("run") or {}
    code = run.get("exit_code", 0) if exit_code is None else exit_code
    clauses = [
        *_ending(code, run, missing),
        *_judged(data, code),
        *_troubles(run),
        _trust(run),
        *([printable(report)] if report else []),
    ]
    word = paint.bad("FAILED") if code else paint.good("PASSED")
    return f"{word} {' · '.join(clauses)}"


def _ending(code: int, run: Mapping[str, Any], missing: str) -> Iterator[str]:
    """What ended the run, if that was not its plan, and what is missing."""
    if code == _EXCEPTION and run.get("exceptions"):
        kinds: Sequence[Mapping[str, Any]] = run["exceptions"]
        more = f" (+{len(kinds) - 1} more)" if len(kinds) > 1 else ""
        yield f"ended by {headline(kinds[0])}{more}"
    elif code not in {0, _THRESHOLDS, _GENERIC}:
        said = shown_text(str(run.get("end_message") or ""))
        yield _ENDINGS.get(code, f"exit code {code}") + (f": {said}" if said else "")
    if missing:
        yield printable(missing)
    elif code == _GENERIC:
        yield "not everything could be written"


def _judged(data: Mapping[str, Any], code: int) -> Iterator[str]:
    """The threshold that says most; without any, how many checks or iterations there were."""
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    judged: list[tuple[str, Mapping[str, Any]]] = [
        (name, verdict) for name in sorted(metrics) for verdict in _thresholds_of(metrics[name])
    ]
    failed = [one for one in judged if not one[1]["ok"]]
    # What ended a run otherwise says more than a threshold that held until then.
    if shown := failed or (judged if not code else []):
        name, verdict = min(shown, key=lambda one: _weight(metrics[one[0]], one[1]))
        options: Mapping[str, Any] = data.get("options") or {}
        unit = str(options.get("summaryTimeUnit") or "")
        more = f" (+{len(shown) - 1} more)" if len(shown) > 1 else ""
        yield f"{metric_title(name)} {compared(verdict, unit)}{more}"
    elif not judged:
        yield _counted(data, metrics)


def _thresholds_of(metric: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    thresholds: Mapping[str, Mapping[str, Any]] = metric.get("thresholds") or {}
    return thresholds.values()


def _weight(metric: Mapping[str, Any], verdict: Mapping[str, Any]) -> int:
    """A time says more than a count, and either more than that there was nothing."""
    if verdict.get("value") is None:
        return 2
    return 0 if metric.get("contains") == "time" else 1


def _counted(data: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    checks = list(each_check(data.get("root_group") or {}))
    passes = sum(check["passes"] for check in checks)
    total = passes + sum(check["fails"] for check in checks)
    if total:
        return f"checks {format_number(passes)} of {format_number(total)}"
    iterations = metrics["iterations"]["values"]["count"] if "iterations" in metrics else 0
    return _many(iterations, "complete iteration")


def _troubles(run: Mapping[str, Any]) -> Iterator[str]:
    """What went wrong without ending the run."""
    for key, noun in _TROUBLES.items():
        entries: Sequence[Mapping[str, Any]] = run.get(key) or ()
        if count := sum(entry["count"] for entry in entries):
            yield _many(count, noun)
    for key, noun in _LEFT.items():
        if count := run.get(key) or 0:
            yield _many(count, noun)


def _trust(run: Mapping[str, Any]) -> str:
    if run.get("trustworthy", True):
        return "trustworthy"
    reasons: Sequence[str] = run.get("reasons") or ()
    # Behind the semicolon stands what helps; the block above has it.
    first = shown_text(reasons[0]).partition("; ")[0] if reasons else ""
    return f"not trustworthy: {first}" if first else "not trustworthy"


def _many(count: float, noun: str) -> str:
    return f"{format_number(count)} {noun}{'' if count == 1 else 's'}"


# Exit codes, as `docs/reference/exit-codes.md` has them.
_THRESHOLDS = 99
_EXCEPTION = 107
_GENERIC = 255
_ENDINGS = {
    100: "setup() took too long",
    101: "teardown() took too long",
    103: "stopped by the REST API",
    105: "interrupted by a signal",
    _EXCEPTION: "ended by an exception",
    108: "aborted by the script",
    109: "a handler could not be stopped",
    110: "marked as failed by the script",
    112: "the numbers are not the target's",
    113: "not all went well",
}
_TROUBLES = {
    "exceptions": "exception",
    "connection_failures": "failed connection",
    "session_failures": "broken session",
}
_LEFT = {"iterations_interrupted": "interrupted iteration", "samples_lost": "lost sample"}
