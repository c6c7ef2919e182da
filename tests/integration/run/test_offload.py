"""`offload`: a call that blocks is made in a thread, and only its VU waits."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import execution, offload


def per_vu(vus: int, each: int, **more: Any) -> dict[str, Any]:
    return {"s": {"executor": "per-vu-iterations", "vus": vus, "iterations": each, **more}}


@pytest.mark.parametrize("is_async", [False, True])
def test_a_call_gives_what_it_returns_and_runs_in_a_thread_of_its_own(is_async: bool) -> None:
    got: list[Any] = []

    def call(one: int, *, two: int) -> tuple[int, str]:
        return one + two, threading.current_thread().name

    def default() -> None:
        got.append(offload(call, 1, two=2))

    async def coroutine() -> None:
        got.append(await offload(call, 1, two=2))

    result = k6ws.run(coroutine if is_async else default, scenarios=per_vu(2, 2))
    assert result.exceptions == []
    assert got == [(3, "k6ws-offload")] * 4


@pytest.mark.parametrize("is_async", [False, True])
def test_the_others_go_on_meanwhile(is_async: bool) -> None:
    go = threading.Event()

    def default() -> None:
        if execution.vu.id_in_test == 1:
            assert offload(go.wait, 20)
        else:
            go.set()

    async def coroutine() -> None:
        if execution.vu.id_in_test == 1:
            assert await offload(go.wait, 20)
        else:
            go.set()

    result = k6ws.run(coroutine if is_async else default, scenarios=per_vu(2, 1))
    assert result.exceptions == []


def test_what_it_raises_is_raised_in_the_vu() -> None:
    class RefusedError(Exception):
        pass

    def refuse() -> None:
        raise RefusedError

    def default() -> None:
        try:
            offload(refuse)
        except RefusedError:
            offload(int, "x")

    result = k6ws.run(default, scenarios=per_vu(1, 1))
    assert [error.type for error in result.exceptions] == ["ValueError"]


def test_there_are_as_many_threads_as_vus_and_each_is_used_again() -> None:
    threads: set[int] = set()
    meeting = threading.Barrier(3, timeout=20)

    def call() -> None:
        threads.add(threading.get_ident())
        meeting.wait()

    def default() -> None:
        offload(call)

    result = k6ws.run(default, scenarios=per_vu(3, 5))
    assert result.exceptions == []
    assert len(threads) == 3


@pytest.mark.parametrize("is_async", [False, True])
def test_a_vu_that_is_cut_leaves_its_call_behind_and_the_report_names_it(is_async: bool) -> None:
    go = threading.Event()

    def hang() -> None:
        go.wait(30)

    def default() -> None:
        offload(hang)

    async def coroutine() -> None:
        await offload(hang)

    began = time.monotonic()
    cut: Any = {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(coroutine if is_async else default, scenarios={"s": cut})
    go.set()
    assert time.monotonic() - began < 20
    (line,) = [one for one in result.to_dict()["run"]["warnings"] if "offload" in one]
    assert line.startswith("2 calls of ")
    assert ".hang by offload() went on when their VUs were cut" in line


def test_it_works_in_programs_too() -> None:
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("mine")
    assert offload(variable.get) == "mine"

    async def program() -> int:
        one: int = await offload(pow, 2, 3)
        two: int = await asyncio.create_task(offload(pow, 2, 4))
        return one + two

    assert asyncio.run(program()) == 24


async def never() -> None:
    """A coroutine function."""


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: offload(never), "cannot run the coroutine function never"),
        (lambda: offload(3), "takes a function, not 3"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_called_there_is_refused(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(k6ws.K6Error, match=text):
        call()
