"""What only this side knows of a run: told with its snapshots, and set into its summary the same way by both.

A plain dict, ready for JSON: a run makes it once a second where somebody is told, a file has it later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from k6ws._run import exit_codes
from k6ws._run.owner import View
from k6ws._run.verdict import complete

Told = dict[str, Any]

NOTHING: Told = {
    "exit_code": exit_codes.OK,
    "exceptions": [],
    "marks": [],
    "warnings": [],
    "later_warnings": [],
    "tasks_left_behind": 0,
    "gap_ms": 0.0,
    "samples_lost": 0,
    "held": "",
    "scenarios": [],
    "view": asdict(View()),
    "generated_at": "",
}
"""Of a run that was cut off before it said anything."""


def set_into(data: dict[str, Any], told: Mapping[str, Any]) -> None:
    """Complete the data of a summary as the core makes it."""
    run = data["run"]
    run["exit_code"] = told["exit_code"]
    run["exceptions"] = told["exceptions"]
    run["marks"] = told["marks"]
    run["warnings"] = [*told["warnings"], *run["warnings"], *told["later_warnings"]]
    run["tasks_left_behind"] = told["tasks_left_behind"]
    complete(run, told["held"], told["gap_ms"], told["samples_lost"])


def merged(all_told: Sequence[Mapping[str, Any]]) -> Told:
    """What several processes know together; one alone knows what it knows."""
    if len(all_told) == 1:
        return dict(all_told[0])
    first = all_told[0]
    return {
        "exit_code": _worst([one["exit_code"] for one in all_told]),
        "exceptions": _added_up([each for one in all_told for each in one["exceptions"]]),
        "marks": sorted(
            (mark for one in all_told for mark in one["marks"]), key=lambda mark: mark["time"]
        ),
        "warnings": _unique(all_told, "warnings"),
        "later_warnings": _unique(all_told, "later_warnings"),
        "tasks_left_behind": sum(one["tasks_left_behind"] for one in all_told),
        "gap_ms": max(one["gap_ms"] for one in all_told),
        "samples_lost": sum(one["samples_lost"] for one in all_told),
        "held": next((one["held"] for one in all_told if one["held"]), ""),
        "scenarios": list(
            {one["name"]: one for each in all_told for one in each["scenarios"]}.values()
        ),
        "view": first["view"],
        "generated_at": max(one["generated_at"] for one in all_told),
    }


def _worst(codes: list[int]) -> int:
    """What ended one of them; thresholds are judged anew, over all numbers."""
    ended = sorted(
        code for code in codes if code not in (exit_codes.OK, exit_codes.THRESHOLDS_FAILED)
    )
    return ended[0] if ended else exit_codes.OK


def _added_up(exceptions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_kind: dict[tuple[str, str], dict[str, Any]] = {}
    for one in exceptions:
        kind = (one["type"], one["where"])
        known = by_kind.setdefault(kind, {**one, "count": 0})
        if one["first_at"] < known["first_at"]:
            # Who saw it first tells of it.
            known = by_kind[kind] = {**one, "count": known["count"], "last_at": known["last_at"]}
        known["count"] += one["count"]
        known["last_at"] = max(known["last_at"], one["last_at"])
    return list(by_kind.values())


def _unique(all_told: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    return list(dict.fromkeys(text for one in all_told for text in one[key]))
