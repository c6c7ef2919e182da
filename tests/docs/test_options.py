"""The table of docs/reference/options.md is what the core and the command line do: no row more or less."""

from __future__ import annotations

import re
from pathlib import Path

from k6ws import _core
from k6ws._options import ROWS, Row

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "options.md"


def drawn(row: Row, k6_name: str, standing: str) -> str:
    names = f"`{k6_name}`" if k6_name == row.name else f"`{k6_name}`, `{row.name}`"
    flags = ", ".join(f"`{flag}`" for flag in row.flags)
    variable = f"`K6WS_{row.variable}`" if row.has_variable else ""
    meaning = row.help if standing == "honoured" else standing
    return f"| {names} | {flags} | {variable} | {row.default} | {meaning} |"


def test_the_table_is_that_of_the_program() -> None:
    known = {snake: (k6_name, standing) for snake, k6_name, standing in _core.option_names()}
    assert {row.name for row in ROWS} == set(known)
    expected = [drawn(row, *known[row.name]) for row in ROWS]
    table = PAGE.read_text().split("\n## ")[0]
    found = re.findall(r"^\| `.*\|$", table, re.MULTILINE)
    assert found == expected
