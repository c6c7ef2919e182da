"""Iterations that wait for nothing but open sockets or timers say so, once for each line of the script."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import _core, execution, tcp, timers, ws
from k6ws._run import idlers
from k6ws.websockets import WebSocket
from support.tcp_server import TcpServer

OPEN = "nothing but open sockets"
TIMERS = "nothing but timers"


def said(caplog: pytest.LogCaptureFixture, text: str) -> list[str]:
    return [one.getMessage() for one in caplog.records if text in one.getMessage()]


def line_of(function: Callable[..., Any], text: str) -> str:
    """The place of the line of a function that holds this text, as it is shown."""
    lines, first = inspect.getsourcelines(function)
    (found,) = [number for number, line in enumerate(lines, first) if text in line]
    return f"test_idlers.py:{found}"


def scenario(seconds: int, **more: Any) -> dict[str, Any]:
    return {
        "s": {
            "executor": "per-vu-iterations",
            "vus": 2,
            "iterations": 9,
            "maxDuration": f"{seconds}s",
            "gracefulStop": "0s",
            **more,
        }
    }


@pytest.mark.parametrize("is_async", [False, True])
def test_a_cut_iteration_that_waited_for_a_kept_websocket_says_where_it_was_opened(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture, is_async: bool
) -> None:
    def default() -> None:
        execution.vu.state["socket"] = WebSocket(echo.url())

    async def coroutine() -> None:
        default()

    result = k6ws.run(coroutine if is_async else default, scenarios=scenario(2))
    assert "iterations" not in result.metrics
    (line,) = said(caplog, OPEN)
    assert line_of(default, "WebSocket(") in line
    assert line.startswith("an iteration was interrupted")


def test_a_cut_iteration_that_waited_for_a_kept_tcp_socket_says_where_it_was_opened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with TcpServer() as server:

        def default() -> None:
            socket = execution.vu.state["socket"] = tcp.Socket()
            socket.connect(server.port, "127.0.0.1").wait()

        k6ws.run(default, scenarios=scenario(2))
    (line,) = said(caplog, OPEN)
    assert line_of(default, "connect(") in line


def test_an_iteration_that_has_waited_for_long_says_so_while_it_does(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idlers, "_SOCKETS_MS", 600.0)

    def default() -> None:
        execution.vu.state["socket"] = WebSocket(echo.url())
        timers.set_timeout(lambda: None, 1)

    result = k6ws.run(default, scenarios=scenario(3, vus=1, iterations=1))
    assert not result.exceptions
    (line,) = said(caplog, OPEN)
    assert re.match(r"an iteration has waited \d s for nothing but open sockets", line)
    assert line_of(default, "WebSocket(") in line


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("kind", ["tcp", "websocket"])
def test_iterations_that_go_on_for_their_timers_say_where_these_were_set(
    echo: _core.EchoServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    is_async: bool,
) -> None:
    monkeypatch.setattr(idlers, "_LOOK_MS", 50.0)
    monkeypatch.setattr(idlers, "_TIMERS_MS", 150.0)

    def limit(end: Callable[[], None]) -> None:
        timers.set_timeout(end, 400)

    def tcp_once(port: int) -> None:
        socket = tcp.Socket()
        socket.on("connect", lambda: (socket.write("hello"), limit(socket.destroy)))
        socket.on("data", lambda: socket.destroy())
        socket.connect(port, "127.0.0.1")

    def websocket_once() -> None:
        socket = WebSocket(echo.url())
        socket.onopen = lambda: (limit(socket.close), socket.close())

    with TcpServer() as server:

        def default() -> None:
            tcp_once(server.port) if kind == "tcp" else websocket_once()

        async def coroutine() -> None:
            default()

        result = k6ws.run(coroutine if is_async else default, vus=2, iterations=4)
    assert result.metrics["iterations"].count == 4
    (line,) = said(caplog, TIMERS)
    assert line_of(limit, "set_timeout(") in line
    assert said(caplog, OPEN) == []


def test_iterations_that_do_their_work_say_nothing(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idlers, "_LOOK_MS", 20.0)
    monkeypatch.setattr(idlers, "_SOCKETS_MS", 100.0)
    monkeypatch.setattr(idlers, "_TIMERS_MS", 100.0)

    def with_a_plan() -> None:
        socket = WebSocket(echo.url())
        socket.onopen = lambda: timers.set_timeout(socket.close, 300)

    def by_timers_only() -> None:
        ticks = timers.set_interval(lambda: None, 20)
        timers.set_timeout(lambda: timers.clear_interval(ticks), 300)

    def in_a_session() -> None:
        ws.connect(echo.url(), lambda socket: socket.set_timeout(socket.close, 300))

    for function in (with_a_plan, by_timers_only, in_a_session):
        k6ws.run(function, vus=2, iterations=2)
    assert said(caplog, OPEN) + said(caplog, TIMERS) == []
