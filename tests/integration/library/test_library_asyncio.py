"""k6ws inside a program's own asyncio loop: in the same thread, in another one, with uvloop."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

import k6ws
from k6ws import ws
from k6ws._loop import current_loop
from support.journal import PATIENCE_S
from support.servers import WebsocketsServer

Runner = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run_loop(request: pytest.FixtureRequest) -> Runner:
    return request.param


def echo_once(got: list[str]) -> Callable[[ws.Socket], None]:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("hello"))
        socket.on("message", lambda text: (got.append(text), socket.close(1000)))

    return session


def test_a_session_runs_on_the_programs_loop(server: WebsocketsServer, run_loop: Runner) -> None:
    got: list[str] = []

    async def main() -> ws.Response:
        return await ws.aconnect(server.url("/ws-echo"), echo_once(got))

    # Twice: every program may have its loops one after the other.
    for _ in range(2):
        assert run_loop(main()).status == 101
    assert got == ["hello", "hello"]
    assert ws.connect(server.url("/ws-echo"), echo_once(got)).status == 101, "a plain program again"


def test_many_sessions_run_beside_the_programs_tasks(
    server: WebsocketsServer, run_loop: Runner
) -> None:
    got: list[str] = []
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    async def main() -> None:
        ticking = asyncio.create_task(tick())
        url = server.url("/ws-echo")
        responses = await asyncio.gather(*(ws.aconnect(url, echo_once(got)) for _ in range(50)))
        assert {response.status for response in responses} == {101}
        ticking.cancel()

    run_loop(main())
    assert got == ["hello"] * 50
    assert ticks > 50


def test_timers_of_a_session_fire_while_the_loop_is_idle(
    server: WebsocketsServer, run_loop: Runner
) -> None:
    fired: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.set_timeout(lambda: fired.append("first"), 20)
        socket.set_timeout(lambda: (fired.append("second"), socket.close()), 40)

    async def main() -> None:
        async with asyncio.timeout(10):
            await ws.aconnect(server.url("/ws-echo"), session)

    run_loop(main())
    assert fired == ["first", "second"]


def test_handlers_may_start_tasks_and_be_coroutines(
    server: WebsocketsServer, run_loop: Runner
) -> None:
    story: list[str] = []

    def session(socket: ws.Socket) -> None:
        async def later() -> None:
            await asyncio.sleep(0.001)
            story.append("task")
            socket.close()

        @socket.on("open")
        async def _() -> None:
            await asyncio.sleep(0.001)
            story.append("handler")
            asyncio.get_running_loop().create_task(later())

    async def main() -> None:
        await ws.aconnect(server.url("/ws-echo"), session)

    run_loop(main())
    assert story == ["handler", "task"]


def test_cancelling_aconnect_closes_the_connection(
    server: WebsocketsServer, run_loop: Runner
) -> None:
    async def main() -> None:
        opened = asyncio.Event()
        session = asyncio.create_task(
            ws.aconnect(server.url("/ws-echo"), lambda socket: socket.on("open", opened.set))
        )
        await opened.wait()
        session.cancel()
        with pytest.raises(asyncio.CancelledError):
            await session

    run_loop(main())
    assert server.journal.session().close_code == 1001


def test_a_message_larger_than_the_cork_leaves_at_once(
    server: WebsocketsServer, run_loop: Runner
) -> None:
    big = "x" * 300_000
    got: list[int] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send(big))
        socket.on("message", lambda text: (got.append(len(text)), socket.close()))

    run_loop(ws.aconnect(server.url("/ws-echo"), session))
    assert got == [len(big)]


def test_blocking_calls_are_refused_where_a_loop_runs(server: WebsocketsServer) -> None:
    async def main() -> None:
        with pytest.raises(k6ws.K6Error, match=r"await ws\.aconnect"):
            ws.connect(server.url("/ws-echo"), lambda socket: socket.close())
        with pytest.raises(k6ws.K6Error, match=r"await asyncio.sleep\(seconds\)"):
            k6ws.sleep(1)

    asyncio.run(main())
    assert server.journal.sessions == []


def test_each_thread_has_its_own_loop(server: WebsocketsServer) -> None:
    got: list[str] = []
    statuses: list[int] = []

    def program() -> None:
        session = ws.aconnect(server.url("/ws-echo"), echo_once(got))
        statuses.append(asyncio.run(session).status)

    threads = [threading.Thread(target=program) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (statuses, got) == ([101] * 4, ["hello"] * 4)


def test_run_in_a_running_loop_takes_a_thread_of_its_own_and_says_what_is_better(
    caplog: pytest.LogCaptureFixture,
) -> None:
    threads: list[int] = []

    async def main() -> k6ws.Result:
        return k6ws.run(lambda: threads.append(threading.get_ident()), iterations=2)

    assert asyncio.run(main()).metrics["iterations"].count == 2
    assert threading.get_ident() not in threads
    assert "await k6ws.arun()" in caplog.text


def test_arun_lets_the_loop_go_on(server: WebsocketsServer) -> None:
    beats = 0
    got: list[str] = []

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.001)
            beats += 1

    async def main() -> k6ws.Result:
        beating = asyncio.create_task(beat())

        def default() -> None:
            k6ws.sleep(0.05)
            ws.connect(server.url("/ws-echo"), echo_once(got))

        result = await k6ws.arun(default, vus=2, iterations=4)
        beating.cancel()
        return result

    result = asyncio.run(main())
    assert result.metrics["iterations"].count == 4
    assert (len(got), beats > 5) == (4, True)


def test_arun_raises_what_run_raises() -> None:
    async def main() -> None:
        await k6ws.arun(lambda: None, vus="many")

    with pytest.raises(k6ws.OptionsError, match="vus"):
        asyncio.run(main())


def test_an_arun_that_is_thrown_away_ends_the_run_even_when_its_loop_is_closed() -> None:
    started = threading.Event()
    story: list[str] = []

    def default() -> None:
        started.set()
        try:
            k6ws.sleep(60)
        finally:
            story.append("ended")

    test = k6ws.arun(default, iterations=1)

    async def begin() -> None:
        test.send(None)
        await asyncio.to_thread(started.wait, 10)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(begin())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    test.close()
    assert story == ["ended"]
    assert "k6ws-run" not in [thread.name for thread in threading.enumerate()]


def test_cancelling_arun_stops_the_run() -> None:
    started = threading.Event()

    async def main() -> None:
        def default() -> None:
            started.set()
            k6ws.sleep(60)

        running = asyncio.create_task(k6ws.arun(default, iterations=1))
        await asyncio.to_thread(started.wait, 10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())


class StruckError(Exception):
    """What a signal handler of the program raises."""


@pytest.mark.parametrize("is_awaited", [False, True], ids=["run", "arun"])
def test_what_strikes_the_wait_for_a_run_leaves_once_the_run_has_ended(
    request: pytest.FixtureRequest, *, is_awaited: bool
) -> None:
    def handler(_number: int, _frame: object) -> None:
        raise StruckError

    previous = signal.signal(signal.SIGUSR1, handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGUSR1, previous))
    main = threading.get_ident()
    is_struck, is_over = threading.Event(), threading.Event()

    def strike() -> None:
        is_struck.wait(PATIENCE_S)
        signal.pthread_kill(main, signal.SIGUSR1)

    striker = threading.Thread(target=strike)
    striker.start()

    def default() -> None:
        try:
            is_struck.set()
            k6ws.sleep(PATIENCE_S)
        finally:
            # The run is not over while this cleans up.
            time.sleep(0.2)
            is_over.set()

    async def program() -> None:
        if is_awaited:
            await k6ws.arun(default, duration="30s")
        else:
            k6ws.run(default, duration="30s")

    with pytest.raises(StruckError):
        asyncio.run(program())
    striker.join()
    assert is_over.is_set()
    assert "k6ws-run" not in {one.name for one in threading.enumerate()}


class _Struck:
    """A core behind whose first `take_events` a signal strikes."""

    def __init__(self, core: Any) -> None:
        self._core = core
        self.strikes = 0

    def take_events(self) -> None:
        self._core.take_events()
        if self.strikes == 0:
            self.strikes += 1
            raise KeyboardInterrupt

    def __iter__(self) -> Any:
        return iter(self._core)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)


def test_what_strikes_behind_the_taking_of_a_batch_loses_none_of_it(
    server: WebsocketsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    async def program() -> None:
        def session(socket: ws.Socket) -> None:
            def message(text: str) -> None:
                told.append(text)
                socket.close()

            socket.on("open", lambda: socket.send("hello"))
            socket.on("message", message)

        loop = current_loop()
        # The program sees the signal, and goes on.
        connecting = asyncio.ensure_future(ws.aconnect(server.url("/ws-echo"), session))
        await asyncio.sleep(0)
        monkeypatch.setattr(loop, "core", struck := _Struck(loop.core))
        runs.append(struck)
        await connecting

    runs: list[_Struck] = []
    running = asyncio.new_event_loop()
    task = running.create_task(program())
    while not task.done():
        try:
            running.run_until_complete(asyncio.wait_for(asyncio.shield(task), PATIENCE_S))
        except KeyboardInterrupt:
            continue
    monkeypatch.undo()
    running.close()
    assert [one.strikes for one in runs] == [1]
    assert told == ["hello"]
