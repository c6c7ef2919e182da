"""Runs for the tests that look at metrics and tags: one VU, one iteration, nothing forgiven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import k6ws
from k6ws import ws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STATE: dict[str, Any] = {
    "throw": True,
    "user_agent": "TestUserAgent",
    "system_tags": ["url", "proto", "status", "subproto"],
}
"""The options under which the parity items are stated."""

SESSION_METRICS = ("ws_sessions", "ws_connecting", "ws_session_duration")


def run_once(function: Callable[[], object], **options: Any) -> k6ws.Result:
    """Run one iteration; an exception or a failed assertion in it fails the test."""
    wanted: dict[str, Any] = {"vus": 1, "iterations": 1, **options}
    result = k6ws.run(function, **wanted)
    assert [(e.type, e.message) for e in result.exceptions] == []
    assert result.exit_code == 0
    return result


def session_in_run(
    url: str,
    session: Callable[[ws.Socket], object],
    params: Mapping[str, Any] | None = None,
    **options: Any,
) -> tuple[ws.Response, k6ws.Result]:
    """One session as the only content of a run; `options` are the run's, on top of `STATE`."""
    responses: list[ws.Response] = []
    given: Any = dict(params or {})
    result = run_once(
        lambda: responses.append(ws.connect(url, given, session)),
        **{**STATE, **options},
    )
    assert len(responses) == 1
    return responses[0], result


def total(result: k6ws.Result, metric: str, **tags: str) -> float:
    """How many samples of a metric carry these tags; for a counter, their sum."""
    return sum(
        values["count"]
        for series_tags, values in result.series(metric)
        if tags.items() <= series_tags.items()
    )


def assert_session_metrics(
    result: k6ws.Result, url: str, *, status: str = "101", subproto: str = ""
) -> None:
    """A session with `url` was measured, and whatever is tagged with it has these tags."""
    seen = {metric for metric in SESSION_METRICS if total(result, metric, url=url) >= 1}
    assert seen == set(SESSION_METRICS)
    for metric in result.metrics:
        for tags, _ in result.series(metric):
            if tags.get("url") == url:
                assert (metric, tags["status"], tags["subproto"], tags.get("group", "")) == (
                    metric,
                    status,
                    subproto,
                    "",
                )
