"""`vu_start` and `vu_stop` at every end: a failure, a cut, an abort, a ramp that turns, another scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from k6ws import _core
from support.notes import run_script
from support.runs import total
from support.servers import EchoServer
from support.vu_scripts import ASYNC_SCRIPT, EXECUTORS, SCRIPT, scenario


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a TCP server that sends everything back."""
    server = _core.EchoServer("127.0.0.1", 0, None, "tcp")
    yield int(server.url().rstrip("/").rsplit(":", 1)[1])
    server.stop()


def test_a_vu_that_comes_back_enters_again_with_an_empty_state(tmp_path: Path) -> None:
    text = """
        from k6ws import execution, sleep
        def vu_start():
            assert not execution.vu.state
            execution.vu.state["here"] = execution.vu.id_in_test
            NOTES.append(f"start {execution.vu.id_in_test}")
        def vu_stop():
            NOTES.append(f"stop {execution.vu.state['here']}")
        def default():
            sleep(0.05)
    """
    stages = [
        {"duration": "400ms", "target": 2},
        {"duration": "0s", "target": 1},
        {"duration": "500ms", "target": 1},
        {"duration": "0s", "target": 2},
        {"duration": "400ms", "target": 2},
    ]
    ramp = scenario("ramping-vus", startVUs=2, stages=stages)
    result, noted = run_script(tmp_path, text, scenarios=ramp)
    assert result.exceptions == []
    assert noted == {"start 1": 1, "stop 1": 1, "start 2": 2, "stop 2": 2}


@pytest.mark.parametrize("executor", EXECUTORS)
def test_vus_that_cannot_begin_are_counted_and_the_run_ends(tmp_path: Path, executor: str) -> None:
    text = """
        def vu_start():
            raise ValueError("no such user")
        def vu_stop():
            NOTES.append("stop")
        def default():
            NOTES.append("iteration")
    """
    result, noted = run_script(tmp_path, text, scenarios=scenario(executor, gracefulStop="1s"))
    assert result.exit_code == 107
    assert noted == {"stop": 3}
    assert total(result, "vu_failed", scenario="s") == 3
    assert [(one.type, one.count) for one in result.exceptions] == [("ValueError", 3)]
    assert "iterations" not in result.metrics


def test_the_others_go_on_where_one_vu_cannot_begin(tmp_path: Path) -> None:
    text = """
        from k6ws import execution
        def vu_start():
            if execution.vu.id_in_test == 2:
                raise ValueError("no such user")
        def default():
            NOTES.append(f"{execution.vu.id_in_test}")
    """
    each = scenario("per-vu-iterations")
    result, noted = run_script(tmp_path, text, scenarios=each)
    assert (result.exit_code, noted) == (0, {"1": 4, "3": 4})
    assert total(result, "dropped_iterations") == 4
    assert total(result, "vu_failed") == 1


@pytest.mark.parametrize("is_async", [False, True])
def test_a_vu_that_is_cut_does_not_stop_in_order(
    server: EchoServer, port: int, tmp_path: Path, is_async: bool
) -> None:
    url = server.url("/ws-echo-multi")
    text = ASYNC_SCRIPT.format(url=url) if is_async else SCRIPT.format(port=port)
    text = text.replace("sleep(0.02)", "sleep(60)")
    cut = scenario("constant-vus", gracefulStop="0s")
    result, noted = run_script(tmp_path, text, scenarios=cut)
    assert noted["start"] == noted["iteration"] == 3
    assert noted["stop"] == 0
    assert total(result, "ws_session_duration" if is_async else "tcp_socket_duration") == 3


@pytest.mark.parametrize("is_async", [False, True])
def test_a_vu_start_that_never_ends_is_told(
    server: EchoServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, is_async: bool
) -> None:
    """``ws.connect`` lasts as long as its session: whoever writes it there has no iteration."""
    text = f"""
        from k6ws import ws
        def vu_start():
            ws.connect({server.url("/ws-echo-multi")!r}, lambda socket: NOTES.append("open"))
        def default():
            NOTES.append("iteration")
    """
    if is_async:
        text = f"""
            from k6ws import ws
            async def vu_start():
                async with ws.aopen({server.url("/ws-echo-multi")!r}) as session:
                    NOTES.append("open")
                    await session.recv(timeout=None)
            async def default():
                NOTES.append("iteration")
        """
    cut = scenario("constant-vus", gracefulStop="0s")
    _, noted = run_script(tmp_path, text, scenarios=cut)
    assert noted == {"open": 3}
    assert caplog.text.count("vu_start() of scenario s had not ended when its VU was cut") == 1


@pytest.mark.parametrize("is_async", [False, True])
def test_a_vu_stop_that_takes_too_long_is_cut(tmp_path: Path, is_async: bool) -> None:
    text = """
        from k6ws import sleep
        def vu_stop():
            NOTES.append("begun")
            sleep(60)
            NOTES.append("over")
        def default():
            pass
    """
    if is_async:
        text = text.replace("def ", "async def ").replace("sleep(60)", "await asyncio.sleep(60)")
        text = text.replace("from k6ws import sleep", "import asyncio")
    short = scenario("shared-iterations", gracefulStop="300ms")
    _, noted = run_script(tmp_path, text, scenarios=short)
    assert noted == {"begun": 3}


def test_what_begins_before_a_timetable_has_the_time_of_setup(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = """
        from k6ws import sleep
        def vu_start():
            sleep(60)
        def default():
            NOTES.append("iteration")
    """
    late = scenario("constant-arrival-rate")
    result, noted = run_script(tmp_path, text, scenarios=late, setup_timeout="1s")
    assert (result.exit_code, noted) == (100, {})
    assert "vu_start() of 3 VUs of scenario s did not end within 1 s" in caplog.text


def test_what_vu_stop_raises_is_counted_and_its_socket_closes(port: int, tmp_path: Path) -> None:
    text = SCRIPT.format(port=port).replace('NOTES.append("stop")', "1 / 0")
    result, _ = run_script(tmp_path, text, scenarios=scenario("per-vu-iterations"))
    assert [(one.type, one.count) for one in result.exceptions] == [("ZeroDivisionError", 3)]
    assert total(result, "tcp_socket_duration") == 3
    assert result.metrics["iterations"]["count"] == 12


@pytest.mark.parametrize("where", ["vu_start", "default", "vu_stop"])
@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_test_that_is_aborted_ends_at_once_wherever_vus_are(
    tmp_path: Path, executor: str, where: str
) -> None:
    text = """
        from k6ws import execution, sleep
        def vu_start():
            NOTES.append("vu_start")
        def default():
            NOTES.append("default")
            sleep(0.02)
        def vu_stop():
            NOTES.append("vu_stop")
    """
    abort = f'NOTES.append("{where}")'
    text = text.replace(abort, f"{abort}; execution.test.abort()")
    result, noted = run_script(tmp_path, text, scenarios=scenario(executor))
    assert (result.exit_code, result.exceptions) == (108, [])
    assert noted[where] >= 1
    if where != "vu_stop":
        assert noted["vu_stop"] == 0


def test_scenarios_one_after_the_other_have_their_vus_enter_each(tmp_path: Path) -> None:
    text = """
        from k6ws import execution
        def vu_start():
            assert not execution.vu.state
            execution.vu.state["of"] = execution.scenario.name
            NOTES.append("start " + execution.scenario.name)
        def default():
            assert execution.vu.state["of"] == execution.scenario.name
        def vu_stop():
            NOTES.append("stop " + execution.vu.state["of"])
    """
    first = {"executor": "per-vu-iterations", "vus": 2, "iterations": 3}
    rate = {**EXECUTORS["constant-arrival-rate"], "executor": "constant-arrival-rate"}
    result, noted = run_script(
        tmp_path, text, scenarios={"a": first, "b": {**rate, "startTime": "1s"}}
    )
    assert (result.exceptions, result.exit_code) == ([], 0)
    assert noted == {"start a": 2, "stop a": 2, "start b": 3, "stop b": 3}
