"""`k6ws.utils`: random data, for each VU its own."""

from __future__ import annotations

import pytest

from k6ws import execution, random_seed
from k6ws.utils import random_int_between, random_item, random_string, uuidv4
from support.runs import run_once


def test_random_helpers_repeat_for_each_vu() -> None:
    drawn: dict[int, list[object]] = {}

    def default() -> None:
        vu = execution.vu.id_in_test
        drawn.setdefault(vu, []).append(
            (random_string(8), random_int_between(1, 6), random_item("abc"), uuidv4())
        )

    run_once(default, vus=2, iterations=2)
    first = dict(drawn)
    drawn.clear()
    run_once(default, vus=2, iterations=2)
    assert drawn == first
    assert len({str(values) for values in first.values()}) == len(first)


def test_random_helpers_keep_to_their_bounds() -> None:
    random_seed(7)
    assert {random_int_between(1, 3) for _ in range(200)} == {1, 2, 3}
    assert set(random_string(200, "ab")) == {"a", "b"}
    assert random_string(20).islower()
    assert random_string(0, "") == ""
    assert uuidv4()[14] == "4"
    for call in (
        lambda: random_string(-1),
        lambda: random_string(1, ""),
        lambda: random_int_between(2, 1),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
    with pytest.raises(IndexError):
        random_item([])
