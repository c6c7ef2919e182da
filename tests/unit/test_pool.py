"""The threads of blocking calls: made when they are needed, bounded, and gone when nobody needs them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from k6ws._loop.pool import Pool

NAME = "pool-under-test"


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == NAME]


def joined() -> bool:
    for one in threads():
        one.join(10)
    return not threads()


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(NAME, patience_s=5.0)
    yield made
    made.end()
    assert joined()


def test_calls_are_made_in_their_order_by_as_many_threads_as_there_may_be(pool: Pool) -> None:
    order: list[int] = []
    done = threading.Semaphore(0)

    def call(number: int) -> None:
        order.append(number)
        done.release()

    for number in range(50):
        pool.submit(lambda number=number: call(number), 1)
    for _ in range(50):
        assert done.acquire(timeout=10)
    assert order == list(range(50))
    assert len(threads()) == 1


def test_a_thread_is_made_where_none_is_free(pool: Pool) -> None:
    meeting = threading.Barrier(4, timeout=10)
    for _ in range(3):
        pool.submit(meeting.wait, 8)
    meeting.wait()
    assert len(threads()) == 3


def test_a_thread_without_work_goes_by_itself() -> None:
    pool = Pool(NAME, patience_s=0.01)
    done = threading.Event()
    pool.submit(done.set, 1)
    assert done.wait(10)
    assert joined()
    done.clear()
    pool.submit(done.set, 1)
    assert done.wait(10)
    pool.end()
    assert joined()


def test_a_pool_that_has_ended_makes_no_call_that_has_not_begun(pool: Pool) -> None:
    go, began, late = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        began.set()
        go.wait(10)

    pool.submit(first, 1)
    assert began.wait(10)
    pool.submit(late.set, 1)
    pool.end()
    go.set()
    assert joined()
    assert not late.is_set()
