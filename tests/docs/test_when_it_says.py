"""Whatever k6ws says that something went wrong, "When it says…" has it, with what to do."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "when-it-says.md").read_text()
SOURCES = ROOT / "src"


def rows(title: str) -> list[str]:
    """The words of the table below a heading that begins like this."""
    [section] = [one for one in PAGE.split("\n## ")[1:] if one.startswith(title)]
    found = re.findall(r"^\| `(.+?)` \| (\S.+) \|$", section, re.MULTILINE)
    assert all(remedy.strip() for _, remedy in found)
    return [word for word, _ in found]


def test_every_cause_has_its_remedy() -> None:
    source = (SOURCES / "socket" / "error.rs").read_text()
    assert rows("Of a connection") == re.findall(r"Cause::\w+ => \"(\w+)\"", source)


def test_every_error_of_a_request_has_its_remedy() -> None:
    failures = re.findall(
        r"Self::\w+ => \"(\w+)\"",
        (SOURCES / "conversation" / "requests" / "outcome.rs").read_text(),
    )
    assert failures
    assert set(rows("Of a request")) == set(failures)


def test_every_reason_not_to_believe_the_numbers_has_its_remedy() -> None:
    judged = [SOURCES / "verdict" / "health.rs", SOURCES / "report" / "told.rs"]
    texts = [text for one in judged for text in re.findall(r'"([a-z][^"]{20,})"', one.read_text())]
    # A sentence with numbers of the run in it.
    reasons = [text for text in texts if "{" in text and " " in text.partition("{")[0].strip()]
    words = rows("Of the numbers")
    assert [one for one in reasons if not one.startswith(tuple(words))] == []
    assert [word for word in words if not any(one.startswith(word) for one in reasons)] == []
