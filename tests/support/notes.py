"""What a script in a file tells the test that runs it in its own process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from textwrap import dedent
from typing import Any

import k6ws

NOTES: list[str] = []
"""One line for each thing that happened, in order."""


def run_script(folder: Path, text: str, **options: Any) -> tuple[k6ws.Result, Counter[str]]:
    """Run a script, which may add to ``NOTES``; what it noted, and how often."""
    NOTES.clear()
    script = folder / "script.py"
    script.write_text("from support.notes import NOTES\n" + dedent(text))
    result = k6ws.run(script, **options)
    return result, Counter(NOTES)
