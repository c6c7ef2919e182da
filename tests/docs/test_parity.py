"""Every promise of docs/reference/parity.md has a test that carries its name, or a reason why it has none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "reference" / "parity.md").read_text()
PROMISED, EXCUSED = (
    re.findall(r"^\| `(.+?)` \|", part, re.MULTILINE)
    for part in PAGE.split("\n## Without a test\n")
)


def marks(source: str) -> set[str]:
    """The names in every `pytest.mark.parity(…)` of a file."""
    return {
        argument.value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.parity"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_a_promise_stands_once() -> None:
    assert len(set(PROMISED + EXCUSED)) == len(PROMISED + EXCUSED)
    assert len(PROMISED) > 150


def test_every_promise_is_proved_by_a_test_and_every_mark_is_a_promise() -> None:
    proved: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        proved |= marks(path.read_text())
    assert sorted(set(PROMISED) - proved) == []
    assert sorted(proved - set(PROMISED)) == []
