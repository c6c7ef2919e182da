"""What nobody takes: bounded, the oldest leaves and is counted; a slow reader has its peer wait instead."""

from __future__ import annotations

import asyncio
import logging

import pytest

import k6ws
from k6ws import _core, ws
from k6ws._conversation.inbox import MAX_BYTES, MAX_MESSAGES
from support import frames
from support.runs import run_once, total
from support.scripted import ScriptedServer, read_frame, read_to_end, send, upgrade

FLOOD = 3 * MAX_MESSAGES
TEXT = 0x1


def flooding(go: bytes = b"", count: int = FLOOD) -> ScriptedServer:
    """A server that says a lot at once, then `last`."""
    said = b"".join(frames.text(str(number)) for number in range(count))
    return ScriptedServer(
        [upgrade(then=go), read_frame(TEXT), send(said + frames.text("last")), read_to_end]
    )


def test_the_oldest_leave_and_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    got: list[str] = []

    def default() -> None:
        with ws.open(server.url()) as session:
            session.send("go")
            while len(got) < MAX_MESSAGES:
                k6ws.sleep(0.01)
                if session._source._number == FLOOD + 1:
                    got.extend(session.recv() for _ in range(MAX_MESSAGES))
            assert session.recv(timeout=0, default=None) is None

    with flooding() as server, caplog.at_level(logging.WARNING, "k6ws"):
        result = run_once(default)
    assert got == [*(str(number) for number in range(FLOOD - MAX_MESSAGES + 1, FLOOD)), "last"]
    lost = FLOOD + 1 - MAX_MESSAGES
    assert result.metrics["ws_msgs_unhandled"].count == lost
    assert [
        record.message for record in caplog.records if "ws_msgs_unhandled" in record.message
    ] != []
    assert len(caplog.records) == 1, "once"


def test_a_reply_comes_however_much_nobody_takes() -> None:
    with flooding() as server, ws.open(server.url()) as session:
        session.send("go")
        assert session.recv("last", timeout="20s") == "last"


def test_a_slow_reader_loses_nothing() -> None:
    got: list[str] = []

    def default() -> None:
        with ws.open(server.url()) as session:
            session.send("go")
            for message in session:
                if len(got) % 500 == 0:
                    k6ws.sleep(0.02)
                got.append(message)
                if message == "last":
                    break

    with flooding() as server:
        result = run_once(default)
    assert got == [*map(str, range(FLOOD)), "last"]
    assert total(result, "ws_paused") >= 1
    assert total(result, "ws_msgs_unhandled") == 0


def test_a_slow_coroutine_that_reads_on_loses_nothing() -> None:
    got: list[str] = []

    async def default() -> None:
        async with ws.aopen(server.url()) as session:
            await session.send("go")
            async for message in session:
                if len(got) % 500 == 0:
                    await asyncio.sleep(0.02)
                got.append(message)
                if message == "last":
                    break

    with flooding() as server:
        result = run_once(default)
    assert got == [*map(str, range(FLOOD)), "last"]
    assert total(result, "ws_msgs_unhandled") == 0


def test_who_has_read_on_keeps_nobody_waiting_any_more() -> None:
    with flooding(frames.text("first")) as server, ws.open(server.url()) as session:
        for message in session:
            assert message == "first"
            break
        session.send("go")
        assert session.recv("last", timeout="20s") == "last"


def test_while_requests_are_under_way_a_reader_keeps_nobody_waiting() -> None:
    with flooding(frames.text("first")) as server, ws.open(server.url()) as session:
        messages = iter(session)
        assert next(messages) == "first"
        session._source.desk.waiting(1)
        session.send("go")
        assert session.recv("last", timeout="20s") == "last"
        session._source.desk.waiting(-1)


def test_large_messages_count_by_their_bytes() -> None:
    large = "x" * (MAX_BYTES // 2 + 1)
    said = b"".join(frames.text(large) for _ in range(4))
    script = [upgrade(), read_frame(TEXT), send(said + frames.text("last")), read_to_end]
    with ScriptedServer(script) as server, ws.open(server.url()) as session:
        session.send("go")
        assert session.recv("last") == "last"
        assert session.recv() == large
        assert session.recv(timeout=0, default=None) is None


@pytest.mark.parametrize("way", ["block", "no block", "coroutine"])
def test_what_is_left_at_the_end_is_counted(echo: _core.EchoServer, way: str) -> None:
    def leave(session: ws.Session) -> None:
        session.send("1")
        session.send("2")
        session.send("3")
        assert session.recv("3") == "3"

    def default() -> None:
        if way == "block":
            with ws.open(echo.url()) as session:
                leave(session)
        else:
            session = ws.open(echo.url())
            leave(session)
            session.close()

    async def coroutine() -> None:
        async with ws.aopen(echo.url()) as session:
            for message in "123":
                await session.send(message)
            assert await session.recv("3") == "3"

    result = run_once(coroutine if way == "coroutine" else default)
    assert result.metrics["ws_msgs_unhandled"].count == 2


def test_a_session_that_is_left_open_counts_what_it_got() -> None:
    said = frames.text("1") + frames.text("2") + frames.close(1000)
    with ScriptedServer([upgrade(), read_frame(TEXT), send(said), read_to_end]) as server:
        result = run_once(lambda: ws.open(server.url()).send("go"))
    assert result.metrics["ws_msgs_unhandled"].count == 2
