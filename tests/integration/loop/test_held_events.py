"""Events that wait until their VU accepts them: in order, and at a cost that does not grow with them."""

from __future__ import annotations

import time
from contextvars import Context
from typing import Any

from k6ws._loop import Vu, current_loop
from support.journal import PATIENCE_S

MANY = 300_000
DATA, OUTCOME = 1, 2


class Recording:
    """A source that writes down what is delivered to it."""

    is_within_call = False

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.context: Context | None = None
        self.scope: object = None

    def receive(self, kind: int, data: Any) -> None:
        self.got.append((kind, data))

    def holding(self, kind: int, data: Any) -> None: ...

    def releasing(self, kind: int, data: Any) -> None: ...

    def ends_operation(self, kind: int) -> bool:
        return kind == OUTCOME

    def dispatch(self, kind: int, data: Any) -> None: ...

    def abandon(self) -> None: ...

    def wind_down(self) -> None: ...


def holding_vu(*sources: Recording) -> Vu:
    vu = Vu(current_loop())
    for source in sources:
        source.scope = vu
        vu.keep(source)
    return vu


def test_a_large_backlog_is_delivered_in_order_and_in_time() -> None:
    source = Recording()
    vu = holding_vu(source)
    for number in range(MANY):
        vu.hold(source, DATA, number)
    began = time.thread_time()
    vu.accepts = vu
    vu.settle()
    # One by one from the front of a list this takes minutes. Of our own time: others may want the machine.
    assert time.thread_time() - began < PATIENCE_S / 4
    assert source.got == [(DATA, number) for number in range(MANY)]
    assert not vu.held


def test_the_outcome_of_an_operation_is_taken_out_of_what_is_held() -> None:
    one, other = Recording(), Recording()
    vu = holding_vu(one, other)
    held = ((one, DATA), (other, OUTCOME), (one, OUTCOME), (one, DATA))
    for number, (source, kind) in enumerate(held):
        vu.hold(source, kind, number)
    vu.deliver_outcomes(one)
    assert (one.got, other.got) == ([(OUTCOME, 2)], [])
    vu.accepts = vu
    vu.settle()
    assert (one.got[1:], other.got) == ([(DATA, 0), (DATA, 3)], [(OUTCOME, 1)])
