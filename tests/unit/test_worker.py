"""How the greenlet of a VU ends: one that rests returns, one that waits in the script is thrown out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from greenlet import GreenletExit, getcurrent, greenlet, settrace

import k6ws
from k6ws._loop import Loop, Vu, current_loop
from k6ws._run.worker import Worker


@pytest.fixture
def thrown() -> Iterator[list[tuple[greenlet, greenlet]]]:
    """From which greenlet into which one an exception was thrown."""
    seen: list[tuple[greenlet, greenlet]] = []

    def look(event: str, pair: Any) -> None:
        if event == "throw":
            seen.append(pair)

    previous = settrace(look)
    yield seen
    settrace(previous)


def test_vus_that_rest_are_let_go_without_an_exception(
    thrown: list[tuple[greenlet, greenlet]],
) -> None:
    workers: set[greenlet] = set()
    result = k6ws.run(lambda: workers.add(getcurrent()), vus=20, iterations=60)
    assert result.metrics["iterations"]["count"] == 60
    assert (len(workers), thrown) == (20, [])
    assert all(one.dead for one in workers)


class Told:
    """An iteration that keeps what it is told."""

    what = "the function"

    def __init__(self, loop: Loop) -> None:
        self.vu = Vu(loop)
        self.said: list[Any] = []

    def begin(self) -> None:
        self.said.append("begun")

    def failed(self, error: BaseException) -> None:
        self.said.append(type(error))

    def failed_also(self, first: BaseException, second: BaseException) -> None:
        del first, second

    def failed_between(self, error: BaseException) -> None:
        self.said.append(type(error))

    def left_behind(self) -> None:
        pass

    def end(self) -> None:
        self.said.append("ended")


def test_one_that_waits_in_the_script_is_thrown_out_of_it() -> None:
    loop = current_loop()
    told, me = Told(loop), getcurrent()
    worker, inside = Worker(told, loop), list[greenlet]()

    def function() -> None:
        inside.append(getcurrent())
        me.switch()

    worker.start(function)
    assert told.said == ["begun"]
    worker.dismiss()
    assert told.said == ["begun", GreenletExit, "ended"]
    assert inside[0].dead
