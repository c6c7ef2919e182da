"""Node's `ws` with permessage-deflate, spoken with through `ws.open`: its counts and its bytes are ours."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import k6ws
from interop import services
from interop.services import Service
from k6ws import ws
from k6ws.correlate import by
from k6ws.match import has
from support.requests import assert_accounts
from support.runs import total

VUS, ROUNDS, PUSHES = 4, 25, 3
LONG = "the same words again, " * 300
UNLIKE = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz", k=3000))
TEXTS = ("", "a", LONG, "ä€🙂" * 50, UNLIKE)

WAYS: dict[str, tuple[object, str | dict[str, Any]]] = {
    "as k6 offers it": (True, "deflate"),
    "with contexts": ({"threshold": 0}, {"algorithm": "deflate"}),
    "without contexts": (
        {"serverNoContextTakeover": True, "clientNoContextTakeover": True, "threshold": 0},
        {"algorithm": "deflate", "client_no_context_takeover": True},
    ),
    "with small windows": (
        {"serverMaxWindowBits": 9, "clientMaxWindowBits": 9, "threshold": 0},
        {"algorithm": "deflate", "server_max_window_bits": 9, "level": 9},
    ),
    "with thresholds": ({"threshold": 100}, {"algorithm": "deflate", "threshold": 100}),
}


def serving(folder: Path, deflate: object) -> AbstractContextManager[Service]:
    return services.node(folder, "deflated.mjs", "/", "ws", argument=json.dumps(deflate))


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Service, Any]]:
    """A server with its deflate, and ours."""
    theirs, ours = WAYS[request.param]
    with serving(tmp_path, theirs) as service:
        yield service, ours


def opened(service: Service, compression: Any) -> ws.Session:
    session = ws.open(
        service.variables["URL"], codec="json", correlate=by("/id"), compression=compression
    )
    session.auto_reply(has("/ping"), {"pong": "{/ping}"})
    return session


def test_what_node_counts_is_what_we_count(way: tuple[Service, Any]) -> None:
    service, compression = way
    ids = count(1)

    def default() -> None:
        with opened(service, compression) as session:
            answer = session.response.headers["Sec-Websocket-Extensions"]
            assert answer.startswith("permessage-deflate")
            for number in range(ROUNDS):
                text = TEXTS[number % len(TEXTS)]
                ask = {"id": next(ids), "push": PUSHES, "text": text}
                assert session.request(ask, "ask")["text"] == text
                news = [session.recv(has("/news")) for _ in range(PUSHES)]
                assert news == [{"news": one, "text": text} for one in range(PUSHES)]
            asks = [({"id": next(ids), "text": text}, "pipeline") for text in TEXTS]
            replies = session.request_all(asks)
            assert [reply["text"] for reply in replies] == list(TEXTS)

    result = k6ws.run(default, vus=VUS, iterations=VUS)
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert assert_accounts(result, "ws") == {}
    told = service.counts()
    names = ("ws_sessions", "ws_reqs", "ws_req_duration", "ws_auto_replies", "ws_msgs_sent")
    names += ("ws_msgs_received", "data_sent", "data_received")
    ours = {name: total(result, name) for name in names}
    asked = VUS * (ROUNDS + len(TEXTS))
    assert told["connections"] == told["deflated"] == ours["ws_sessions"] == VUS
    assert told["asked"] == ours["ws_reqs"] == ours["ws_req_duration"] == asked
    assert told["pushed"] == VUS * ROUNDS * PUSHES
    assert told["ponged"] == ours["ws_auto_replies"] == asked // 10
    assert told["received"] == ours["ws_msgs_sent"]
    assert told["sent"] == ours["ws_msgs_received"]
    assert told["bytesRead"] == ours["data_sent"]
    assert told["bytesWritten"] == ours["data_received"]
    # The texts are long, and most of them are the same again and again.
    assert ours["data_sent"] < told["characters"] / 2


@pytest.mark.parametrize("is_async", [False, True])
def test_node_is_killed_in_the_middle(tmp_path: Path, *, is_async: bool) -> None:
    ids = count(1)

    def asks() -> list[tuple[dict[str, Any], str]]:
        return [({"id": next(ids), "text": text}, "ask") for text in TEXTS * 4]

    def kill_late() -> None:
        if next(asked) == 50:
            service.kill()

    def default() -> None:
        with opened(service, "deflate") as session:
            while True:
                session.request_all(asks())
                kill_late()

    async def adefault() -> None:
        url = service.variables["URL"]
        how: dict[str, Any] = {"codec": "json", "correlate": by("/id"), "compression": "deflate"}
        async with ws.aopen(url, **how) as session:
            while True:
                await session.request_all(asks())
                kill_late()

    asked = count(1)
    with serving(tmp_path, {"threshold": 0}) as service:
        result = k6ws.run(adefault if is_async else default, vus=3, iterations=3)
    failed = assert_accounts(result, "ws")
    assert set(failed) == {"closed"}
    assert failed["closed"] >= 3
    assert [(one.type, one.count) for one in result.exceptions] == [("RequestFailed", 3)]
