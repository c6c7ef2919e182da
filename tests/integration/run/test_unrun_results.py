"""A coroutine or a generator that nobody would run is an error that names it, whoever returned it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer
from support.tcp_server import send as send_pieces


def generator(_argument: object = None) -> Generator[int]:
    yield 1


async def async_generator(_argument: object = None) -> AsyncGenerator[int]:
    yield 1


async def coroutine(_argument: object = None) -> None:
    raise AssertionError


class Callable_:  # noqa: N801 - the class of a callable
    async def __call__(self) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda: coroutine(), "the coroutine coroutine()"),
        (functools.wraps(coroutine)(lambda: coroutine()), "the coroutine coroutine()"),
        (lambda: async_generator(), "the generator async_generator()"),
        (lambda: (x for x in range(2)), "the generator"),
    ],
    ids=["lambda", "wraps", "async generator", "expression"],
)
def test_a_default_whose_result_nobody_runs_fails_and_names_it(
    function: Callable[[], object], name: str
) -> None:
    result = k6ws.run(function, vus=1, iterations=3)
    [one] = result.exceptions
    assert (one.count, one.type, name in one.message) == (3, "K6Error", True)
    assert "the function of scenario default returned" in one.message


def test_an_object_with_an_async_call_runs_as_a_coroutine_function() -> None:
    ran: list[int] = []

    class Default:
        async def __call__(self) -> None:
            await asyncio.sleep(0)
            ran.append(1)

    run_once(Default(), iterations=2)
    run_once(functools.partial(Default()), iterations=2)
    assert ran == [1, 1, 1, 1]


def test_an_async_default_that_forgets_to_await_fails() -> None:
    async def default() -> object:
        return coroutine()

    result = k6ws.run(default, vus=1, iterations=1)
    assert ["coroutine coroutine()" in one.message for one in result.exceptions] == [True]


@pytest.mark.parametrize("event", ["open", "message", "close", "timer", "callback"])
@pytest.mark.parametrize("kind", [coroutine, generator], ids=["coroutine", "generator"])
def test_a_handler_of_a_blocking_session_whose_result_nobody_runs_is_an_error(
    event: str, kind: Callable[..., object], server: WebsocketsServer
) -> None:
    def session(socket: ws.Socket) -> object:
        def disguised(*_: object) -> object:
            return kind()

        socket.on("message", lambda: event == "timer" or socket.close())
        if event == "callback":
            return kind()
        if event == "timer":
            socket.set_timeout(disguised, 1)
        else:
            socket.on(event, disguised)  # type: ignore[call-overload]
        return None

    with pytest.raises(k6ws.K6Error, match=rf"returned the .* {kind.__name__}\(\), which nobody"):
        ws.connect(server.url("/ws-push"), session)


@pytest.mark.parametrize("kind", [coroutine, generator], ids=["coroutine", "generator"])
def test_a_listener_a_tcp_handler_and_a_timer_whose_result_nobody_runs_fail_the_iteration(
    kind: Callable[..., object], server: WebsocketsServer
) -> None:
    def listener() -> None:
        socket = WebSocket(server.url("/ws-push"))
        socket.onmessage = lambda event: kind(event)

    def handler() -> None:
        socket = tcp.Socket()
        socket.on("data", lambda data: kind(data))
        socket.connect(peer.port, "127.0.0.1").wait()

    def timer() -> None:
        set_timeout(lambda: kind(), 1)

    with TcpServer(send_pieces(b"x")) as peer:
        for function in (listener, handler, timer):
            result = k6ws.run(function, vus=1, iterations=1)
            told = [(one.count, f"{kind.__name__}()" in one.message) for one in result.exceptions]
            assert told == [(1, True)], function


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        (generator, "generator() is a generator function"),
        (async_generator, "async_generator() is a generator function"),
        (coroutine, "coroutine() is a coroutine function"),
        (Callable_(), "Callable_() is a coroutine function"),
        (functools.partial(coroutine, 1), "is a coroutine function"),
    ],
    ids=["generator", "async generator", "coroutine", "object", "partial"],
)
def test_a_handler_that_is_seen_to_be_of_no_use_is_refused_where_it_is_registered(
    handler: Callable[..., object], text: str, server: WebsocketsServer
) -> None:
    refused: list[str] = []

    def session(socket: ws.Socket) -> None:
        with pytest.raises(TypeError) as caught:
            socket.on("message", handler)
        refused.append(str(caught.value))
        with pytest.raises(TypeError):
            socket.set_timeout(handler, 1)
        socket.close()

    ws.connect(server.url("/ws-echo"), session)
    with pytest.raises(TypeError):
        set_timeout(handler, 1)
    assert [text in one for one in refused] == [True]


def test_setup_and_handle_summary_that_return_a_coroutine_fail(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from k6ws._run.runner import Runner  # noqa: PLC0415
    from k6ws._script import Script  # noqa: PLC0415

    def nothing() -> None: ...

    def returning(*_: object) -> object:
        return coroutine()

    for stage in ("setup", "teardown", "handle_summary"):
        functions: dict[str, Callable[..., Any]] = {"default": nothing, stage: returning}
        runner = Runner(Script("functions", {}, functions), [("script", {"iterations": 1})])
        runner.run()
        assert f"{stage}() returned the coroutine coroutine(), which nobody" in caplog.text


def test_tasks_and_operations_that_a_handler_returns_run_by_themselves() -> None:
    async def act() -> None:
        worked, closed = asyncio.Event(), asyncio.Event()

        async def work() -> None:
            worked.set()

        socket = tcp.Socket()
        socket.on("connect", lambda: socket.write(b"x"))
        socket.on("data", lambda: asyncio.create_task(work()))
        socket.on("close", closed.set)
        await socket.connect(server.port, "127.0.0.1")
        await asyncio.wait_for(worked.wait(), 10)
        socket.destroy()
        await closed.wait()

    with TcpServer() as server:
        asyncio.run(act())
