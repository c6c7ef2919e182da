"""Every promise of docs/seeds.md names tests that exist, or says why it has none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SEEDS = TESTS.parent / "examples" / "seeds"
PAGE = (TESTS.parent / "docs" / "seeds.md").read_text()
# Promise and what holds it, without the head of a table and the line below.
ROWS = [
    (promise, held_by)
    for promise, held_by in re.findall(r"^\| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    if promise not in {"promise", "---"}
]
NAMED = r"`(test_\w+\.py)::(test_\w+)`"


def names_in(name: str) -> set[str]:
    """The test functions of the one file with this name, wherever it lies."""
    [path] = TESTS.rglob(name)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {one.name for one in ast.parse(path.read_text()).body if isinstance(one, functions)}


def test_every_program_and_every_page_has_its_section() -> None:
    sections = PAGE.split("\n## ")[1:]
    assert sorted(re.findall(r"The program is `(\w+\.py)`", PAGE)) == sorted(
        path.name for path in SEEDS.glob("*.py")
    )
    assert [section.count("\n| promise | held by |\n") for section in sections] == [1] * 4


@pytest.mark.parametrize(("promise", "held_by"), ROWS, ids=[promise for promise, _ in ROWS])
def test_a_promise_is_held_by_tests_that_exist_or_says_why_not(promise: str, held_by: str) -> None:
    assert re.fullmatch(rf"{NAMED}( {NAMED})*|none: .+", held_by)
    missing = [
        f"{file}::{name}" for file, name in re.findall(NAMED, held_by) if name not in names_in(file)
    ]
    assert missing == []
