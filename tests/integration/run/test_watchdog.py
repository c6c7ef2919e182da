"""The watchdog of a run at its edges: whoever stops the run does so when it likes, from any thread."""

from __future__ import annotations

import bdb
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Generator
from types import FrameType
from typing import Any, cast

import pytest

from k6ws import _core
from k6ws._loop import current_loop
from k6ws._run.watchdog import AlarmWatchdog, ThreadWatchdog, Watchdog
from k6ws.errors import Interrupted

# The other way of pytest-timeout is the alarm that this is about.
pytestmark = pytest.mark.timeout(30, method="thread")

HOUR_MS = 3_600_000.0


class Schedule:
    """What a watchdog asks of a run."""

    def wake(self) -> None:
        """Nothing is due."""


def watchdog(kind: type[Watchdog]) -> Watchdog:
    return kind(current_loop(), cast("_core.Run", cast("Any", Schedule())), {"": HOUR_MS}, print)


@contextlib.contextmanager
def watching(dog: Watchdog) -> Generator[None]:
    dog.begin()
    try:
        yield
    finally:
        dog.end()


def hog() -> None:
    hog_for(10.0)


def hog_for(seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pass


def test_a_stop_outside_the_block_arms_no_alarm() -> None:
    # Nobody handles it there, and it would end the process.
    dog = watchdog(AlarmWatchdog)
    dog.stopped()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    with watching(dog):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0.0
    dog.stopped()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@pytest.mark.parametrize("kind", [AlarmWatchdog, ThreadWatchdog])
def test_a_stop_before_the_block_ends_what_hogs_in_it(kind: type[Watchdog]) -> None:
    dog = watchdog(kind)
    dog.stopped()
    began = time.monotonic()
    with watching(dog), pytest.raises(Interrupted):
        hog()
    assert time.monotonic() - began < 5.0
    current_loop().outside.is_cut = False


def test_stops_from_another_thread_leave_no_alarm_behind() -> None:
    is_over = threading.Event()
    dogs = [watchdog(AlarmWatchdog)]

    def stop() -> None:
        while not is_over.is_set():
            dogs[-1].stopped()

    thread = threading.Thread(target=stop)
    thread.start()
    try:
        for _ in range(500):
            dogs.append(watchdog(AlarmWatchdog))
            with watching(dogs[-1]):
                pass
            assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        is_over.set()
        thread.join()


class Stepping(bdb.Bdb):
    """A person who looks at a line for longer than the watchdog waits."""

    def user_line(self, frame: FrameType) -> None:
        hog_for(1.5)
        self.set_continue()


@pytest.mark.parametrize("kind", [AlarmWatchdog, ThreadWatchdog])
def test_a_debugger_is_not_interrupted(kind: type[Watchdog]) -> None:
    dog = watchdog(kind)
    dog.stopped()
    before = sys.gettrace()
    with watching(dog):
        Stepping().set_trace()
        # What is stepped through goes on afterwards.
        hog_for(1.5)
    assert not current_loop().outside.is_cut
    sys.settrace(before)
