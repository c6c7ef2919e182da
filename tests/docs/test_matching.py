"""The tables of docs/reference/matching.md are what the core does, row for row, and name all there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from k6ws import _core, correlate, match

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "matching.md").read_text()
NAMES: dict[str, Any] = {
    **{name: getattr(match, name) for name in (*match.__all__, "json")},
    **{name: getattr(correlate, name) for name in correlate.__all__},
}


def rows(heading: str) -> list[list[Any]]:
    """The rows of the table with this heading: what is written as code, evaluated."""
    table = PAGE[PAGE.index(heading) :].partition("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\) \| ", row.strip("| ")) for row in table]
    return [[value(cell) for cell in row] for row in cells]


def value(cell: str) -> Any:
    code = cell[1:-1].replace("\\|", "|")
    return eval(code, dict(NAMES)) if cell.startswith("`") else cell


MATCHERS = rows("| matcher | matches |")
CORRELATIONS = rows("| protocol | correlation |")
ANSWERS = rows("| answered | answer |")


@pytest.mark.parametrize(("matcher", "one", "other"), MATCHERS, ids=lambda cell: repr(cell)[:40])
def test_a_row_of_the_matchers_holds(matcher: match.Matcher, one: Any, other: Any) -> None:
    assert matcher.matches(one)
    assert not matcher.matches(other)


@pytest.mark.parametrize(
    ("protocol", "correlation", "request_", "reply", "other"),
    CORRELATIONS,
    ids=[row[0] for row in CORRELATIONS],
)
def test_a_row_of_the_correlations_holds(
    protocol: str, correlation: correlate.Correlation, request_: Any, reply: Any, other: Any
) -> None:
    assert correlation.key_of_received(reply) == correlation.key_of_sent(request_)
    assert correlation.key_of_received(other) is None


@pytest.mark.parametrize(("answered", "answer", "message", "answers"), ANSWERS)
def test_a_row_of_the_answers_holds(answered: Any, answer: Any, message: Any, answers: Any) -> None:
    matcher = match.Matcher.of(answered)
    assert matcher.matches(message)
    assert _core.Template(answer, matcher).fill(message) == answers


def test_the_tables_name_all_that_there_is() -> None:
    shown = {name for name in match.__all__ if name != "Matcher"}
    written = PAGE[PAGE.index("| matcher |") :].partition("\n\n")[0]
    assert {name for name in shown if re.search(rf"`{name}\b", written)} == shown
    for name in ("by", "in_order", "capture", "field"):
        assert f"`{name}(" in PAGE
