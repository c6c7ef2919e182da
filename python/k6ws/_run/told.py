"""What only this side knows of a run: told with its snapshots; the core sets it into the summary.

A plain dict, ready for JSON: a run makes it once a second where somebody is told, a file has it later. What
is in it, and how several of them are one, stands in `src/report/told.rs`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from k6ws._run.plain_text import ERRORS

Told = dict[str, Any]


_COUNTS = ("iterations", "failed", "interrupted", "dropped")


def with_counts(
    described: Sequence[Mapping[str, Any]], counts: Sequence[tuple[int, ...]]
) -> list[dict[str, Any]]:
    """The scenarios of a run, and what became of their iterations, in the order of the options."""
    return [
        {
            **{key: one[key] for key in ("name", "executor", "exec", "description")},
            **dict(zip(_COUNTS, of_it, strict=True)),
        }
        for one, of_it in zip(described, counts, strict=True)
    ]


def as_json(told: Mapping[str, Any]) -> str:
    """What the core reads: no text of a script is a reason to fail."""
    return json.dumps(told, ensure_ascii=False).encode("utf-8", ERRORS).decode()
