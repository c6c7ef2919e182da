"""Exceptions whose class answers no question, and those that come in groups: one iteration fails, no more."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

import k6ws
from k6ws import _core, ws
from k6ws.errors import Interrupted
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S


def refuse(*_: object) -> NoReturn:
    raise RuntimeError("a mistake in the class")


def leave(*_: object) -> NoReturn:
    raise SystemExit(3)


def kind(name: str, **content: Any) -> type[Exception]:
    """An error class of a script, with a mistake in it."""
    return type(name, (Exception,), content)


MISTAKES = [
    kind("NoText", __str__=leave, __repr__=leave),
    kind("NoHint", hint=property(refuse)),
    kind("HintWithoutText", hint=kind("Odd", __str__=refuse)()),
    kind("NoTruth", __bool__=refuse),
    kind("NoTrace", __traceback__=property(refuse)),
    kind("NoCause", __cause__=property(refuse), __context__=property(refuse)),
    kind("NoAttributes", __getattribute__=refuse),
    kind("OddNotes", __notes__=object()),
]


def in_function(url: str, mistake: Callable[[], object]) -> None:
    del url
    mistake()


def in_session(url: str, mistake: Callable[[], object]) -> None:
    ws.connect(url, lambda socket: socket.on("open", mistake))


def in_socket(url: str, mistake: Callable[[], object]) -> None:
    WebSocket(url).onopen = mistake


def in_timer(url: str, mistake: Callable[[], object]) -> None:
    del url
    set_timeout(mistake, 1)


@pytest.mark.parametrize("is_async", [False, True], ids=["def", "async def"])
@pytest.mark.parametrize("place", [in_function, in_session, in_socket, in_timer])
@pytest.mark.parametrize("error", MISTAKES)
def test_an_exception_that_answers_no_question_fails_its_iteration_alone(
    echo: _core.EchoServer,
    error: type[Exception],
    place: Callable[[str, Callable[[], object]], None],
    *,
    is_async: bool,
) -> None:
    count = 0

    def mistake() -> None:
        raise error

    def default() -> None:
        nonlocal count
        count += 1
        if count == 2:
            place(echo.url(), mistake)

    async def default_() -> None:
        if place is in_session:
            nonlocal count
            count += 1
            if count == 2:
                await ws.aconnect(echo.url(), lambda socket: socket.on("open", mistake))
        else:
            default()

    result = k6ws.run(default_ if is_async else default, iterations=4)
    assert result.metrics["iterations"].count == 4
    assert result.metrics["iteration_failed"].rate == 0.25
    assert [(one.type, one.count) for one in result.exceptions] == [(error.__name__, 1)]


@pytest.mark.parametrize("error", MISTAKES)
def test_one_of_setup_is_the_runs_and_leaves_no_traceback_of_ours(
    error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = type(pytest)("mistaken")
    module.error = error
    monkeypatch.setitem(__import__("sys").modules, "mistaken", module)
    (tmp_path / "script.py").write_text(
        "import mistaken\ndef setup():\n    raise mistaken.error\ndef default(): pass\n"
    )
    result = k6ws.run(tmp_path / "script.py", iterations=1)
    assert [(one.type, one.count) for one in result.exceptions] == [(error.__name__, 1)]
    assert result.exit_code == 107


@pytest.mark.parametrize("inner", [Interrupted, GeneratorExit, ValueError])
def test_a_group_of_what_ends_iterations_ends_one(inner: type[BaseException]) -> None:
    count = 0

    async def fail() -> None:
        raise inner

    async def default() -> None:
        nonlocal count
        count += 1
        if count == 2:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(fail())

    result = k6ws.run(default, iterations=4)
    assert result.metrics["iterations"].count == 4
    assert sum(one.count for one in result.exceptions) == 1


@pytest.mark.parametrize("is_async", [False, True], ids=["def", "async def"])
@pytest.mark.parametrize("event", ["onopen", "onclose"])
def test_an_iteration_that_interrupts_itself_leaves_the_next_one_nothing_to_wait_for(
    echo: _core.EchoServer, event: str, *, is_async: bool
) -> None:
    count = 0

    def interrupt() -> None:
        raise Interrupted

    def default() -> None:
        nonlocal count
        count += 1
        if count == 2:
            closing, other = WebSocket(echo.url()), WebSocket(echo.url())
            closing.onopen = lambda: closing.close()
            other.onopen = lambda: None
            setattr(closing, event, interrupt)

    async def default_() -> None:
        default()

    timing: k6ws.Scenario = {
        "executor": "per-vu-iterations",
        "iterations": 4,
        "maxDuration": f"{PATIENCE_S}s",
    }
    started = time.monotonic()
    result = k6ws.run(default_ if is_async else default, scenarios={"s": timing})
    assert time.monotonic() - started < PATIENCE_S / 2
    assert result.metrics["iterations"].count == 3
    assert result.to_dict()["run"]["iterations_interrupted"] == 1


class StruckError(Exception):
    """What a signal handler of the program raises."""


def test_what_strikes_one_of_several_tasks_leaves_the_run(request: pytest.FixtureRequest) -> None:
    def handler(_number: int, _frame: object) -> None:
        raise StruckError

    previous = signal.signal(signal.SIGUSR1, handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGUSR1, previous))

    async def strike() -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(PATIENCE_S)  # noqa: ASYNC251 - the signal ends it

    async def default() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(strike())

    with pytest.raises(ExceptionGroup) as left:
        k6ws.run(default, duration="30s")
    assert left.group_contains(StruckError)
