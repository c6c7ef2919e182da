"""ARCHITECTURE.md names files and folders that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text()
PLACES = (ROOT, ROOT / "src", ROOT / "python" / "k6ws")


def test_every_file_and_folder_that_is_named_is_there() -> None:
    named = set(re.findall(r"`([\w./-]+/[\w./-]*|[\w/]+\.(?:rs|py|md))`", PAGE))
    lost = [name for name in sorted(named) if not any((place / name).exists() for place in PLACES)]
    assert len(named) > 50
    assert lost == []
