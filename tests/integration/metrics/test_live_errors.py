"""The errors of the live display are those of the run: exceptions as well as connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from k6ws import ConnectFailed, tcp, timers, ws
from k6ws._run.runner import Runner
from k6ws._script import from_function

if TYPE_CHECKING:
    from support.servers import WebsocketsServer


def boom(*_: object) -> None:
    raise ValueError("boom")


async def in_a_coroutine() -> None:
    await asyncio.sleep(0)
    boom()


def errors(function: Callable[..., Any], **more: Any) -> int:
    options = {"vus": 2, "iterations": 4, **more}
    runner = Runner(from_function(function), [("script", options)])
    runner.run()
    return runner.progress()["live"]["errors"]


@pytest.mark.parametrize(
    "function",
    [boom, in_a_coroutine, lambda: timers.set_timeout(boom, 0)],
    ids=["function", "coroutine", "timer"],
)
def test_exceptions_are_counted(function: Callable[..., Any]) -> None:
    assert errors(function) == 4


def test_an_exception_of_a_handler_is_counted(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")
    assert errors(lambda: ws.connect(url, lambda socket: socket.on("open", boom))) == 4


def test_connections_that_were_not_made_are_counted() -> None:
    assert errors(lambda: ws.connect("ws://127.0.0.1:1/", lambda _: None)) == 4


def refused_in_a_session() -> None:
    ws.open("ws://127.0.0.1:1/")


def refused_over_tcp() -> None:
    tcp.open("127.0.0.1", 1)


def refused_socket_of_tcp() -> None:
    tcp.Socket().connect(1, "127.0.0.1").wait()


def refused_with_throw() -> None:
    ws.connect("ws://127.0.0.1:1/", lambda _: None)


def refused_and_something_else() -> None:
    with pytest.raises(ConnectFailed):
        ws.open("ws://127.0.0.1:1/")
    boom()


async def refused_in_a_coroutine() -> None:
    await ws.aopen("ws://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("function", "options", "count"),
    [
        (refused_in_a_session, {}, 4),
        (refused_in_a_coroutine, {}, 4),
        (refused_over_tcp, {}, 4),
        (refused_socket_of_tcp, {}, 4),
        (refused_with_throw, {"throw": True}, 4),
        (lambda: ws.open("no url"), {}, 4),
        (refused_and_something_else, {}, 8),
    ],
)
def test_one_that_ends_its_iteration_is_one_error(
    function: Callable[..., Any], options: dict[str, Any], count: int
) -> None:
    assert errors(function, **options) == count


def test_without_errors_there_are_none(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")
    assert errors(lambda: ws.connect(url, lambda socket: socket.on("open", socket.close))) == 0
