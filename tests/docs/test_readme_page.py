"""The README stays a door: short, and what it repeats is what the page behind it says."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MOST_LINES = 140


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= MOST_LINES


def test_figures_of_speed_are_those_of_their_page() -> None:
    page = (ROOT / "docs" / "explanation" / "speed.md").read_text()
    rows = re.findall(r"^\| .*\d.*\|$", README, re.MULTILINE)
    assert len(rows) >= 2
    assert [row for row in rows if row not in page] == []
