"""Golden files: what was agreed on, compared to the letter.

To accept a deliberate change, run with `K6WS_UPDATE_GOLDEN=1` and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path


def agrees(golden: Path, text: str) -> bool:
    """Whether the file says just that; first it is made to, where that is asked for."""
    if os.environ.get("K6WS_UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    return golden.read_text(encoding="utf-8") == text
