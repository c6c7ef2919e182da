"""The names of options as `src/options/names.rs` has them: the one table that reads what people write."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "options" / "names.rs"

_COMMENT = re.compile(r"//.*")
_CONST = re.compile(r"^(?:pub\(super\) )?const (\w+): .*?= (.*?);$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r'Name::(?:one|two)\(\s*"(\w+)"(?:,\s*"(\w+)")?,?\s*\)')
_EXECUTOR = re.compile(r'name: "([\w-]+)",\s*kind: [\w:]+,\s*own: (.*?),?\s*\}', re.DOTALL)


@cache
def _tables() -> dict[str, str]:
    """Each constant and what it is, other constants of names written out."""
    found = dict(_CONST.findall(_COMMENT.sub("", SOURCE.read_text())))
    names = {name: text for name, text in found.items() if _NAME.search(text)}
    return {
        name: re.sub(r"\b[A-Z_]{4,}\b", lambda word: names.get(word[0], word[0]), text)
        for name, text in found.items()
    }


def _spellings(text: str) -> set[str]:
    return {spelling for names in _NAME.findall(text) for spelling in names if spelling}


def spellings_of(table: str) -> set[str]:
    """Every name of a table such as `OPTIONS` or `STAGE`, in both spellings."""
    return _spellings(_tables()[table])


def executors() -> dict[str, set[str]]:
    """Every executor, and what a scenario of it may say, in both spellings."""
    found = _EXECUTOR.findall(_tables()["EXECUTORS"])
    return {name: spellings_of("SCENARIO") | _spellings(own) for name, own in found}
