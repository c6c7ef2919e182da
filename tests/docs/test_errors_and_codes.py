"""The tables of exit codes, exceptions and causes are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

from k6ws import errors
from k6ws._run import exit_codes

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SOURCE = (ROOT / "src" / "socket" / "error.rs").read_text()


def test_exit_codes() -> None:
    page = (REFERENCE / "exit-codes.md").read_text()
    rows = re.findall(r"^\| (\d+) \|", page, re.MULTILINE)
    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    assert list(map(int, rows)) == sorted(codes)


def test_every_exception_and_what_else_it_is() -> None:
    page = (REFERENCE / "errors.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (`.+?`) \| ", page, re.MULTILINE)
    found = {name: re.findall(r"`(\w+)`", bases) for name, bases in rows}
    classes: list[type] = [getattr(errors, name) for name in errors.__all__]
    assert found == {one.__name__: [base.__name__ for base in one.__bases__] for one in classes}


def test_every_cause_and_what_it_means() -> None:
    page = (REFERENCE / "errors.md").read_text().partition("\n## Causes\n")[2]
    [body] = re.findall(r"^pub enum Cause \{\n(.*?)^\}", SOURCE, re.MULTILINE | re.DOTALL)
    meanings = {name: text for text, name in re.findall(r"/// (.+?)\.\n\s+(\w+),", body)}
    words = re.findall(r"Cause::(\w+) => \"(\w+)\"", SOURCE)
    expected = [(word, meanings[name][0].lower() + meanings[name][1:]) for name, word in words]
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE) == expected
