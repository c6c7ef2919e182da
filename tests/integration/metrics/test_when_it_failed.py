"""What went wrong says when it did so first, and when last."""

from __future__ import annotations

import time

import k6ws
from k6ws import ws

# The core dates by a clock that is not set meanwhile, this test by one that may be set a little.
SLACK_MS = 250


def now_ms() -> float:
    return time.time() * 1000


def nothing(_: ws.Socket) -> None:
    """A session that is never reached."""


def test_connections_that_were_not_made_say_when() -> None:
    began: list[float] = []
    ended: list[float] = []

    def default() -> None:
        began.append(now_ms())
        ws.connect("http://127.0.0.1/", nothing)
        ended.append(now_ms())
        k6ws.sleep("300ms")

    [failure] = k6ws.run(default, vus=1, iterations=3).connection_failures
    assert began[0] - SLACK_MS < failure.first_at < ended[0] + SLACK_MS
    assert began[2] - SLACK_MS < failure.last_at < ended[2] + SLACK_MS
    assert failure.last_at - failure.first_at > 500


def test_exceptions_say_when_and_where() -> None:
    raised: list[float] = []

    def default() -> None:
        raised.append(now_ms())
        if len(raised) == 2:
            return
        raise ValueError(f"number {len(raised)}")

    result = k6ws.run(default, vus=1, iterations=3)
    [failure] = result.exceptions
    assert (failure.count, failure.message) == (2, "number 1")
    assert raised[0] <= failure.first_at < raised[1] + 1
    assert raised[2] <= failure.last_at < raised[2] + SLACK_MS
    assert failure.trace.endswith("ValueError: number 1")
    assert "test_when_it_failed.py" in failure.trace
    [told] = result.to_dict()["run"]["exceptions"]
    assert (told["first_at"], told["last_at"], told["trace"]) == (
        failure.first_at,
        failure.last_at,
        failure.trace,
    )


def test_a_traceback_is_kept_with_a_bound() -> None:
    def default() -> None:
        raise ValueError("x" * 100_000)

    [failure] = k6ws.run(default, vus=1, iterations=1).exceptions
    assert len(failure.trace) == 8_000
