"""Whatever leaves `k6ws.run`, nothing of the run goes on; and whatever a script does, a run ends."""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import k6ws
from k6ws import _core, ws
from k6ws._loop import current_loop
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S
from support.tcp_server import TcpServer, silent

SOON_S = 3.0
LONG: dict[str, Any] = {"vus": 3, "duration": "30s"}


class StruckError(Exception):
    """What a signal handler of the program raises."""


@pytest.fixture(params=[signal.SIGUSR1, signal.SIGUSR2])
def strike(request: pytest.FixtureRequest) -> Iterator[Callable[[], None]]:
    """Sends this process a signal whose handler raises, as an alarm or the time-out of a test does."""

    def handler(_number: int, _frame: object) -> None:
        raise StruckError

    previous = signal.signal(request.param, handler)
    yield lambda: os.kill(os.getpid(), request.param)
    signal.signal(request.param, previous)


def when(ready: threading.Event, act: Callable[[], object]) -> threading.Thread:
    """Do this, in a thread, once the run has come so far."""

    def wait() -> None:
        if ready.wait(PATIENCE_S):
            act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def assert_nothing_goes_on(began: list[int]) -> None:
    """No iteration of a run that is over begins, and the next run counts its own only."""
    before = len(began)
    assert current_loop().core.connections() == 0
    assert current_loop().control is None
    # The loop goes on for a while: what was left behind would show.
    k6ws.sleep(0.2)
    result = k6ws.run(lambda: k6ws.sleep(0.01), vus=2, iterations=4)
    assert result.metrics["iterations"].count == 4
    assert "ws_sessions" not in result.metrics
    assert len(began) == before


def sessions(url: str, began: list[int], ready: threading.Event) -> Callable[[], None]:
    """A VU function that talks, again and again."""

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("x"))
        socket.on("message", lambda _: ready.set())

    def default() -> None:
        began.append(1)
        ws.connect(url, session)

    return default


def test_what_a_signal_handler_raises_leaves_the_run(
    echo: _core.EchoServer, strike: Callable[[], None]
) -> None:
    began: list[int] = []
    ready = threading.Event()
    thread = when(ready, strike)
    with pytest.raises(StruckError):
        k6ws.run(sessions(echo.url(), began, ready), **LONG)
    thread.join()
    assert_nothing_goes_on(began)


def test_it_leaves_the_run_where_it_strikes_a_line_of_the_script(
    strike: Callable[[], None],
) -> None:
    began: list[int] = []

    def default() -> None:
        began.append(1)
        if len(began) == 5:
            strike()
            time.sleep(PATIENCE_S)
        k6ws.sleep(0.01)

    with pytest.raises(StruckError):
        k6ws.run(default, **LONG)
    assert_nothing_goes_on(began)


def test_it_leaves_the_run_where_it_strikes_a_coroutine(strike: Callable[[], None]) -> None:
    began: list[int] = []

    async def default() -> None:
        began.append(1)
        if len(began) == 5:
            strike()
            time.sleep(PATIENCE_S)  # noqa: ASYNC251 - the signal ends it

    with pytest.raises(StruckError):
        k6ws.run(default, **LONG)
    assert_nothing_goes_on(began)


@pytest.mark.parametrize("stage", ["setup", "teardown"])
def test_it_leaves_a_stage_too(
    stage: str, strike: Callable[[], None], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "script.py").write_text(
        f"import struck_stage\nfrom k6ws import sleep\n"
        f"def default(): pass\n"
        f"def {stage}():\n    struck_stage.ready.set()\n    sleep(60)\n"
    )
    ready = threading.Event()
    module: Any = type(threading)("struck_stage")
    module.ready = ready
    monkeypatch.setitem(__import__("sys").modules, "struck_stage", module)
    thread = when(ready, strike)
    with pytest.raises(StruckError):
        k6ws.run(tmp_path / "script.py", iterations=1)
    thread.join()
    assert_nothing_goes_on([])


def test_the_outcome_of_a_test_leaves_the_run() -> None:
    began: list[int] = []

    def default() -> None:
        began.append(1)
        k6ws.sleep(0.01)
        pytest.fail("this is the test's")

    with pytest.raises(pytest.fail.Exception, match="this is the test's"):
        k6ws.run(default, **LONG)
    assert_nothing_goes_on(began)


@pytest.mark.parametrize("seed", range(10))
def test_one_ctrl_c_ends_a_run_at_any_moment(seed: int) -> None:
    moment = random.Random(seed).uniform(0.0, 0.1)
    ready = threading.Event()
    began: list[int] = []

    def default() -> None:
        began.append(1)
        ready.set()

    def later() -> None:
        # The moment is the point: most of them fall between two iterations.
        time.sleep(moment)
        interrupt()

    thread = when(ready, later)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        k6ws.run(default, vus=4, duration="30s")
    thread.join()
    assert time.monotonic() - started < SOON_S + moment
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert_nothing_goes_on(began)


def test_one_ctrl_c_ends_a_call_that_blocks_the_thread() -> None:
    def default() -> None:
        interrupt()
        time.sleep(PATIENCE_S)

    with pytest.raises(KeyboardInterrupt):
        k6ws.run(default, **LONG)


def test_one_ctrl_c_ends_a_run_whose_peers_do_not_read() -> None:
    ready = threading.Event()
    with TcpServer(silent) as server:

        def default() -> None:
            socket = k6ws.tcp.Socket(max_buffered=1 << 16)
            socket.connect(server.port).wait()
            ready.set()
            while True:
                socket.write("x" * 1_000_000).wait()

        thread = when(ready, interrupt)
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            k6ws.run(default, **LONG)
        assert time.monotonic() - started < SOON_S
        thread.join()


class UntoldError(Exception):
    """An error class with a typo."""

    def __str__(self) -> str:
        return self.response  # type: ignore[attr-defined,no-any-return]


def chained(length: int) -> Exception:
    error: Exception = ValueError("the first of many")
    for _ in range(length):
        after = ValueError("one of many")
        after.__context__ = error
        error = after
    return error


@pytest.mark.parametrize(
    "make", [UntoldError, lambda: chained(3_000)], ids=["no text", "long chain"]
)
@pytest.mark.parametrize("is_async", [False, True], ids=["def", "async def"])
def test_an_exception_that_can_hardly_be_told_fails_its_iteration_alone(
    make: Callable[[], Exception], *, is_async: bool
) -> None:
    count = 0

    def default() -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise make()

    async def default_() -> None:
        default()

    result = k6ws.run(default_ if is_async else default, vus=2, iterations=10)
    assert result.metrics["iterations"].count == 10
    assert result.metrics["iteration_failed"].rate == 0.1
    assert [(one.type, one.count) for one in result.exceptions] == [(make().__class__.__name__, 1)]


def test_a_handler_that_raises_while_a_failed_iteration_ends_is_told_as_well(
    echo: _core.EchoServer, caplog: pytest.LogCaptureFixture
) -> None:
    def default() -> None:
        socket = WebSocket(echo.url())
        socket.onopen = lambda: socket.send("x")

        def onmessage() -> None:
            raise ValueError("the first")

        def onclose() -> None:
            raise KeyError("the second")

        socket.onmessage, socket.onclose = onmessage, onclose

    with caplog.at_level(logging.ERROR, "k6ws"):
        result = k6ws.run(default, vus=1, iterations=3)
    assert [(one.type, one.count) for one in result.exceptions] == [("ValueError", 3)]
    first, second = caplog.messages
    assert "ValueError: the first" in first
    assert "KeyError: 'the second'" in second
    assert "failed as well" in second


def test_what_cannot_be_ended_is_named_by_its_line(caplog: pytest.LogCaptureFixture) -> None:
    lock = threading.Lock()

    def is_told() -> bool:
        return any("cannot end" in message for message in caplog.messages)

    def default() -> None:
        # Two VUs share a thread: the second stands here for good, and the first with it.
        while not is_told():
            try:
                if lock.acquire(timeout=0.1):
                    k6ws.sleep(0.05)
            except k6ws.Interrupted:
                continue

    timing: Any = {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"}
    with caplog.at_level(logging.ERROR, "k6ws"):
        k6ws.run(default, scenarios={"s": timing})
    (message,) = [one for one in caplog.messages if "cannot end" in one]
    assert "test_run_ends.py:" in message
    assert " in default" in message
