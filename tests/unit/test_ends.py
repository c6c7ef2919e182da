"""What a block began is ended, the last first, whatever strikes on the way."""

from __future__ import annotations

import pytest

from k6ws._run.ends import Ends


class StruckError(Exception):
    """What a signal handler raises."""


def leave(ends: Ends, error: Exception | None = None) -> None:
    """Leave the block of these ends."""
    with ends:
        if error is not None:
            raise error


def test_what_strikes_one_end_keeps_no_other_from_being_made() -> None:
    made: list[str] = []

    def struck() -> None:
        made.append("struck")
        raise StruckError

    ends = Ends()
    ends.add(lambda: made.append("first begun"))
    ends.add(struck)
    ends.add(lambda: made.append("last begun"))
    with pytest.raises(StruckError):
        leave(ends)
    assert made == ["last begun", "struck", "first begun"]


def test_a_quick_end_is_made_again_where_something_strikes_it() -> None:
    tries: list[int] = []

    def let_go() -> None:
        tries.append(len(tries))
        if len(tries) < 3:
            raise StruckError

    ends = Ends()
    ends.insist(let_go)
    with pytest.raises(StruckError):
        leave(ends)
    assert tries == [0, 1, 2]


def test_one_that_fails_each_time_keeps_no_other_from_being_made() -> None:
    made: list[str] = []

    def failing() -> None:
        raise StruckError

    ends = Ends()
    ends.add(lambda: made.append("other"))
    ends.insist(failing)
    with pytest.raises(StruckError):
        leave(ends)
    assert made == ["other"]


def test_what_leaves_the_block_goes_on_before_what_strikes_its_ends() -> None:
    def struck() -> None:
        raise StruckError

    ends = Ends()
    ends.add(struck)
    with pytest.raises(KeyError):
        leave(ends, KeyError())
