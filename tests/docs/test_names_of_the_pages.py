"""Names that pages about scripts and programs mention can be imported, and are there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
SCRIPTS = (DOCS / "reference" / "scripts.md").read_text()
MOVING = (DOCS / "how-to" / "from-k6-to-k6ws.md").read_text()


def imports() -> list[str]:
    lines = re.findall(r"`from (k6ws[\w.]*) import ([\w, …]+)`(?: \| (.*?) \|)?", SCRIPTS + MOVING)
    found: set[str] = set()
    for module, names, meaning in lines:
        # Where the line does not say the names, the column beside it does.
        said = re.findall(r"`([\w.]+)`", meaning) if names == "…" else re.findall(r"\w+", names)
        found.update(f"{module} {name}" for name in said)
    return sorted(found)


@pytest.mark.parametrize("line", imports())
def test_what_a_table_imports_is_there(line: str) -> None:
    module, name = line.split()
    assert hasattr(importlib.import_module(module), name)


def test_the_tables_import_something() -> None:
    assert len(imports()) > 20
