"""Sockets that belong to their VU: iterations neither wait for them nor end them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import k6ws
from k6ws import execution, tcp
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket
from support.runs import total
from support.servers import EchoServer
from support.tcp_server import TcpServer


def iterations(vus: int, each: int, **more: Any) -> dict[str, Any]:
    executor = "per-vu-iterations"
    return {
        "s": {"executor": executor, "vus": vus, "iterations": each, "maxDuration": "20s", **more}
    }


def opened(url: str, heard: list[Any]) -> WebSocket:
    """The socket of this VU, opened by its first iteration."""
    state = execution.vu.state
    if "socket" not in state:
        socket = state["socket"] = WebSocket(url)
        socket.keep()
        socket.onmessage = lambda event: heard.append((execution.vu.id_in_test, event.data))
    return state["socket"]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_kept_socket_serves_all_iterations_of_its_vu(
    any_server: EchoServer, is_async: bool
) -> None:
    heard: list[Any] = []
    url = any_server.url("/ws-echo-multi")

    def default() -> None:
        socket = opened(url, heard)
        number = execution.vu.iteration_in_scenario
        if socket.ready_state == 0:
            socket.onopen = lambda: socket.send("first")
        else:
            socket.send(f"{number}")
        # Messages arrive while the iteration waits for this.
        set_timeout(lambda: None, 30)

    async def coroutine() -> None:
        default()

    result = k6ws.run(coroutine if is_async else default, scenarios=iterations(3, 4))
    assert result.exceptions == []
    assert total(result, "ws_sessions") == 3
    assert total(result, "iterations") == 12
    assert total(result, "ws_msgs_sent") == 12
    assert sorted(heard) == sorted(
        (vu, text) for vu in (1, 2, 3) for text in ("first", "1", "2", "3")
    )


def test_a_kept_tcp_socket_serves_all_iterations_of_its_vu() -> None:
    answers: list[bytes] = []
    with TcpServer() as server:

        def default() -> None:
            state = execution.vu.state
            if "socket" not in state:
                socket = state["socket"] = tcp.Socket()
                socket.on("data", answers.append)
                socket.connect(server.port, "127.0.0.1").wait()
                socket.keep()
            state["socket"].write("hello").wait()

        result = k6ws.run(default, scenarios=iterations(2, 3))
    assert result.exceptions == []
    assert total(result, "tcp_sockets") == 2
    assert total(result, "iterations") == 6


def test_a_tcp_socket_that_was_never_connected_cannot_be_kept() -> None:
    with pytest.raises(tcp.TCPError, match="no active connection"):
        tcp.Socket().keep()


def test_messages_reach_their_listener_between_two_iterations(server: EchoServer) -> None:
    """The peer sends while the VU waits for its next start, which a timetable says."""
    url = server.url("/ws-echo-multi")
    heard: list[tuple[int, str]] = []

    def default() -> None:
        state = execution.vu.state
        if "socket" not in state:
            socket = state["socket"] = WebSocket(url)
            socket.keep()

            def answer(event: Any) -> None:
                number = execution.vu.iteration_in_scenario
                heard.append((number, event.data))
                if len(event.data) < 5:
                    socket.send(event.data + "x")

            socket.onopen = lambda: socket.send("x")
            socket.onmessage = answer

    result = k6ws.run(
        default,
        scenarios={
            "s": {
                "executor": "constant-arrival-rate",
                "rate": 1,
                "timeUnit": "10s",
                "duration": "1s",
                "preAllocatedVUs": 1,
            }
        },
    )
    assert result.exceptions == []
    assert heard == [(0, "x" * n) for n in range(1, 6)]
    assert total(result, "ws_sessions") == 1


def test_a_listener_that_raises_between_two_iterations_is_counted_and_ends_none(
    server: EchoServer,
) -> None:
    url = server.url("/ws-echo-multi")

    def default() -> None:
        state = execution.vu.state
        if "socket" not in state:
            socket = state["socket"] = WebSocket(url)
            socket.keep()
            socket.onopen = lambda: 1 / 0

    result = k6ws.run(
        default,
        scenarios={
            "s": {
                "executor": "constant-arrival-rate",
                "rate": 10,
                "duration": "1s",
                "preAllocatedVUs": 1,
            }
        },
    )
    assert [(one.type, one.count) for one in result.exceptions] == [("ZeroDivisionError", 1)]
    assert result.metrics["iterations"]["count"] == 11


def test_an_iteration_begins_when_the_handler_of_a_kept_socket_has_returned(
    server: EchoServer,
) -> None:
    url = server.url("/ws-echo-multi")
    order: list[str] = []

    def default() -> None:
        state = execution.vu.state
        order.append(f"iteration {execution.vu.iteration_in_scenario}")
        if "socket" not in state:
            socket = state["socket"] = WebSocket(url)
            socket.keep()

            def slow() -> None:
                order.append("begin")
                k6ws.sleep(0.6)
                order.append("end")

            socket.onopen = slow

    k6ws.run(
        default,
        scenarios={
            "s": {
                "executor": "constant-arrival-rate",
                "rate": 2,
                "duration": "1s",
                "preAllocatedVUs": 1,
                "gracefulStop": "5s",
            }
        },
    )
    assert order[:4] == ["iteration 0", "begin", "end", "iteration 1"]


def test_a_failed_iteration_leaves_a_kept_socket_open(server: EchoServer) -> None:
    url = server.url("/ws-echo-multi")

    def default() -> None:
        socket = opened(url, [])
        if execution.vu.iteration_in_scenario == 0:
            socket.onopen = lambda: None
            set_timeout(lambda: 1 / 0, 200)
        else:
            assert socket.ready_state == 1

    result = k6ws.run(default, scenarios=iterations(1, 3))
    assert [(one.type, one.count) for one in result.exceptions] == [("ZeroDivisionError", 1)]
    assert total(result, "ws_sessions") == 1


def test_a_cut_takes_kept_sockets_with_it(server: EchoServer) -> None:
    url = server.url("/ws-echo-multi")

    def default() -> None:
        opened(url, [])
        k6ws.sleep(60)

    result = k6ws.run(
        default,
        scenarios={
            "s": {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"}
        },
    )
    assert total(result, "ws_session_duration") == 2


def test_a_program_does_not_wait_for_a_kept_socket(server: EchoServer) -> None:
    socket = WebSocket(server.url("/ws-echo-multi"))
    socket.keep()
    assert k6ws.wait(0)
    socket.close()


def test_a_program_in_asyncio_hears_a_kept_socket(server: EchoServer) -> None:
    async def program() -> str:
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        socket = WebSocket(server.url("/ws-echo-multi"))
        socket.keep()
        socket.onopen = lambda: socket.send("hello")
        socket.onmessage = lambda event: heard.set_result(event.data)
        text = await asyncio.wait_for(heard, 10)
        socket.close()
        return text

    assert asyncio.run(program()) == "hello"
