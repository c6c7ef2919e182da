"""`vu_start` and `vu_stop`: a VU enters its scenario, keeps what it opened, and leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import k6ws
from k6ws import _core
from support.notes import NOTES, run_script
from support.runs import total
from support.servers import EchoServer
from support.vu_scripts import ASYNC_SCRIPT, EXECUTORS, SCRIPT, scenario


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a TCP server that sends everything back."""
    server = _core.EchoServer("127.0.0.1", 0, None, "tcp")
    yield int(server.url().rstrip("/").rsplit(":", 1)[1])
    server.stop()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_blocking_vu_enters_once_keeps_its_socket_and_leaves(
    port: int, tmp_path: Path, executor: str
) -> None:
    text = SCRIPT.format(port=port)
    result, noted = run_script(tmp_path, text, scenarios=scenario(executor))
    assert (result.exceptions, result.exit_code) == ([], 0)
    assert total(result, "tcp_sockets") == noted["start"] == noted["stop"] == 3
    assert noted["iteration"] == total(result, "iterations") > 3
    assert total(result, "tcp_writes") == noted["iteration"]
    # What comes behind the last iteration of a VU may be told while it leaves, or not any more.
    assert noted["iteration"] - 3 <= noted["echo"] <= noted["iteration"]
    if "arrival" in executor:
        # All of them have begun before the clock of the scenario.
        assert NOTES[:3] == ["start"] * 3


@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_async_vu_enters_once_keeps_its_socket_and_leaves(
    server: EchoServer, tmp_path: Path, executor: str
) -> None:
    text = ASYNC_SCRIPT.format(url=server.url("/ws-echo-multi"))
    result, noted = run_script(tmp_path, text, scenarios=scenario(executor))
    assert (result.exceptions, result.exit_code) == ([], 0)
    assert total(result, "ws_sessions") == noted["start"] == noted["stop"] == 3
    assert noted["iteration"] == total(result, "iterations") > 3
    assert total(result, "ws_msgs_sent") == noted["iteration"]
    assert noted["iteration"] - 3 <= noted["echo"] <= noted["iteration"]
    if "arrival" in executor:
        assert NOTES[:3] == ["start"] * 3
    assert {server.journal.session(index).close_code for index in range(3)} == {1000}


@pytest.mark.parametrize("executor", EXECUTORS)
def test_the_time_of_vu_start_is_in_no_iteration(tmp_path: Path, executor: str) -> None:
    text = """
        import k6ws
        def vu_start():
            k6ws.sleep(0.4)
        def default():
            pass
    """
    more = {"iterations": 6} if "iterations" in executor else {}
    if executor in {"constant-vus", "ramping-vus"}:
        text = text.replace("pass", "k6ws.sleep(0.1)")
    result, _ = run_script(tmp_path, text, scenarios=scenario(executor, **more))
    assert result.metrics["iteration_duration"]["max"] < 300
    if "arrival" in executor:
        assert result.metrics["iterations"]["count"] in {30, 31}
        assert "dropped_iterations" not in result.metrics


def test_a_scenario_names_its_own_functions_and_gives_them_the_data_of_setup(
    tmp_path: Path,
) -> None:
    text = """
        from k6ws import execution
        def setup():
            return {"word": "data"}
        def vu_start(data):
            NOTES.append("alike " + data["word"])
        def begin(data):
            execution.vu.state["word"] = data["word"]
        def end():
            NOTES.append("end " + execution.vu.state["word"] + execution.scenario.name)
        def default():
            pass
    """
    each = {"executor": "per-vu-iterations", "vus": 2, "iterations": 1}
    own = {**each, "vuStart": "begin", "vu_stop": "end"}
    _, noted = run_script(tmp_path, text, scenarios={"a": each, "b": own})
    assert noted == {"alike data": 2, "end datab": 2}


def test_a_function_that_is_missing_is_refused_by_its_name(tmp_path: Path) -> None:
    own = scenario("per-vu-iterations", vuStart="begin")
    with pytest.raises(k6ws.OptionsError, match="no function 'begin'"):
        run_script(tmp_path, "def default(): pass", scenarios=own)


def test_a_timer_of_vu_start_goes_on_from_iteration_to_iteration(tmp_path: Path) -> None:
    text = """
        from k6ws import execution, sleep
        from k6ws.timers import set_interval, set_timeout
        def vu_start():
            set_interval(lambda: NOTES.append("tick"), 50)
        def default():
            NOTES.append("iteration")
            set_timeout(lambda: NOTES.append("timeout"), 120)
    """
    result, noted = run_script(
        tmp_path, text, scenarios=scenario("per-vu-iterations", vus=1, iterations=3)
    )
    assert (noted["iteration"], noted["timeout"]) == (3, 3)
    assert noted["tick"] >= 4
    assert result.metrics["iteration_duration"]["min"] >= 120


def test_a_task_of_vu_start_goes_on_until_the_vu_leaves(tmp_path: Path) -> None:
    text = """
        import asyncio
        async def beat():
            try:
                while True:
                    NOTES.append("beat")
                    await asyncio.sleep(0.03)
            finally:
                NOTES.append("ended")
        async def vu_start():
            asyncio.create_task(beat())
        async def default():
            await asyncio.sleep(0.1)
    """
    result, noted = run_script(
        tmp_path, text, scenarios=scenario("per-vu-iterations", vus=2, iterations=3)
    )
    assert result.exceptions == []
    assert noted["beat"] >= 8
    assert noted["ended"] == 2


def test_vus_that_wait_are_taken_first_in_first_out(tmp_path: Path) -> None:
    text = """
        from k6ws import execution
        def vu_start():
            pass
        def default():
            NOTES.append(str(execution.vu.id_in_test))
    """
    run_script(tmp_path, text, scenarios=scenario("constant-arrival-rate", rate=9))
    assert [int(note) for note in NOTES] == [n % 3 + 1 for n in range(10)]


def test_fifty_vus_keep_fifty_sessions_through_an_arrival_rate(
    server: EchoServer, tmp_path: Path
) -> None:
    """R3 of the wishes, scaled to two cores: 100 instead of 500 a second, 4 s instead of 60."""
    text = """
        import asyncio
        from k6ws import execution
        from k6ws.websockets import WebSocket

        async def vu_start():
            state = execution.vu.state
            socket = state["socket"] = WebSocket({url!r})
            opened = asyncio.Event()
            socket.onopen = opened.set
            socket.onmessage = lambda event: state["answered"].set()
            await opened.wait()

        async def default():
            state = execution.vu.state
            state["answered"] = asyncio.Event()
            state["socket"].send("one exchange")
            await state["answered"].wait()
    """.format(url=server.url("/ws-echo-multi"))
    rate = {"executor": "constant-arrival-rate", "rate": 100, "duration": "4s"}
    result, _ = run_script(tmp_path, text, scenarios={"s": {**rate, "preAllocatedVUs": 50}})
    assert (result.exceptions, result.exit_code) == ([], 0)
    assert total(result, "ws_sessions") == 50
    assert abs(result.metrics["iterations"]["count"] - 401) <= 2
    assert total(result, "ws_msgs_sent") == total(result, "ws_msgs_received") == 401


def test_fifty_vus_ask_on_fifty_sessions_through_an_arrival_rate(
    server: EchoServer, tmp_path: Path
) -> None:
    """R3 once more, as people write it who start from nothing."""
    text = """
        from k6ws import execution, ws

        def vu_start():
            execution.vu.state["session"] = ws.open({url!r})

        def default():
            execution.vu.state["session"].request("ask", "ask", match="ask")

        def vu_stop():
            execution.vu.state["session"].close()
    """.format(url=server.url("/ws-echo-multi"))
    rate = {"executor": "constant-arrival-rate", "rate": 100, "duration": "4s"}
    result, _ = run_script(tmp_path, text, scenarios={"s": {**rate, "preAllocatedVUs": 50}})
    assert (result.exceptions, result.exit_code) == ([], 0)
    assert total(result, "ws_sessions") == 50
    assert abs(result.metrics["iterations"]["count"] - 401) <= 2
    assert total(result, "ws_reqs") == result.metrics["iterations"]["count"]
    assert result.metrics["ws_req_failed"]["rate"] == 0


def test_vus_that_are_added_begin_when_they_are_needed(tmp_path: Path) -> None:
    text = """
        from k6ws import sleep
        def vu_start():
            NOTES.append("start")
        def default():
            sleep(0.3)
        def vu_stop():
            NOTES.append("stop")
    """
    grows = scenario("constant-arrival-rate", rate=10, preAllocatedVUs=1, maxVUs=9)
    result, noted = run_script(tmp_path, text, scenarios=grows)
    assert result.exceptions == []
    assert noted["start"] == noted["stop"]
    assert 3 <= noted["start"] <= 9


@pytest.mark.parametrize("executor", EXECUTORS)
def test_minimum_durations_and_vus_that_leave_go_together(tmp_path: Path, executor: str) -> None:
    text = """
        def vu_start():
            NOTES.append("start")
        def default():
            pass
        def vu_stop():
            NOTES.append("stop")
    """
    more = {"iterations": 3} if "iterations" in executor else {}
    result, noted = run_script(
        tmp_path, text, scenarios=scenario(executor, **more), min_iteration_duration="150ms"
    )
    assert (result.exceptions, result.exit_code) == ([], 0)
    assert noted["start"] == noted["stop"] == 3
