"""Paired differences: the estimate and its interval, against tables and by counting."""

from __future__ import annotations

from itertools import product
from math import exp, log
from random import Random

import pytest

from k6ws.errors import K6Error, RunNotOk
from k6ws.testing import Comparison
from k6ws.testing.comparison import signed_ranks


def compared(a: list[float], b: list[float], at_most: float = 0.1) -> Comparison:
    return Comparison.of(a, b, metric="ws_req_duration", figure="med", at_most=at_most)


def test_the_interval_is_that_of_the_tables() -> None:
    # Of ten pairs, 2.44 % of all ways to sign the ranks give 47 or more: the ninth mean of either end counts.
    differences = [float(number) for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]
    means = sorted((x + y) / 2 for i, x in enumerate(differences) for y in differences[i:])
    middle, low, high, confidence = signed_ranks(differences)
    assert (middle, low, high) == (5.5, means[8], means[-9])
    assert confidence == pytest.approx(1 - 2 * 0.0244, abs=1e-4)


@pytest.mark.parametrize("number", [6, 7, 9, 12])
def test_the_confidence_is_what_counting_gives(number: int) -> None:
    _, low, _, confidence = signed_ranks([log(1 + one / 10) for one in range(1, number + 1)])
    means = number * (number + 1) // 2
    sums = [
        sum(rank * sign for rank, sign in enumerate(signs, 1))
        for signs in product((0, 1), repeat=number)
    ]
    left_out = next(
        cut for cut in range(means) if 2 * sum(one <= cut + 1 for one in sums) > 0.05 * len(sums)
    )
    assert confidence == pytest.approx(1 - 2 * sum(one <= left_out for one in sums) / len(sums))
    assert confidence >= 0.95
    assert low > 0


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance, held, tries = Random(1), 0, 400
    for _ in range(tries):
        pairs = [
            (10 * exp(chance.gauss(0, 0.2)), 11 * exp(chance.gauss(0, 0.2))) for _ in range(10)
        ]
        one = compared([x for x, _ in pairs], [y for _, y in pairs])
        held += one.low <= 1.1 <= one.high
    assert 0.92 <= held / tries <= 0.99


def test_what_both_meet_cancels_out_and_one_bad_round_does_no_harm() -> None:
    drift = [1.0, 2.0, 3.0, 5.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.0]
    same = compared([10 * one for one in drift], [10.1 * one for one in drift])
    assert (same.passed, same.is_slower) == (True, False)
    assert same.ratio == pytest.approx(1.01)
    hit = [12.0 * one for one in drift]
    hit[4] *= 50
    slower = compared([10 * one for one in drift], hit)
    assert (slower.passed, slower.is_slower) == (False, True)
    assert slower.ratio == pytest.approx(1.2)
    assert "b is slower: ws_req_duration med +20.0 %" in str(slower)
    with pytest.raises(RunNotOk, match="may be"):
        slower.assert_ok()
    same.assert_ok()


def test_where_nobody_can_say_it_says_so_and_does_not_pass() -> None:
    one = compared([10.0] * 6, [7.0, 9.0, 10.0, 11.0, 13.0, 14.0])
    assert (one.passed, one.is_slower) == (False, False)
    assert "b is undecided" in str(one)
    assert "rounds" in one.hint
    with pytest.raises(RunNotOk) as raised:
        one.assert_ok()
    assert raised.value.hint == one.hint


@pytest.mark.parametrize(("a", "b"), [([1.0] * 5, [1.0] * 5), ([1.0] * 6, [1.0] * 7), ([], [])])
def test_too_few_pairs_are_refused(a: list[float], b: list[float]) -> None:
    with pytest.raises(K6Error, match="are no 6 pairs"):
        compared(a, b)


@pytest.mark.parametrize("wrong", [0.0, float("nan"), float("inf")])
def test_what_has_no_ratio_is_refused(wrong: float) -> None:
    with pytest.raises(K6Error, match="no ratio"):
        compared([1.0] * 6, [1.0] * 5 + [wrong])
