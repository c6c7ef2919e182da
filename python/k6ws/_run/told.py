"""What only this side knows of a run: told with its snapshots; the core sets it into the summary.

A plain dict, ready for JSON: a run makes it once a second where somebody is told, a file has it later. What
is in it, and how several of them are one, stands in `src/report/told.rs`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from k6ws._run.plain_text import ERRORS

Told = dict[str, Any]


def as_json(told: Mapping[str, Any]) -> str:
    """What the core reads: no text of a script is a reason to fail."""
    return json.dumps(told, ensure_ascii=False).encode("utf-8", ERRORS).decode()
