"""Sessions that belong to their VU: one for many iterations; and handlers that wait on theirs."""

from __future__ import annotations

import pytest

import k6ws
from k6ws import _core, ws
from support.runs import run_once


@pytest.mark.parametrize("way", ["method", "parameter", "in a block"])
def test_one_session_serves_many_iterations(echo: _core.EchoServer, way: str) -> None:
    sessions: list[ws.Session] = []

    def default() -> None:
        if not sessions:
            session = ws.open(echo.url(), keep=way == "parameter")
            if way == "method":
                session.keep()
            elif way == "in a block":
                with session:
                    session.keep()
            sessions.append(session)
        session = sessions[0]
        assert session.is_open
        session.send("hello")
        assert session.recv() == "hello"

    result = k6ws.run(default, vus=1, iterations=20)
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert result.metrics["ws_sessions"].count == 1
    assert result.metrics["iterations"].count == 20
    assert not sessions[0].is_open


def test_what_comes_between_two_iterations_is_in_the_inbox(echo: _core.EchoServer) -> None:
    sessions: list[ws.Session] = []
    got: list[str] = []

    def default() -> None:
        if not sessions:
            sessions.append(ws.open(echo.url(), keep=True))
        else:
            got.append(sessions[0].recv())
        sessions[0].send(f"{len(got)}")

    result = k6ws.run(default, vus=1, iterations=5)
    assert result.exceptions == []
    assert got == ["0", "1", "2", "3"]
    # The last one may still be on its way when the VU leaves.
    assert result.metrics["ws_sessions"].count == 1


def test_a_coroutine_keeps_its_session(echo: _core.EchoServer) -> None:
    sessions: list[ws.AsyncSession] = []

    async def default() -> None:
        if not sessions:
            sessions.append(await ws.aopen(echo.url(), keep=True))
        await sessions[0].send("hello")
        assert await sessions[0].recv() == "hello"

    result = k6ws.run(default, vus=1, iterations=20)
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert result.metrics["ws_sessions"].count == 1


def test_a_handler_may_wait_on_its_session(echo: _core.EchoServer) -> None:
    story: list[str] = []

    def default() -> None:
        session = ws.open(echo.url())

        @session.on("message")
        def _(message: str) -> None:
            session.send(f"inner {message}")
            story.append(session.recv(f"inner {message}"))
            if message == "2":
                session.close()
                story.append("closed")

        session.send("1")
        session.send("2")

    run_once(default)
    assert story == ["inner 1", "inner 2", "closed"]


def test_a_close_handler_may_open_another_one(echo: _core.EchoServer) -> None:
    got: list[str] = []

    def default() -> None:
        session = ws.open(echo.url())

        @session.on("close")
        def _() -> None:
            with ws.open(echo.url()) as other:
                other.send("again")
                got.append(other.recv())

        session.close()

    run_once(default)
    assert got == ["again"]
