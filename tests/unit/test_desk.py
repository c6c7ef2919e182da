"""Who waits for a plain request goes on with its outcome, and with no other."""

from __future__ import annotations

from typing import Any, cast

from k6ws import _core
from k6ws._conversation.desk import Desk


class Core:
    """Makes requests, and answers none of them."""

    def __init__(self) -> None:
        self.left: list[Any] = []

    def name(self, _name: str) -> int:
        return 0

    def ask(self, _message: Any, _name: int, _ms: float | None, _wake: Any) -> int:
        return 8

    def let_go(self, number: int) -> None:
        self.left.append(number)

    def leave(self, wake: Any) -> None:
        self.left.append(wake)


class Struck(Core):
    """A signal comes when it has made the request, and before anybody has its number."""

    def ask(self, _message: Any, _name: int, _ms: float | None, _wake: Any) -> int:
        self.asked_by = _wake
        raise ZeroDivisionError


class Waits:
    """An owner whose waits end with these, one after the other; its VU and its loop as well."""

    asked = readers = 0

    def __init__(self, *woken: Any) -> None:
        self._woken = list(woken)
        self.vu = self.loop = self

    def suspend(self, _me: Any) -> Any:
        assert self.asked == 1
        woken = self._woken.pop(0)
        if isinstance(woken, BaseException):
            raise woken
        return woken


def ask(*woken: Any, of: type[Core] = Core) -> tuple[Any, Waits, Core]:
    owner, core = Waits(*woken), of()
    desk = Desk(cast("Any", owner), cast("Any", core), is_plain=True)
    try:
        outcome: Any = desk.ask("ping", "ping", None)
    except ZeroDivisionError:
        outcome = "raised"
    assert owner.asked == 0
    assert not owner._woken
    return outcome, owner, core


def test_the_outcome_of_a_request_that_was_left_is_not_that_of_the_next() -> None:
    """It was on its way when its greenlet was thrown out of that wait, and comes to it in this one."""
    left, own = (None, "of the one before", 7), (None, "its own", 8)
    outcome, _, core = ask(
        None, (), (_core.TIMER, None), (_core.ANSWERED, left), (_core.ANSWERED, own)
    )
    assert outcome == own
    assert not core.left


def test_one_that_is_thrown_out_of_its_wait_has_left_its_request() -> None:
    outcome, _, core = ask(ZeroDivisionError())
    assert outcome == "raised"
    assert core.left == [8]


def test_one_that_is_struck_before_it_has_a_number_has_left_its_request() -> None:
    outcome, _, core = ask(of=Struck)
    assert outcome == "raised"
    assert isinstance(core, Struck)
    assert core.left == [core.asked_by]
