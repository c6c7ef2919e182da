"""What a failed test says of its run: short, with the numbers, and with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k6ws._result import Problem, Result, Threshold, problems_of
from k6ws._ui import check_path, compared, each_check, format_value

_SHOWN = 3
"""So many requests are named of a threshold that does not hold."""


def threshold_lines(result: Result, threshold: Threshold) -> list[str]:
    """A threshold that does not hold: value and limit, how far they are apart, and whose doing it is."""
    document = result.to_dict()
    metric: Mapping[str, Any] = document["metrics"][threshold.metric]
    unit = str(document["options"].get("summaryTimeUnit") or "")
    said = compared(vars(threshold), unit)
    lines = [f"{threshold.metric}: {said}"]
    if threshold.no_data:
        lines.append("  hint: nothing was recorded there: is the metric's name or selector right?")
        return lines
    if how_far := _how_far(threshold, metric):
        lines.append(f"  {how_far}")
    lines += [f"  {line}" for line in _whose(result, threshold, metric)]
    return lines


def nothing_worked(document: Mapping[str, Any]) -> list[Problem]:
    """What a run did in which nothing worked; more than that some of it did not."""
    run: Mapping[str, Any] = document["run"]
    scenarios: list[Mapping[str, Any]] = document["scenarios"]
    complete = sum(one["iterations"] for one in scenarios)
    failed = sum(one["failed"] for one in scenarios)
    found: list[Problem] = []
    by_kind = {one.kind: one for one in reversed(problems_of(document))}
    if complete and failed >= complete and run["exceptions"]:
        found.append(
            _first(f"each of {complete} iterations raised", "exception", by_kind.get("exception"))
        )
    refused = sum(one["count"] for one in run["connection_failures"])
    if refused and not _sessions(document["metrics"]):
        found.append(
            _first(
                f"none of {refused} connections was made", "connection", by_kind.get("connection")
            )
        )
    if not complete:
        found.append(_first("no iteration was completed", "missing", by_kind.get("interrupted")))
    return found


def _first(text: str, kind: str, example: Problem | None) -> Problem:
    return Problem(
        kind, f"{text}: {example.text}" if example else text, example.hint if example else ""
    )


def _sessions(metrics: Mapping[str, Any]) -> float:
    """How many connections were made."""

    def count(name: str) -> float:
        return metrics[name]["values"].get("count", 0) if name in metrics else 0

    return count("ws_sessions") - count("ws_connect_failed") + count("tcp_sockets")


def _how_far(threshold: Threshold, metric: Mapping[str, Any]) -> str:
    margin, limit = threshold.margin, threshold.limit
    if margin is None or limit is None or not margin:
        return ""
    contains = str(metric.get("contains", "default"))
    if metric["type"] == "rate":
        contains = "share"
    side = "over" if threshold.operator.startswith("<") else "under"
    share = f" ({abs(margin / limit):.0%})" if limit and contains != "share" else ""
    return f"{format_value(abs(margin), contains)} {side} the limit{share}"


def _whose(result: Result, threshold: Threshold, metric: Mapping[str, Any]) -> Iterator[str]:
    """The requests, or the checks, that a threshold fails by, the worst first."""
    if threshold.metric.partition("{")[0] == "checks":
        failed = [one for one in each_check(result.to_dict()["root_group"]) if one["fails"]]
        for one in sorted(failed, key=lambda one: -one["fails"])[:_SHOWN]:
            total = one["passes"] + one["fails"]
            yield f"check {check_path(one)!r} failed {one['fails']} times of {total}"
        return
    figure = threshold.figure.replace(" ", "")
    series = [
        (_label(tags), figures)
        # Not as the test would ask: that is no look of its own.
        for tags, figures in Result.series(result, threshold.metric)
        if figures.get(figure) is not None
    ]
    is_upper = threshold.operator.startswith("<")
    ranked = sorted(series, key=lambda one: one[1][figure], reverse=is_upper)
    contains = "share" if metric["type"] == "rate" else str(metric.get("contains", "default"))
    for label, figures in ranked[:_SHOWN] if len({label for label, _ in series}) > 1 else ():
        count = figures.get("count") or figures.get("passes", 0) + figures.get("fails", 0)
        samples = f", {_samples(count)}" if count else ""
        yield f"{label}: {figure}={format_value(figures[figure], contains)}{samples}"
    if len(series) == 1:
        [(label, figures)] = series
        middle = figures.get("med")
        count = figures.get("count")
        if count and middle is not None:
            of = f" of {label}" if label else ""
            yield f"{_samples(count)}{of}, med={format_value(middle, contains)}"


def _samples(count: float) -> str:
    return f"{count:g} sample{'' if count == 1 else 's'}"


def _label(tags: Mapping[str, str]) -> str:
    return tags.get("name") or tags.get("url") or tags.get("scenario") or ""
