"""docs/decisions.md is numbered without a gap, newest first, and each entry begins with its date."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "decisions.md").read_text()
ENTRIES = re.findall(r"^## (\d+)\. .+\n\n(\d{4}-\d\d-\d\d)\. ", PAGE, re.MULTILINE)


def test_decisions_are_in_order() -> None:
    assert len(ENTRIES) == PAGE.count("\n## ")
    assert [int(number) for number, _ in ENTRIES] == list(range(len(ENTRIES), 0, -1))
    dates = [date for _, date in ENTRIES]
    assert dates == sorted(dates, reverse=True)
