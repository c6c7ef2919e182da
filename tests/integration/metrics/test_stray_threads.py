"""What is done in a thread that belongs to no VU is counted nowhere: it is refused, or told."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import k6ws
from k6ws import check, execution, group, tcp, ws
from k6ws.metrics import Counter
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.servers import WebsocketsServer

orders = Counter("orders_in_threads")


def tag() -> None:
    execution.vu.tags["user"] = "carol"


COUNTED: dict[str, Callable[[], object]] = {
    "check": lambda: check(1, {"in a thread": True}),
    "group": lambda: group("in a thread", lambda: None),
    "metric": lambda: orders.add(1),
    "tag": tag,
}
OPENED: dict[str, Callable[[str], object]] = {
    "ws.connect": lambda url: ws.connect(url, lambda socket: socket.close()),
    "WebSocket": lambda url: WebSocket(url),
    "tcp": lambda _url: tcp.Socket().connect(9, "127.0.0.1"),
    "timer": lambda _url: set_timeout(lambda: None, 1),
}


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(k6ws.K6Error) as caught:
        call()
    return f"{caught.value} {caught.value.hint}"


async def in_to_thread(work: Callable[[], str]) -> str:
    return await asyncio.to_thread(work)


async def in_an_executor(work: Callable[[], str]) -> str:
    return await asyncio.get_running_loop().run_in_executor(None, work)


async def in_a_thread(work: Callable[[], str]) -> str:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


THREADS = {"to_thread": in_to_thread, "executor": in_an_executor, "own": in_a_thread}


@pytest.mark.parametrize("thread", THREADS)
@pytest.mark.parametrize("call", COUNTED)
def test_what_counts_is_refused_in_a_thread_of_a_vu(call: str, thread: str) -> None:
    texts: list[str] = []

    async def default() -> None:
        texts.append(await THREADS[thread](lambda: refusal(COUNTED[call])))

    result = run_once(default)
    assert ["in a thread that belongs to no VU" in text for text in texts] == [True]
    assert (len(result.checks), "orders_in_threads" in result.metrics) == (0, False)


@pytest.mark.parametrize("call", COUNTED)
def test_so_it_is_in_a_thread_of_a_blocking_vu(call: str) -> None:
    texts: list[str] = []

    def default() -> None:
        with ThreadPoolExecutor(1) as pool:
            texts.append(pool.submit(refusal, COUNTED[call]).result())

    run_once(default)
    assert ["in a thread that belongs to no VU" in text for text in texts] == [True]


@pytest.mark.parametrize("call", OPENED)
def test_what_opens_is_refused_in_a_thread_that_is_known_to_be_a_vus(
    call: str, server: WebsocketsServer
) -> None:
    texts: list[str] = []

    async def default() -> None:
        url = server.url("/ws-echo")
        texts.append(await asyncio.to_thread(refusal, lambda: OPENED[call](url)))

    run_once(default)
    assert ["in a thread that belongs to no VU" in text for text in texts] == [True]


def test_a_session_in_another_thread_runs_and_is_told_of_once(
    server: WebsocketsServer, caplog: pytest.LogCaptureFixture
) -> None:
    statuses: list[int] = []

    def work() -> None:
        for _ in range(2):
            response = ws.connect(server.url("/ws-echo"), lambda socket: socket.close())
            statuses.append(response.status)

    def default() -> None:
        thread = threading.Thread(target=work, name="mine")
        thread.start()
        thread.join()

    with caplog.at_level(logging.WARNING, "k6ws"):
        result = run_once(default)
    assert (statuses, "ws_sessions" in result.metrics) == ([101, 101], False)
    told = [record.message for record in caplog.records if "belongs to no VU" in record.message]
    assert ["thread 'mine'" in text for text in told] == [True]


def test_without_a_run_threads_use_k6ws_as_a_program_does(server: WebsocketsServer) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(check, 1, {"holds": True}).result() is True
        response = pool.submit(ws.connect, server.url("/ws-echo"), lambda socket: socket.close())
        assert response.result().status == 101


def test_runs_side_by_side_count_their_own_checks() -> None:
    async def main() -> list[k6ws.Result]:
        return await asyncio.gather(
            *(k6ws.arun(lambda: check(1, {"own": True}), iterations=5) for _ in range(3))
        )

    assert [result.checks["own"].passes for result in asyncio.run(main())] == [5, 5, 5]
