"""`k6ws.timers` and `k6ws.utils`: order, lifetime, what is refused."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import k6ws
from k6ws import execution
from k6ws.timers import (
    clear_interval,
    clear_timeout,
    clearInterval,
    clearTimeout,
    set_interval,
    set_timeout,
    setInterval,
    setTimeout,
)
from support.runs import run_once


def takes_two(_a: object, _b: object) -> None: ...


@pytest.mark.parity("timer-without-delay")
def test_a_timeout_without_delay_runs_after_the_function() -> None:
    story: list[str] = []

    def default() -> None:
        set_timeout(lambda: story.append("timer"))
        k6ws.sleep(0.01)
        story.append("function")

    run_once(default)
    assert story == ["function", "timer"]


@pytest.mark.parity("timer-needs-a-function")
@pytest.mark.parametrize(
    ("function", "name"), [(setTimeout, "setTimeout"), (setInterval, "setInterval")]
)
def test_the_callback_must_be_there(function: Any, name: str) -> None:
    for missing in ((), (None,)):
        with pytest.raises(k6ws.K6Error, match=f"{name}'s callback isn't a callable function"):
            function(*missing)
    others: list[Any] = [1, "print(1)", {}]
    for other in others:
        with pytest.raises(TypeError):
            function(other)
    with pytest.raises(TypeError, match="takes 2 arguments, the event has 1"):
        function(takes_two, 1, "one")


@pytest.mark.parametrize("arm", [set_timeout, set_interval])
@pytest.mark.parametrize("takes", [0, 1, 2])
def test_a_callback_gets_as_many_of_the_arguments_as_it_takes(
    arm: Callable[..., int], takes: int
) -> None:
    heard: list[tuple[str, ...]] = []
    timers: list[int] = []

    def tell(*arguments: str) -> None:
        heard.append(arguments)
        for timer in timers:
            clear_interval(timer)

    def two(first: str, second: str) -> None:
        tell(first, second)

    def one(first: str) -> None:
        tell(first)

    callbacks: list[Callable[..., None]] = [lambda: tell(), one, two]
    run_once(lambda: timers.append(arm(callbacks[takes], 1, "one", "two")))
    assert heard == [("one", "two")[:takes]]


@pytest.mark.parity("interval-clears-itself")
def test_an_interval_with_a_slow_callback_clears_itself() -> None:
    story: list[str] = []

    def default() -> None:
        calls = 0

        def tick() -> None:
            nonlocal calls
            calls += 1
            k6ws.sleep(0.01)
            if calls == 3:
                story.append("cleared")
                clear_interval(interval)

        interval = set_interval(tick, 1)
        story.append("function")

    run_once(default)
    assert story == ["function", "cleared"]


@pytest.mark.parity("timers-of-one-delay-in-order")
def test_timers_with_the_same_delay_fire_in_order_of_creation() -> None:
    story: list[int] = []

    def default() -> None:
        story.clear()
        for number in range(5):
            set_timeout(story.append, 2, number)
        later = set_timeout(story.append, 60_000, 99)
        for number in range(5, 10):
            set_timeout(story.append, 2, number)
        # The last of that delay: it ends the iteration, which would last for a minute otherwise.
        set_timeout(clear_timeout, 2, later)

    for _ in range(20):
        run_once(default)
        assert story == [*range(10)]


@pytest.mark.parity("intervals-keep-their-order")
def test_intervals_keep_their_order_in_every_round() -> None:
    story: list[int] = []

    def default() -> None:
        story.clear()
        intervals = [set_interval(story.append, 1, number) for number in (1, 2, 3)]

        def last() -> None:
            story.append(4)
            for interval in (*intervals, final):
                clear_interval(interval)

        final = set_interval(last, 10)

    for _ in range(10):
        run_once(default)
        *rounds, end = story
        assert end == 4
        assert rounds == ([1, 2, 3] * len(rounds))[: len(rounds)]
        assert len(rounds) >= 3


@pytest.mark.parity("cut-stops-timers")
def test_a_cut_stops_timers_that_arm_each_other() -> None:
    calls = 0

    def default() -> None:
        def again() -> None:
            nonlocal calls
            calls += 1
            set_timeout(again)

        for _ in range(20):
            again()

    scenario: Any = {"executor": "constant-vus", "vus": 5, "duration": "1s", "gracefulStop": "10ms"}
    result = k6ws.run(default, scenarios={"s": scenario})
    after = calls
    assert (result.exceptions, calls > 1000) == ([], True)
    k6ws.sleep(0.02)  # the point: the loop goes on, and timers without delay would be due
    assert calls == after


@pytest.mark.parity("cleared-timer-moves-no-other")
def test_clearing_an_earlier_timer_makes_no_later_one_early() -> None:
    fired: list[float] = []

    def default() -> None:
        began = time.monotonic()
        early = set_timeout(lambda: fired.append(-1), 10)
        set_timeout(lambda: fired.append(time.monotonic() - began), 300)
        clearTimeout(early)

    run_once(default)
    [after] = fired
    assert after >= 0.3


@pytest.mark.parity("no-timer-no-wait", "iteration-waits-for-timers")
def test_an_iteration_ends_with_its_last_timer_and_at_once_without() -> None:
    durations = {
        delay: run_once(lambda delay=delay: set_timeout(lambda: None, delay) if delay else None)
        for delay in (0, 100)
    }
    assert durations[0].metrics["iteration_duration"]["max"] < 90
    assert durations[100].metrics["iteration_duration"]["min"] >= 100


@pytest.mark.parity("first-failure-ends-it", "failure-leaves-no-timer", "failure-is-told-whole")
def test_the_first_failure_ends_the_iteration_and_stops_the_other_timers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fired: list[int] = []

    def fail(number: int) -> None:
        raise ValueError(f"number {number}")

    def default() -> None:
        for number in range(3):
            set_timeout(fail, 5, number)
        set_timeout(fired.append, 60_000, 1)
        set_interval(fired.append, 60_000, 2)

    began = time.monotonic()
    result = k6ws.run(default, vus=1, iterations=3)
    assert time.monotonic() - began < 20
    assert [(e.type, e.message, e.count) for e in result.exceptions] == [
        ("ValueError", "number 0", 3)
    ]
    assert (fired, result.metrics["iterations"].count) == ([], 3)
    stopped = [r.message for r in caplog.records if "was stopped" in r.message]
    assert stopped[:4] == [
        f"{name} was stopped because the VU iteration was interrupted"
        for name in ("setTimeout 2", "setTimeout 3", "setTimeout 4", "setInterval 5")
    ]


@pytest.mark.parity("timer-stays-in-its-scenario")
def test_a_timer_never_leaks_into_another_scenario(caplog: pytest.LogCaptureFixture) -> None:
    fired: list[str] = []

    def default() -> None:
        name = execution.scenario.name
        set_timeout(fired.append, 60_000 if name == "first" else 1, name)

    one: Any = {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "10ms"}
    two: Any = {"executor": "per-vu-iterations", "vus": 1, "iterations": 1, "startTime": "1200ms"}
    k6ws.run(default, scenarios={"first": one, "second": two})
    assert fired == ["second"]
    text = "setTimeout 1 was stopped because the VU iteration was interrupted"
    assert text in [record.message for record in caplog.records]


@pytest.mark.parity("timer-stays-in-its-iteration")
def test_a_timer_of_a_failed_iteration_never_fires_in_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fired: list[int] = []

    def default() -> None:
        iteration = execution.vu.iteration_in_scenario
        set_timeout(fired.append, 30, iteration)
        if iteration == 0:
            raise ValueError("the first")
        k6ws.sleep(0.05)

    result = k6ws.run(default, vus=1, iterations=2)
    assert (fired, len(result.exceptions)) == ([1], 1)
    messages = [record.message for record in caplog.records]
    assert "setTimeout 1 was stopped because the VU iteration was interrupted" in messages


def test_an_interval_counts_from_the_end_of_its_callback() -> None:
    starts: list[float] = []

    def default() -> None:
        def tick() -> None:
            starts.append(time.monotonic())
            if len(starts) == 3:
                clear_interval(interval)
            else:
                k6ws.sleep(0.05)

        interval = set_interval(tick, 20)

    run_once(default)
    assert all(later - start >= 0.07 for start, later in itertools.pairwise(starts))


def test_an_interval_goes_on_when_it_clears_the_only_other_timer() -> None:
    """Upstream it silently stops."""
    ticks: list[int] = []

    def default() -> None:
        other = set_timeout(print, 60_000)

        def tick() -> None:
            ticks.append(len(ticks))
            clear_timeout(other)
            if len(ticks) == 3:
                clearInterval(interval)

        interval = set_interval(tick, 1)

    run_once(default)
    assert ticks == [0, 1, 2]


@pytest.mark.parametrize(
    ("delay", "at_least_ms"),
    [
        (None, 0),
        (float("nan"), 0),
        (-5, 0),
        (0.3, 0.3),
        ("20", 20),
        ("0.02s", 20),
        (timedelta(milliseconds=20), 20),
    ],
)
def test_delays_are_milliseconds_or_durations(delay: Any, at_least_ms: float) -> None:
    began = time.monotonic()
    set_timeout(lambda: None, delay)
    assert k6ws.wait("10s")
    assert (time.monotonic() - began) * 1000 >= at_least_ms


@pytest.mark.parametrize("delay", [float("inf"), "soon", 1e13, "inf"])
def test_a_delay_that_is_none_is_refused(delay: Any) -> None:
    with pytest.raises(k6ws.InvalidParameter):
        set_timeout(print, delay)
    assert k6ws.wait(0)


def test_ids_count_up_and_anything_else_is_ignored_by_clear() -> None:
    ids: list[int] = []

    def default() -> None:
        ids.extend([set_timeout(lambda: None, 1), set_interval(lambda: None, 60_000)])
        others: list[Any] = [None, "1", 1.5, -1, 10_000, []]
        for other in others:
            clear_timeout(other)
        clear_timeout()
        clear_timeout(ids[-1])

    run_once(default, iterations=2)
    assert ids == [1, 2, 3, 4]


def test_a_timer_that_is_due_and_cleared_does_not_fire() -> None:
    fired: list[str] = []

    def default() -> None:
        one = set_timeout(lambda: (fired.append("one"), clear_timeout(two)), 1)
        two = set_timeout(lambda: (fired.append("two"), clear_timeout(one)), 1)
        k6ws.sleep(0.02)

    run_once(default)
    assert fired == ["one"]


def test_timers_run_beside_an_async_function() -> None:
    story: list[str] = []

    async def default() -> None:
        event = asyncio.Event()

        async def later(word: str) -> None:
            await asyncio.sleep(0)
            story.append(word)
            set_timeout(event.set, 1)

        set_timeout(later, 1, "coroutine")
        await event.wait()
        story.append("event")
        set_timeout(story.append, 0, "after the function")
        story.append("function")

    run_once(default)
    assert story == ["coroutine", "event", "function", "after the function"]


def test_timers_run_on_a_programs_asyncio_loop() -> None:
    async def main() -> list[str]:
        done = asyncio.Event()
        story: list[str] = []

        def tick() -> None:
            story.append("interval")
            if len(story) == 3:
                clear_interval(interval)
                set_timeout(lambda: (story.append("timeout"), done.set()), 1)

        interval = set_interval(tick, 1)
        async with asyncio.timeout(10):
            await done.wait()
        return story

    assert asyncio.run(main()) == ["interval", "interval", "interval", "timeout"]


def test_wait_gives_up_after_its_timeout() -> None:
    timer = set_timeout(lambda: None, 60_000)
    assert not k6ws.wait(10)
    clear_timeout(timer)
    assert k6ws.wait(10)
