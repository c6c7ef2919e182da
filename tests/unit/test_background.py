"""A thread of the library begins wholly or not at all, and joining it waits for its work."""

from __future__ import annotations

import threading

import pytest

from k6ws._run.background import Background


class StruckError(Exception):
    """What a signal handler raises."""


def test_work_is_done_before_a_join_returns() -> None:
    may_end, done = threading.Event(), threading.Event()

    def work() -> None:
        may_end.wait(10)
        done.set()

    thread = Background(work, "k6ws-test", daemon=True)
    thread.start()
    may_end.set()
    thread.join()
    assert done.is_set()
    assert not thread.is_alive()


@pytest.mark.parametrize("is_there", [True, False], ids=["the thread is there", "it is not"])
def test_what_strikes_a_start_leaves_no_work_behind(
    monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    start = threading.Thread.start
    done = threading.Event()

    def struck(self: threading.Thread) -> None:
        if is_there:
            start(self)
        raise StruckError

    monkeypatch.setattr(threading.Thread, "start", struck)
    thread = Background(done.set, "k6ws-test", daemon=True)
    with pytest.raises(StruckError):
        thread.start()
    thread.join()
    assert not done.is_set()
    assert "k6ws-test" not in {one.name for one in threading.enumerate()}
