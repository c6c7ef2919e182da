"""What other threads and signal handlers ask of a run is done, each once."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from k6ws._loop import current_loop
from k6ws._run.calls import Calls

# The other way of pytest-timeout is the alarm that is used here.
pytestmark = pytest.mark.timeout(30, method="thread")


def test_nothing_posted_by_a_signal_handler_is_lost() -> None:
    loop, calls = current_loop(), Calls()
    posted: list[int] = []
    made: list[int] = []

    def post(_number: int, _frame: object) -> None:
        posted.append(number := len(posted))
        calls.post(lambda: made.append(number))

    is_over = threading.Event()

    def crowd() -> None:
        # Somebody else posts as well, so that calls are taken when the signal comes.
        while not is_over.is_set():
            calls.post(lambda: None)

    previous = signal.signal(signal.SIGALRM, post)
    thread = threading.Thread(target=crowd)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    try:
        calls.open(loop)
        thread.start()
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline:
            loop.sleep(1.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)
        is_over.set()
        thread.join()
    deadline = time.monotonic() + 2.0
    while len(made) < len(posted) and time.monotonic() < deadline:
        loop.sleep(1.0)
    calls.close()
    assert len(posted) > 100
    assert (len(made), sorted(made)) == (len(posted), list(range(len(posted))))
