"""Known faults of what k6ws is made of: from the open database of vulnerabilities (OSV), if it answers."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from .parts import Part

DATABASE = "https://api.osv.dev/v1/querybatch"
PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Nobody could be asked."""

    why: str


def findings(parts: Sequence[Part], database: str = DATABASE) -> list[str] | NotChecked:
    """The advisories for these versions: name, version and the number under which they are published."""
    question = {"queries": [{"package": {"purl": part.url}} for part in parts]}
    request = urllib.request.Request(
        database, json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            results = json.load(answer)["results"]
    except (OSError, ValueError, KeyError) as error:
        return NotChecked(f"their database gives no answer: {error}")
    if len(results) != len(parts):
        return NotChecked(f"their database answers {len(results)} of {len(parts)} questions")
    return [
        f"{part.url}: {one['id']}"
        for part, result in zip(parts, results, strict=True)
        for one in result.get("vulns", [])
    ]
