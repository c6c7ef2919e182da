"""Who is called for an event of a WebSocket, and what an exception in there does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import k6ws
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.servers import WebsocketsServer


def failures(result: k6ws.Result) -> list[tuple[str, str]]:
    return [(one.type, one.message) for one in result.exceptions]


@pytest.mark.parity("websocket-listener-must-be-callable")
def test_a_listener_must_be_there(server: WebsocketsServer) -> None:
    socket = WebSocket(server.url("/ws-echo"))
    with pytest.raises(k6ws.K6Error, match='handler for event type "open" isn\'t a callable'):
        socket.add_event_listener("open", None)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        socket.add_event_listener("open", 7)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="takes 2 arguments"):
        socket.add_event_listener("open", lambda _a, _b: None)  # type: ignore[call-overload]
    socket.close()
    assert k6ws.wait("5s")


def test_an_unknown_event_is_a_warning(
    server: WebsocketsServer, caplog: pytest.LogCaptureFixture
) -> None:
    socket = WebSocket(server.url("/ws-echo"))
    socket.add_event_listener("opne", print)  # type: ignore[call-overload]
    assert [r.message for r in caplog.records] == [
        "can't add event handler: unknown event type: opne"
    ]
    socket.close()
    assert k6ws.wait("5s")


@pytest.mark.parity(
    "websocket-attribute-and-listener-both-run",
    "websocket-last-attribute-wins",
    "websocket-attribute-may-be-taken-away",
)
def test_the_attribute_is_called_first_then_listeners_in_order(server: WebsocketsServer) -> None:
    calls: list[str] = []

    def twice() -> None:
        calls.append("twice")

    def removed() -> None:
        calls.append("removed")

    def default() -> None:
        socket = WebSocket(server.url("/ws-close"))
        socket.add_event_listener("close", lambda: calls.append("listener"))
        socket.add_event_listener("close", twice)
        socket.add_event_listener("close", twice)
        socket.add_event_listener("close", removed)
        socket.remove_event_listener("close", removed)
        socket.removeEventListener("close", print)
        socket.onclose = lambda: calls.append("replaced")
        socket.onclose = lambda: calls.append("attribute")
        socket.onopen = lambda: calls.append("never")
        socket.onopen = None
        assert socket.onopen is None

    run_once(default)
    assert calls == ["attribute", "listener", "twice", "twice"]


def test_an_attribute_gives_back_what_was_put_in(server: WebsocketsServer) -> None:
    def handler(_event: object) -> None: ...

    socket = WebSocket(server.url("/ws-echo"))
    for name in ("onopen", "onmessage", "onerror", "onclose", "onping", "onpong"):
        assert getattr(socket, name) is None
        setattr(socket, name, handler)
        assert getattr(socket, name) is handler
    socket.onclose = None
    socket.close()
    assert k6ws.wait("5s")


@pytest.mark.parity("websocket-attribute-must-be-callable")
def test_an_attribute_must_be_callable(server: WebsocketsServer) -> None:
    socket = WebSocket(server.url("/ws-echo"))
    with pytest.raises(k6ws.K6Error, match="a value for 'onclose' should be callable"):
        socket.onclose = 1  # type: ignore[assignment]
    socket.close()
    assert k6ws.wait("5s")


@pytest.mark.parity("websocket-handler-error-fails-the-iteration")
@pytest.mark.parametrize("by_attribute", [False, True])
@pytest.mark.parametrize("event", ["open", "error", "close", "message"])
def test_an_error_in_a_handler_fails_the_iteration_with_that_error(
    server: WebsocketsServer, event: Any, *, by_attribute: bool
) -> None:
    path = "/no-such-path" if event == "error" else "/ws-echo-multi"
    story: list[object] = []

    def default() -> None:
        socket = WebSocket(server.url(path))

        def handler() -> None:
            undefined_name()  # type: ignore[name-defined]  # noqa: F821

        if event != "open":
            socket.add_event_listener("open", lambda: socket.send("x"))
        if event == "close":
            socket.add_event_listener("message", lambda: socket.close())
        if by_attribute:
            setattr(socket, f"on{event}", handler)
        else:
            socket.add_event_listener(event, handler)
        socket.add_event_listener("error", lambda e: story.append(e.error))
        socket.add_event_listener("close", lambda e: story.append(e.code))

    result = k6ws.run(default, vus=1, iterations=1)
    assert failures(result) == [("NameError", "name 'undefined_name' is not defined")]
    assert result.exceptions[0].where.startswith("test_websockets_listeners.py:")
    assert result.metrics["iterations"].count == 1
    expected: dict[Any, list[object]] = {
        # The message of the exception, then the Close that we began.
        "open": ["name 'undefined_name' is not defined", 1011],
        "message": ["name 'undefined_name' is not defined", 1011],
        # Later listeners of that event are skipped; `close` is still delivered.
        "error": [1006],
        "close": [],
    }
    if event == "error" and not by_attribute:
        # This listener was added before the one that notes.
        assert story == [1006]
    else:
        assert story == expected[event]


@pytest.mark.parity("websocket-error-listener-may-raise")
@pytest.mark.parametrize("by_attribute", [False, True])
def test_an_error_listener_that_closes_and_raises(*, by_attribute: bool) -> None:
    codes: list[int] = []

    def default() -> None:
        socket = WebSocket("ws://127.0.0.1:1/")

        def failed() -> None:
            socket.close()
            raise ValueError("lorem ipsum")

        if by_attribute:
            socket.onerror = failed
        else:
            socket.add_event_listener("error", failed)
        socket.onclose = lambda event: codes.append(event.code)

    result = k6ws.run(default, vus=1, iterations=1)
    assert failures(result) == [("ValueError", "lorem ipsum")]
    assert codes == [1006]


def test_the_other_sockets_of_a_failed_iteration_are_closed_with_1000(
    server: WebsocketsServer,
) -> None:
    codes: list[int] = []

    def default() -> None:
        others = [WebSocket(server.url("/ws-listen")) for _ in range(3)]
        for other in others:
            other.onclose = lambda event: codes.append(event.code)
        last = WebSocket(server.url("/ws-push"))

        def message() -> None:
            if all(other.ready_state == WebSocket.OPEN for other in others):
                raise ValueError("enough")
            last.ping()

        last.onmessage = last.onpong = message

    result = k6ws.run(default, vus=1, iterations=2)
    assert failures(result) == [("ValueError", "enough")]
    assert result.metrics["iterations"].count == 2
    assert codes == [1000] * 6


@pytest.mark.parity("websocket-one-failure-among-many-drains")
def test_many_pinging_sockets_and_one_exception_drain(server: WebsocketsServer) -> None:
    def default() -> None:
        for number in range(200):
            socket = WebSocket(server.url("/ws-listen"))

            def pong(event: Any, number: int = number) -> None:
                if number == 100:
                    event.target.close()
                    raise ValueError("lorem ipsum")
                event.target.ping()

            socket.onopen = lambda event: event.target.ping()
            socket.onpong = pong

    result = k6ws.run(default, vus=1, iterations=1)
    assert failures(result) == [("ValueError", "lorem ipsum")]
    assert result.metrics["ws_session_duration"]["avg"] > 0


@pytest.mark.parity("websocket-cut-among-many-drains")
@pytest.mark.timeout(60)
def test_many_pinging_sockets_drain_when_their_vu_is_cut(server: WebsocketsServer) -> None:
    pongs = 0

    def default() -> None:
        def pong(event: Any) -> None:
            nonlocal pongs
            pongs += 1
            event.target.ping()

        for _ in range(1000):
            socket = WebSocket(server.url("/ws-listen"))
            socket.onopen = lambda event: event.target.ping()
            socket.onpong = pong

    scenario: Any = {"executor": "constant-vus", "vus": 1, "duration": "3s", "gracefulStop": "10ms"}
    result = k6ws.run(default, scenarios={"s": scenario})
    assert (result.exceptions, pongs > 0) == ([], True)
    assert result.to_dict()["run"]["iterations_interrupted"] == 1


def test_a_listener_that_is_a_coroutine_runs_in_an_async_vu(server: WebsocketsServer) -> None:
    got: list[object] = []

    async def default() -> None:
        closed = asyncio.Event()
        socket = WebSocket(server.url("/ws-echo"))

        async def message(event: Any) -> None:
            await asyncio.sleep(0.001)
            got.append(await event.data.text())
            socket.close()

        socket.onopen = lambda: socket.send(b"hello")
        socket.onmessage = message
        socket.onclose = closed.set
        await closed.wait()
        got.append(socket.ready_state)

    run_once(default)
    assert got == ["hello", 3]


def test_a_listener_that_is_a_coroutine_and_raises_fails_the_iteration(
    server: WebsocketsServer,
) -> None:
    async def default() -> None:
        socket = WebSocket(server.url("/ws-listen"))

        async def opened() -> None:
            await asyncio.sleep(0.001)
            raise ValueError("lorem ipsum")

        socket.onopen = opened

    result = k6ws.run(default, vus=1, iterations=1)
    assert failures(result) == [("ValueError", "lorem ipsum")]
    assert server.journal.session().close_code == 1000


def test_a_coroutine_is_no_handler_for_a_blocking_vu(server: WebsocketsServer) -> None:
    async def handler() -> None: ...

    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        try:
            socket.onopen = handler
        finally:
            socket.close()

    result = k6ws.run(default, vus=1, iterations=1)
    [(kind, message)] = failures(result)
    assert kind == "TypeError"
    assert "async def" in message
