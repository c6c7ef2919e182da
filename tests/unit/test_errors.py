"""What holds for every exception: it can be copied and pickled, and tracebacks show its hint."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import k6ws
from k6ws import errors
from k6ws._cli.exits import RestError
from k6ws._run.shared_data import SharedDataError
from k6ws._script import ScriptError, ScriptUnreadableError

TRIPS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda error: pickle.loads(pickle.dumps(error)),
    "old pickle": lambda error: pickle.loads(pickle.dumps(error, protocol=0)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


def kinds(root: type[errors.K6Error] = errors.K6Error) -> Iterator[type[errors.K6Error]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


class OfAScript(errors.K6Error):
    """Takes other arguments than the errors of k6ws do."""

    def __init__(self, user: str, *, room: int) -> None:
        super().__init__(f"{user} is not in room {room}", "invite first")
        self.user = user
        self.room = room


EXAMPLES: list[errors.K6Error] = [
    *(
        kind("the text", "the advice")
        for kind in sorted(set(kinds()), key=lambda kind: kind.__name__)
        if kind not in {errors.TCPError, RestError, OfAScript}
    ),
    errors.K6Error(),
    errors.WSError("gone", "look there", code=4001, reason="kicked", cause="eof"),
    errors.ConnectError(
        "refused",
        "is it running?",
        url="ws://h/",
        phase="upgrade",
        cause="bad_status",
        status=403,
        headers={"Server": "x"},
        body="no",
    ),
    errors.TCPError("write", "broken pipe", "reconnect", phase="connect", cause="reset"),
    RestError("not found", "no such thing"),
    OfAScript("ann", room=7),
]


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_that_travels_is_the_same_with_text_hint_and_fields(
    error: errors.K6Error, trip: str
) -> None:
    arrived = TRIPS[trip](error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.args == error.args
    assert vars(arrived) == vars(error)
    twice = TRIPS[trip](arrived)
    assert traceback.format_exception_only(twice) == traceback.format_exception_only(error)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_a_traceback_shows_the_hint_once(error: errors.K6Error) -> None:
    shown = "".join(traceback.format_exception(error))
    assert shown.count("hint: ") == (1 if error.hint else 0)
    assert f"hint: {error.hint}" in shown or not error.hint


def test_the_example_list_knows_every_exception_of_the_package() -> None:
    listed = {type(error) for error in EXAMPLES}
    assert {ScriptError, ScriptUnreadableError, SharedDataError, *kinds()} - {OfAScript} <= listed


def test_a_note_added_to_a_copy_is_not_added_to_the_original() -> None:
    error = k6ws.K6Error("text", "advice")
    copied = copy.copy(error)
    copied.add_note("seen by the copy")
    assert error.__notes__ == ["hint: advice"]
    assert copied.__notes__ == ["hint: advice", "seen by the copy"]


def test_interrupted_travels_as_well() -> None:
    assert type(pickle.loads(pickle.dumps(k6ws.Interrupted("cut")))) is k6ws.Interrupted
