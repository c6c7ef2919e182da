"""Every attempt to connect is counted, however early it failed."""

from __future__ import annotations

import k6ws
from k6ws import ws


def nothing(_: ws.Socket) -> None:
    """A session that is never reached."""


def test_a_malformed_url_counts_as_a_failed_attempt() -> None:
    result = k6ws.run(lambda: ws.connect("http://127.0.0.1/", nothing), vus=1, iterations=3)
    assert result.metrics["ws_sessions"].count == 3
    assert [tags["url"] for tags, _ in result.series("ws_sessions")] == ["http://127.0.0.1/"]
    [failure] = result.connection_failures
    assert (failure.cause, failure.status, failure.count) == ("url", None, 3)
    assert failure.message == "http://127.0.0.1/: malformed URL"
