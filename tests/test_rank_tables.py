"""The ranks that people read are those that are enforced: ARCHITECTURE.md and the layout of the crate.

`test_architecture` holds the one table that decides; the others name the same modules in the same ranks.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_architecture import PYTHON_RANKS, RUST_RANKS

ROOT = Path(__file__).parent.parent
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
LAYOUT = ROOT / "src" / "lib.rs"

_ROW = re.compile(r"^(?://! )?\| (?P<rank>[^|]*) \| (?P<modules>[^|]*) \|")
_NAME = re.compile(r"`(\w+)`")


def ranks_in(text: str, column: str) -> list[tuple[str, int]]:
    """Each module of the tables whose second column is headed ``column``, with its rank."""
    found: list[tuple[str, int]] = []
    is_within = False
    for line in text.splitlines():
        row = _ROW.match(line)
        if row is None:
            is_within = False
        elif row["rank"] == "rank":
            is_within = row["modules"].partition(" (")[0] == column
        elif is_within and row["rank"].isdigit():
            found += [(name, int(row["rank"])) for name in _NAME.findall(row["modules"])]
    return found


@pytest.mark.parametrize(
    ("page", "column", "ranks"),
    [
        (ARCHITECTURE, "Rust", RUST_RANKS),
        (ARCHITECTURE, "Python", PYTHON_RANKS),
        (LAYOUT, "module", RUST_RANKS),
    ],
)
def test_a_table_of_ranks_says_what_is_enforced(
    page: Path, column: str, ranks: dict[str, int]
) -> None:
    told = ranks_in(page.read_text(), column)
    assert dict(told) == ranks
    assert len(told) == len(ranks), "a module stands in one row"
    assert [rank for _, rank in told] == sorted(ranks.values()), "rows stand in the order of ranks"


def test_a_table_is_read_as_it_is_written() -> None:
    page = (
        "| rank | Rust (`src/`) | - |\n| --- | --- | --- |\n| 0 | `a`, `b` | is |\n| 2 | `c` | |\n"
    )
    other = "\n| rank | Python | - |\n| --- | --- | --- |\n| 1 | `d` | |\n"
    assert ranks_in(page + other, "Rust") == [("a", 0), ("b", 0), ("c", 2)]
    assert ranks_in("//! | rank | module | |\n//! | 0 | [`a`] | |", "module") == [("a", 0)]
