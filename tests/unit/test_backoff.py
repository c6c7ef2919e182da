"""The policy of a session that comes back: its curve, its codes, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

import k6ws
from k6ws import Backoff, InvalidParameter, ws


def test_the_policy_lives_in_k6ws_and_in_ws() -> None:
    assert ws.Backoff is k6ws.Backoff


def test_pauses_grow_by_the_factor_up_to_the_longest() -> None:
    policy = Backoff("500ms", factor=2, max="10s", jitter=0)
    assert [policy.pause(n) for n in range(7)] == [500, 1000, 2000, 4000, 8000, 10_000, 10_000]
    assert policy.pause(10_000) == 10_000
    assert [Backoff("1s", factor=1).pause(n) for n in range(3)] == [1000, 1000, 1000]
    assert Backoff(timedelta(seconds=2), max=timedelta(seconds=3)).pause(1) == 3000


@pytest.mark.parametrize("jitter", [0.0, 0.1, 0.5, 1.0])
def test_chance_takes_up_to_its_share_of_a_pause_and_no_more(jitter: float) -> None:
    """R17: attempts follow the declared curve."""
    policy = Backoff("100ms", factor=3, max="60s", jitter=jitter)
    chance = Random(17)
    for failed in range(5):
        whole = 100.0 * 3**failed
        pauses = [policy.pause(failed, chance.random()) for _ in range(4000)]
        assert whole * (1 - jitter) <= min(pauses) <= max(pauses) <= whole
        mean = sum(pauses) / len(pauses)
        assert mean == pytest.approx(whole * (1 - jitter / 2), rel=0.03)


def test_codes_say_what_comes_back() -> None:
    policy = Backoff()
    backs = {code for code in range(1000, 5000) if policy.comes_back(code)}
    assert backs == {1001, 1006, 1011, 1012, 1013}
    assert policy.comes_back(None)
    own = Backoff(on=[4000, 1000])
    assert {code for code in range(1000, 5000) if own.comes_back(code)} == {1000, 4000}


def test_tries_are_attempts_in_a_row() -> None:
    assert [Backoff(tries=2).is_spent(n) for n in range(4)] == [False, False, True, True]
    assert not Backoff().is_spent(10**9)


def test_it_is_shown_as_it_is_written() -> None:
    assert repr(Backoff()) == "Backoff('500ms', factor=2, max='10s', jitter=0.5)"
    full = Backoff("2s", factor=1.5, max="1m", jitter=0, tries=3, on=(1012,), first=True)
    assert repr(full) == (
        "Backoff('2s', factor=1.5, max='60s', jitter=0, tries=3, on=(1012,), first=True)"
    )


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({"initial": 0.5}, TypeError, "Backoff: initial=0.5 has no unit"),
        ({"initial": "soon"}, InvalidParameter, "Backoff: initial"),
        ({"initial": "0s"}, InvalidParameter, "longer than nothing"),
        ({"initial": None}, InvalidParameter, "longer than nothing"),
        ({"max": "100ms"}, InvalidParameter, "initial='500ms' is longer than max='100ms'"),
        ({"factor": 0.5}, InvalidParameter, "factor is at least 1, not 0.5"),
        ({"factor": float("inf")}, InvalidParameter, "factor is at least 1"),
        ({"factor": float("nan")}, InvalidParameter, "factor is at least 1"),
        ({"factor": "2"}, TypeError, "factor is a number"),
        ({"jitter": 1.5}, InvalidParameter, "jitter is from 0 to 1, not 1.5"),
        ({"jitter": True}, TypeError, "jitter is a number"),
        ({"tries": 0}, InvalidParameter, "tries=0 would never try"),
        ({"tries": 2.0}, TypeError, "tries is a whole number"),
        ({"tries": True}, TypeError, "tries is a whole number"),
        ({"on": 1006}, TypeError, "on takes close codes"),
        ({"on": "1006"}, TypeError, "on takes close codes"),
        ({"on": ("1006",)}, TypeError, "whole numbers, not '1006'"),
        ({"on": (100,)}, InvalidParameter, "on has 100, which is no close code"),
        ({"on": ()}, InvalidParameter, "on is empty"),
        ({"first": 1}, TypeError, "first is True or False"),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_written(
    given: dict[str, Any], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as refused:
        Backoff(**given)
    assert text in str(refused.value)


@pytest.mark.parametrize("given", [True, "500ms", 5, Backoff])
def test_reconnect_takes_a_policy_and_says_so(given: Any) -> None:
    with pytest.raises(TypeError, match=r"reconnect takes a Backoff, such as"):
        ws.open("ws://127.0.0.1:1/", reconnect=given)


def max_of(one: Any, two: Any) -> Any:
    return max(one, two)


def test_on_open_is_called_and_so_must_be_callable() -> None:
    with pytest.raises(TypeError, match="on_open is called with the session"):
        ws.open("ws://127.0.0.1:1/", on_open=7)  # type: ignore[arg-type]

    async def never(session: Any) -> None:
        raise AssertionError(session)

    with pytest.raises(TypeError, match="coroutine function"):
        ws.open("ws://127.0.0.1:1/", on_open=never)
    with pytest.raises(TypeError, match="takes 2 arguments"):
        ws.open("ws://127.0.0.1:1/", on_open=max_of)  # type: ignore[arg-type]
