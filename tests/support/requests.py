"""Requests to the service, and what a run must say of them."""

from __future__ import annotations

import json
from typing import Any

import k6ws


def ask(number: int, do: str = "", **more: Any) -> str:
    """A request, as ``support.service`` understands it."""
    return json.dumps({"id": number, "do": do, **more})


def assert_accounts(result: k6ws.Result, transport: str) -> dict[str, float]:
    """Made = answered + failed; how many failed, by error."""
    made = result.metrics[f"{transport}_reqs"]["count"]
    failed: dict[str, float] = {}
    answered = 0.0
    for tags, values in result.series(f"{transport}_req_failed"):
        if "error" in tags:
            failed[tags["error"]] = failed.get(tags["error"], 0) + values["passes"]
        else:
            answered += values["fails"]
    assert made == answered + sum(failed.values())
    assert result.metrics[f"{transport}_req_failed"]["passes"] == sum(failed.values())
    return failed
