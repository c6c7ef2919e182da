"""`async def` VU functions are real asyncio coroutines, beside blocking VUs on the same thread."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import aiohttp
import pytest

import k6ws
from k6ws import check, execution, sleep, ws
from support.runs import run_once
from support.servers import WebsocketsServer


def test_what_asyncio_offers_works() -> None:
    done: list[object] = []

    async def default() -> None:
        event = asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, event.set)
        async with asyncio.timeout(5):
            await event.wait()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(asyncio.sleep(0.01, "first"))
            second = group.create_task(asyncio.to_thread(lambda: "second"))
        done.extend([first.result(), second.result()])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(10), 0.01)
        done.append(await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2)))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /status/404 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        done.append((await reader.readline()).startswith(b"HTTP/1.1 "))
        writer.close()
        await writer.wait_closed()

    with WebsocketsServer() as server:
        run_once(default)
    assert done == ["first", "second", [1, 2], True]


def test_a_token_is_fetched_by_aiohttp_before_the_websocket_opens(server: WebsocketsServer) -> None:
    statuses: list[int] = []

    async def default() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.get(server.http_url("/status/404")) as answer,
        ):
            statuses.append(answer.status)
        response = await ws.aconnect(
            server.url("/ws-echo"), lambda socket: socket.close(), headers={"X-Token": "42"}
        )
        statuses.append(response.status)

    run_once(default, vus=3, iterations=3)
    assert sorted(statuses) == [101, 101, 101, 404, 404, 404]
    assert server.journal.session().header("X-Token") == "42"


def test_a_session_runs_in_aconnect_as_in_connect(server: WebsocketsServer) -> None:
    story: list[object] = []

    async def default() -> None:
        def session(socket: ws.Socket) -> None:
            story.append("callback")
            socket.on("open", lambda: (story.append("open"), socket.send("hello")))
            socket.on("close", lambda code: story.append(code))
            socket.set_timeout(lambda: story.append("never"), 60_000)

            @socket.on("message")
            async def _(message: str) -> None:
                await asyncio.sleep(0.001)
                story.append(message)
                socket.close(1000)

        response = await ws.aconnect(server.url("/ws-echo"), {"tags": {"kind": "a"}}, session)
        check(response, {"status is 101": response.status == 101})

    result = run_once(default)
    assert story == ["callback", "open", "hello", 1000]
    assert result.checks["status is 101"].passes == 1
    assert result.metrics["ws_msgs_received"].count == 1
    [(tags, _)] = result.series("ws_sessions")
    assert tags["kind"] == "a"


def test_an_exception_of_a_handler_leaves_aconnect(server: WebsocketsServer) -> None:
    async def default() -> None:
        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            await ws.aconnect(server.url("/ws-echo"), session)

    run_once(default)
    assert server.journal.session().close_code == 1001


def test_every_task_and_handler_knows_its_vu(server: WebsocketsServer) -> None:
    wrong: list[tuple[int, int]] = []
    seen: set[int] = set()

    async def note(me: int) -> None:
        await asyncio.sleep(0.001)
        seen.add(me)
        if execution.vu.id_in_test != me:
            wrong.append((me, execution.vu.id_in_test))

    async def default() -> None:
        me = execution.vu.id_in_test

        def session(socket: ws.Socket) -> None:
            def opened() -> None:
                task = asyncio.get_running_loop().create_task(note(me))
                task.add_done_callback(lambda _: socket.close())

            socket.on("open", opened)

        await asyncio.gather(note(me), ws.aconnect(server.url("/ws-echo"), session))

    run_once(default, vus=5, iterations=20)
    assert (wrong, seen) == ([], {1, 2, 3, 4, 5})


def test_blocking_calls_name_the_form_to_await(server: WebsocketsServer) -> None:
    texts: list[str] = []

    async def default() -> None:
        for blocking in (
            lambda: sleep(1),
            lambda: ws.connect(server.url("/ws-echo"), lambda socket: socket.close()),
            lambda: k6ws.wait(),
        ):
            with pytest.raises(k6ws.K6Error) as caught:
                blocking()
            texts.append(str(caught.value))

    run_once(default)
    assert ["sleep()" in texts[0], "await asyncio.sleep(seconds)" in texts[0]] == [True, True]
    assert "await ws.aconnect(" in texts[1]
    assert "wait()" in texts[2]


def test_async_and_blocking_scenarios_share_a_run(server: WebsocketsServer) -> None:
    def blocking() -> None:
        for _ in range(5):
            sleep(0.002)
        ws.connect(server.url("/ws-echo"), lambda socket: socket.close())

    async def asynchronous() -> None:
        for _ in range(5):
            await asyncio.sleep(0.002)
        await ws.aconnect(server.url("/ws-echo"), lambda socket: socket.close())

    scenario = {"executor": "per-vu-iterations", "vus": 4, "iterations": 5}
    result = _run_functions(
        {"blocking": blocking, "asynchronous": asynchronous},
        scenarios={
            "one": {**scenario, "exec": "blocking"},
            "two": {**scenario, "exec": "asynchronous"},
        },
    )
    assert result.metrics["iterations"].count == 40
    assert result.metrics["ws_sessions"].count == 40
    assert result.exceptions == []


def test_a_busy_coroutine_starves_nobody(server: WebsocketsServer) -> None:
    """One VU never lets asyncio rest; the other's session goes on all the same."""
    is_over = False

    async def busy() -> None:
        while not is_over:  # noqa: ASYNC110 - being busy is the point
            await asyncio.sleep(0)  # what this test is about

    def talk() -> None:
        nonlocal is_over
        for _ in range(3):
            response = ws.connect(server.url("/ws-echo"), lambda socket: socket.close())
            assert response.status == 101
        is_over = True

    once = {"executor": "per-vu-iterations", "vus": 1, "iterations": 1}
    result = _run_functions(
        {"busy": busy, "talk": talk},
        scenarios={"a": {**once, "exec": "busy"}, "b": {**once, "exec": "talk"}},
    )
    assert result.metrics["iterations"].count == 2


def test_a_coroutine_that_fails_ends_only_its_iteration() -> None:
    async def default() -> None:
        if execution.vu.iteration_in_scenario == 0:
            raise ValueError("the first")
        if execution.vu.iteration_in_scenario == 1:
            raise SystemExit(3)

    result = k6ws.run(default, scenarios=_per_vu(2, 3))
    assert result.metrics["iterations"].count == 6
    assert {(e.type, e.count) for e in result.exceptions} == {("ValueError", 2), ("SystemExit", 2)}


def test_a_task_left_behind_is_cancelled_and_counted() -> None:
    cancelled: list[int] = []

    async def linger() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(execution.vu.id_in_test)

    kept: list[asyncio.Task[None]] = []

    async def default() -> None:
        kept.append(asyncio.create_task(linger()))
        await asyncio.sleep(0)

    began = time.monotonic()
    result = run_once(default, vus=2, iterations=4)
    assert time.monotonic() - began < 10
    assert len(cancelled) == 4
    assert result.to_dict()["run"]["tasks_left_behind"] == 4


def test_the_end_of_the_grace_reaches_finally() -> None:
    ends: list[str] = []

    async def default() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise
        finally:
            with pytest.raises(k6ws.Interrupted):
                check(1, {"too late": True})
            ends.append("finally")

    result = k6ws.run(default, scenarios=_constant(2))
    assert sorted(ends) == ["cancelled", "cancelled", "finally", "finally"]
    assert result.to_dict()["run"]["iterations_interrupted"] == 2
    assert "iterations" not in result.metrics or result.metrics["iterations"].count == 0


def test_a_task_that_swallows_its_cancellation_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    swallowed: list[float] = []

    async def stubborn() -> None:
        # The cut and the end of the iteration cancel it, and in vain; the end of the run does not.
        while len(swallowed) < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed.append(time.monotonic())
        await asyncio.sleep(60)

    with caplog.at_level(logging.WARNING, "k6ws"):
        k6ws.run(stubborn, scenarios=_constant(1))
    assert any("did not end within" in record.message for record in caplog.records)


def test_blocking_scripts_do_not_load_asyncio() -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    program = (
        "import sys, k6ws; k6ws.run(lambda: k6ws.sleep(0.001), iterations=2);"
        "assert 'asyncio' not in sys.modules, 'asyncio was loaded'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def _per_vu(vus: int, iterations: int) -> dict[str, Any]:
    return {"s": {"executor": "per-vu-iterations", "vus": vus, "iterations": iterations}}


def _constant(vus: int) -> dict[str, Any]:
    return {"s": {"executor": "constant-vus", "vus": vus, "duration": "1s", "gracefulStop": "10ms"}}


def _run_functions(functions: dict[str, Any], **options: Any) -> k6ws.Result:
    """A run with several exec functions, without a file."""
    from k6ws._run.runner import Runner  # noqa: PLC0415
    from k6ws._script import Script  # noqa: PLC0415

    runner = Runner(Script("functions", {}, functions), [("script", options)])
    runner.run()
    return runner.result()
