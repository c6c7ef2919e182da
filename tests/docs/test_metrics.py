"""The table of docs/reference/metrics.md is the one in the core: no row more or less, in its order."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "metrics.md").read_text()
SOURCE = (ROOT / "src" / "metrics" / "builtin.rs").read_text()

UNITS = {"Time": "ms", "Data": "bytes", "Default": "–"}
ROW = re.compile(r'row\((\w+), "(\w+)", Kind::(\w+), Unit::(\w+),\s*"(.*?)"\)')


def ids() -> dict[str, int]:
    found = re.findall(
        r"^pub const (\w+): MetricId = MetricId::new\((\d+)\);", SOURCE, re.MULTILINE
    )
    return {name: int(number) for name, number in found}


def test_the_table_is_that_of_the_core() -> None:
    number = ids()
    rows: list[str] = []
    for constant, name, kind, unit, meaning in ROW.findall(SOURCE):
        # As `is_of_k6` has it.
        of_k6 = number[constant] <= number["WS_PING"] or (
            number["TCP_SOCKETS"] <= number[constant] <= number["TCP_TIMEOUTS"]
        )
        whose = "k6" if of_k6 else "ours"
        rows.append(f"| `{name}` | {kind.lower()} | {UNITS[unit]} | {whose} | {meaning} |")
    assert len(rows) == len(number)
    assert (
        re.findall(r"^\| `\w+` \| (?:counter|gauge|rate|trend) .*\|$", PAGE, re.MULTILINE) == rows
    )
