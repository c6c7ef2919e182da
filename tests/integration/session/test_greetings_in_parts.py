"""`request(None, …)`: what the peer says by itself, in one message or in several."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws import tcp
from k6ws.correlate import in_order
from k6ws.framing import lines
from k6ws.match import starts_with
from support.runs import run_once, total
from support.tcp_server import Reader, TcpServer, Writer, listen

HOST = "127.0.0.1"
LINES = ("220-mail", "notice", "220-of ours", "220 ready", "more")


async def greets(reader: Reader, writer: Writer) -> None:
    """Speak first, a line at a time, and stay."""
    for line in LINES:
        writer.write(f"{line}\n".encode())
        await writer.drain()
    await listen(reader, writer)


def last(line: str) -> bool:
    """Whether a line of SMTP is the last of its reply."""
    return line[3:4] == " "


def greeted(places: list[Any], how: str, **keywords: Any) -> k6ws.Result:
    """What `request(None)` gives in a run, and then what is left in the inbox."""
    options: Any = {"framing": lines(), "correlate": in_order(done=last)}

    def blocking() -> None:
        with tcp.open(HOST, server.port, **options) as session:
            places.append(session.request(None, "greeting", **keywords))
            places.append(session.recv())

    async def awaited() -> None:
        async with tcp.aopen(HOST, server.port, **options) as session:
            places.append(await session.request(None, "greeting", **keywords))
            places.append(await session.recv())

    with TcpServer(greets) as server:
        return run_once(blocking if how == "blocking" else awaited)


@pytest.mark.parametrize("how", ["blocking", "awaited"])
@pytest.mark.parametrize(
    ("keywords", "reply", "rest"),
    [
        ({}, "220-mail", "notice"),
        ({"match": "notice"}, "notice", "220-mail"),
        ({"done": starts_with("220 ")}, "220 ready", "more"),
        ({"done": last}, "220 ready", "more"),
        ({"done": last, "many": True}, list(LINES[:4]), "more"),
        # What ends the other replies of the session is asked with `many` only.
        ({"many": True}, list(LINES[:4]), "more"),
        (
            {"many": True, "match": starts_with("220"), "check": starts_with("220 ")},
            ["220-mail", "220-of ours", "220 ready"],
            "notice",
        ),
    ],
    ids=str,
)
def test_a_greeting_is_one_message_or_those_up_to_its_last(
    how: str, keywords: dict[str, Any], reply: Any, rest: str
) -> None:
    got: list[Any] = []
    result = greeted(got, how, **keywords)
    assert got == [reply, rest]
    metrics = result.metrics
    assert (metrics["tcp_reqs"].count, metrics["tcp_req_failed"]["passes"]) == (1, 0)
    assert total(result, "tcp_req_duration") == 1
    parts = 1
    if "done" in keywords or "many" in keywords:
        parts = 3 if "match" in keywords else 4
        assert metrics["tcp_req_first_duration"]["max"] <= metrics["tcp_req_duration"]["max"]
    several = int(parts > 1)
    assert total(result, "tcp_req_first_duration") == total(result, "tcp_req_stall") == several
    assert total(result, "tcp_req_gap") == parts - 1


def test_one_without_its_last_message_fails_in_the_time_of_all() -> None:
    with (
        TcpServer(greets) as server,
        tcp.open(HOST, server.port, framing=lines()) as session,
        pytest.raises(k6ws.RequestFailed) as caught,
    ):
        session.request(None, "greeting", done="never", timeout="300ms")
    assert caught.value.error == "timeout"
    assert str(caught.value) == (
        "request 'greeting' failed: timeout: 5 of its messages came within 300ms, and not the last"
    )


def test_one_whose_session_ends_first_has_failed_as_closed() -> None:
    async def leaves(_reader: Reader, writer: Writer) -> None:
        writer.write(b"one\n")
        await writer.drain()

    with TcpServer(leaves) as server, tcp.open(HOST, server.port, framing=lines()) as session:
        assert session.request(None, "all", done="never", default="none") == "none"
        with pytest.raises(k6ws.RequestFailed) as caught:
            session.request(None, "all", done="never")
    assert caught.value.error == "closed"
