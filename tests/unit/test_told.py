"""What several processes know of a run beside its numbers, put together."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws._run.told import NOTHING, merged


def told(**known: Any) -> dict[str, Any]:
    return {**NOTHING, **known}


def test_one_alone_knows_what_it_knows() -> None:
    one = told(exit_code=99, warnings=["a", "a"])
    assert merged([one]) == one


@pytest.mark.parametrize(
    ("codes", "code"), [([0, 0], 0), ([0, 105], 105), ([99, 0], 0), ([255, 107], 107)]
)
def test_what_ended_one_of_them_ended_the_test_and_thresholds_are_judged_anew(
    codes: list[int], code: int
) -> None:
    assert merged([told(exit_code=one) for one in codes])["exit_code"] == code


def test_exceptions_of_one_kind_are_added_up_and_marks_are_in_order() -> None:
    failed = {"type": "ValueError", "message": "x", "where": "s.py:1", "count": 2, "hint": ""}
    failed |= {"first_at": 5.0, "last_at": 6.0, "trace": "x at 5"}
    other = {**failed, "where": "s.py:9"}
    before = {**failed, "message": "y", "first_at": 3.0, "last_at": 4.0, "trace": "y at 3"}
    both = merged(
        [
            told(
                exceptions=[failed], marks=[{"name": "b", "time": 2.0}], gap_ms=1.0, warnings=["w"]
            ),
            told(
                exceptions=[other, before],
                marks=[{"name": "a", "time": 1.0}],
                gap_ms=3.0,
                warnings=["w", "v"],
                held="f (s.py:1) held it longest, for 9 ms",
            ),
        ]
    )
    # Who saw it first tells of it.
    assert both["exceptions"] == [{**before, "count": 4, "last_at": 6.0}, other]
    assert [mark["name"] for mark in both["marks"]] == ["a", "b"]
    assert (both["gap_ms"], both["warnings"]) == (3.0, ["w", "v"])
    assert both["held"].startswith("f (s.py:1)")
