"""Pages of runs that never were: some thousand kinds of requests, without the run that would make them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

BEGAN = 1_796_000_000_000


def page_data(counts: Sequence[int], *, interval_ms: int = 1000, script: str = "many.py") -> str:
    """The data of a page on which request `call N` was made `counts[N]` times, in interval N % 10."""
    block = b"".join(_counter(number % 10, count) for number, count in enumerate(counts))
    total = sum(counts)
    summary: dict[str, Any] = {
        "metrics": {
            "ws_reqs": {
                "type": "counter",
                "contains": "default",
                "values": {"count": total, "rate": total / (interval_ms / 100)},
            }
        },
        "thresholds": [],
        "root_group": {"name": "", "path": "", "groups": [], "checks": []},
        "state": {"testRunDurationMs": 10 * interval_ms},
        "run": {
            "trustworthy": True,
            "reasons": [],
            "warnings": [],
            "marks": [],
            "requests": {},
            "connection_failures": [],
            "session_failures": [],
            "session_ends": [],
            "exceptions": [],
            "iterations_interrupted": 0,
        },
    }
    return json.dumps(
        {
            "format": 2,
            "tool": "k6ws 0.0.0",
            "state": "ended",
            "began": BEGAN,
            "until": BEGAN + 10 * interval_ms,
            "clock_started": BEGAN,
            "troubles": [],
            "summary": summary,
            "scenarios": [],
            "stages": [],
            "about": {
                "script": script,
                "source": "# line 1\n",
                "options": {},
                "environment": {},
                "machine": {},
            },
            "happened": [],
            "history": {
                "interval_ms": interval_ms,
                "why": None,
                "count": 10,
                "metrics": [{"name": "ws_reqs", "kind": "counter", "unit": "default"}],
                "texts": ["name", *(f"call {number}" for number in range(len(counts)))],
                "series": [[0, 0, number + 1] for number in range(len(counts))],
                "encoding": "none",
                "data": base64.b64encode(block).decode(),
            },
        }
    )


def _counter(interval: int, count: int) -> bytes:
    """A series of one interval: how many, where, its sum as a whole number, its samples."""
    return b"\x01" + _varint(interval) + b"\x00" + _varint(2 * count) + _varint(count)


def _varint(value: int) -> bytes:
    low = value & 0x7F
    return bytes([low]) if value < 0x80 else bytes([low | 0x80]) + _varint(value >> 7)
