"""Handlers may wait: nothing is lost, nothing recurses, nobody else is held up."""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import Any

import pytest

import k6ws
from k6ws import _core, sleep, ws


def test_the_handlers_of_a_thousand_vus_may_wait_at_once(echo: _core.EchoServer) -> None:
    def vu() -> None:
        def session(socket: ws.Socket) -> None:
            def wait(_: str) -> None:
                sleep(0.2)
                socket.close()

            socket.on("open", lambda: socket.send("x"))
            socket.on("message", wait)

        assert ws.connect(echo.url(), session).status == 101

    result = k6ws.run(vu, vus=1000, iterations=1000)
    assert result.exceptions == []
    assert result.metrics["iterations"].count == 1000


def test_a_handler_that_is_slower_than_its_messages_gets_them_all_in_order(
    echo: _core.EchoServer,
) -> None:
    got: list[int] = []
    total = 3000

    def session(socket: ws.Socket) -> None:
        def slow(text: str) -> None:
            got.append(int(text))
            if len(got) % 100 == 0:
                sleep(0.001)
            if len(got) == total:
                socket.close()

        @socket.on("open")
        def _() -> None:
            for number in range(total):
                socket.send(number)

        socket.on("message", slow)

    assert ws.connect(echo.url(), session).status == 101
    assert got == list(range(total))


def test_a_connection_that_was_paused_for_a_busy_script_is_read_again(
    echo: _core.EchoServer,
) -> None:
    # Well over the bound of 1,024 undelivered messages, while the first handler hogs the thread.
    total, got = 20_000, 0

    def vu() -> None:
        def session(socket: ws.Socket) -> None:
            def count(_: str) -> None:
                nonlocal got
                if got == 0:
                    time.sleep(0.3)
                got += 1
                if got == total:
                    socket.close()

            @socket.on("open")
            def _() -> None:
                for _ in range(total):
                    socket.send("x" * 100)

            socket.on("message", count)

        ws.connect(echo.url(), session)

    result = k6ws.run(vu, vus=1, iterations=1)
    assert result.exceptions == []
    assert got == total
    assert result.metrics["ws_msgs_received"].count == total
    assert result.metrics["ws_paused"].count >= 1


def test_a_run_whose_handlers_hog_the_thread_says_that_it_cannot_be_trusted(
    echo: _core.EchoServer,
) -> None:
    def vu() -> None:
        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: [socket.send("x") for _ in range(5)])
            socket.on("message", lambda _: time.sleep(0.05))
            socket.set_timeout(socket.close, 300)

        ws.connect(echo.url(), session)

    result = k6ws.run(vu, vus=2, iterations=2)
    assert not result.trustworthy
    assert "vu_loop_lag" in result.to_dict()["run"]["reasons"][0]


def test_sessions_nest_in_handlers_to_depth_three_and_lose_nothing(
    echo: _core.EchoServer,
) -> None:
    wrong: list[list[str]] = []

    def level(depth: int) -> None:
        def session(socket: ws.Socket) -> None:
            got: list[str] = []
            expected = [f"{depth}:{number}" for number in range(30)]

            def receive(text: str) -> None:
                got.append(text)
                if len(got) % 10 == 3:
                    if depth < 3:
                        level(depth + 1)
                    else:
                        sleep(0.001)
                    gc.collect()
                if len(got) == 30:
                    if got != expected:
                        wrong.append(got)
                    socket.close()

            socket.on("open", lambda: [socket.send(text) for text in expected])
            socket.on("message", receive)
            socket.on("close", lambda: sleep(0.001))
            socket.set_interval(lambda: sleep(0.001), 3)

        ws.connect(echo.url(), session)

    # What other tests left behind is not looked through five hundred times.
    gc.freeze()
    try:
        result = k6ws.run(lambda: level(0), vus=4, iterations=4)
    finally:
        gc.unfreeze()
    assert (wrong, result.exceptions) == ([], [])
    sessions = 4 * (1 + 3 + 9 + 27)
    assert result.metrics["ws_msgs_received"].count == 30 * sessions
    assert "ws_msgs_dropped" not in result.metrics


def test_a_fork_leaves_the_parents_sockets_and_timers_alone(echo: _core.EchoServer) -> None:
    outcome: list[str] = []

    def session(socket: ws.Socket) -> None:
        def fork() -> None:
            child = os.fork()
            if child == 0:
                try:
                    socket.send("from the child")
                except k6ws.K6Error:
                    os._exit(7)
                os._exit(1)
            _, status = os.waitpid(child, 0)
            outcome.append(f"child {os.waitstatus_to_exitcode(status)}")
            socket.send("from the parent")

        socket.on("open", fork)
        socket.on(
            "message", lambda text: (outcome.append(text), socket.set_timeout(socket.close, 5))
        )

    assert ws.connect(echo.url(), session).status == 101
    assert outcome == ["child 7", "from the parent"]


@pytest.mark.parametrize("is_threaded", [False, True], ids=["main thread", "another thread"])
def test_a_loop_without_end_is_ended_in_a_program_too(is_threaded: bool) -> None:
    results: list[k6ws.Result] = []
    hog: Any = {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"}

    def forever() -> None:
        while True:
            pass

    def program() -> None:
        results.append(k6ws.run(forever, scenarios={"hog": hog}))

    if is_threaded:
        thread = threading.Thread(target=program, daemon=True)
        thread.start()
        thread.join(timeout=20)
    else:
        program()
    assert len(results) == 1
    assert results[0].exceptions == []
    assert results[0].to_dict()["run"]["iterations_interrupted"] == 2
