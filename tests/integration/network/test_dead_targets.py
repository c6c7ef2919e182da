"""A script of k6 that tries a dead target again and again, without a pause, is warned of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from socket import create_server
from typing import Any

import pytest

from k6ws import _core, tcp, ws
from k6ws.errors import TCPError
from k6ws.websockets import WebSocket
from support.runs import run_once

HOST = "127.0.0.1"


def connect(port: int) -> None:
    """One session of callbacks, which closes at once where there is one."""
    ws.connect(f"ws://{HOST}:{port}/", lambda session: session.close())


async def aconnect(port: int) -> None:
    """The same in a coroutine."""
    await ws.aconnect(f"ws://{HOST}:{port}/", lambda session: session.close())


async def browser(port: int) -> None:
    """One socket of browsers."""
    gone = asyncio.Event()
    tried = WebSocket(f"ws://{HOST}:{port}/")
    tried.onopen = lambda _event: tried.close()
    tried.onclose = lambda _event: gone.set()
    await gone.wait()


def plain(port: int) -> None:
    """One socket of TCP."""
    tried = tcp.Socket()
    tried.on("error", lambda _error: None)
    try:
        tried.connect(port, HOST).wait()
    except TCPError:
        return
    tried.destroy()


TRIED: list[Any] = [connect, aconnect, browser, plain]


def free_port() -> int:
    """One on which nobody listens."""
    with create_server((HOST, 0)) as gone:
        return gone.getsockname()[1]


@contextmanager
def serving(tried: Any, port: int) -> Generator[None]:
    """Meanwhile somebody does."""
    server = _core.EchoServer(HOST, port, service="tcp" if tried is plain else "echo")
    try:
        yield
    finally:
        server.stop()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was said of refusals."""
    return [one.message for one in caplog.records if "100 times in a row" in one.message]


def attempts(tried: Any, port: int, *, times: int, answered: bool) -> None:
    """So many in one iteration, all refused; with ``answered`` as many again behind one that is not."""

    async def awaited() -> None:
        for _ in range(times):
            await tried(port)
        if answered:
            with serving(tried, port):
                await tried(port)
            for _ in range(times):
                await tried(port)

    def blocking() -> None:
        for _ in range(times):
            tried(port)
        if answered:
            with serving(tried, port):
                tried(port)
            for _ in range(times):
                tried(port)

    run_once(awaited if iscoroutinefunction(tried) else blocking)


@pytest.mark.parametrize("tried", TRIED)
def test_who_tries_a_dead_target_without_a_pause_is_warned_once(
    tried: Any, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    with caplog.at_level(logging.WARNING, logger="k6ws"):
        attempts(tried, port, times=250, answered=False)
    (said,) = warnings(caplog)
    assert f"{HOST}:{port} has refused a VU" in said
    assert "minIterationDuration" in said


@pytest.mark.parametrize("tried", TRIED)
def test_one_that_answers_in_between_is_not_hammered(
    tried: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="k6ws"):
        attempts(tried, free_port(), times=90, answered=True)
    assert warnings(caplog) == []
