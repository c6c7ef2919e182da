"""The blocks that the full summary adds: one for each named scenario, and one for each group.

Draws `data["run"]["breakdown"]`. Groups of the scenario `default` and of setup and teardown stand by
themselves, as in k6; those of a named scenario are nested in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .text import Paint, shown_name

__all__ = ["part_lines"]

# Draws the results of a part, given as summary data, within a width.
Draw = Callable[[Mapping[str, Any], int], list[str]]


def part_lines(data: Mapping[str, Any], *, width: int, paint: Paint, draw: Draw) -> list[str]:
    """All blocks, each with its title; `draw` is what draws the whole results as well."""
    run: Mapping[str, Any] = data.get("run") or {}
    parts: Sequence[Mapping[str, Any]] = run.get("breakdown") or ()
    lines: list[str] = []
    for part in parts:
        if part["name"] in {"", "default"}:
            groups: Sequence[Mapping[str, Any]] = part["groups"]
            for group in groups:
                title = f"  █ GROUP: {shown_name(str(group['name']))}"
                lines += ["", "", title, *_part(data, group, width, paint, draw)]
    for part in parts:
        if part["name"] not in {"", "default"}:
            title = f"  █ SCENARIO: {shown_name(str(part['name']))}"
            lines += ["", "", title, *_part(data, part, width, paint, draw)]
    return lines


def _part(
    data: Mapping[str, Any], part: Mapping[str, Any], width: int, paint: Paint, draw: Draw
) -> list[str]:
    """What was measured in a part, then its groups, indented."""
    own: dict[str, Any] = {
        "metrics": part["metrics"],
        "root_group": {"checks": part["checks"], "groups": []},
        "options": data.get("options"),
        "state": data.get("state"),
    }
    lines = draw(own, width)
    groups: Sequence[Mapping[str, Any]] = part["groups"]
    for group in groups:
        title = f"    ↳ GROUP: {shown_name(str(group['name']))}"
        inner = _part(data, group, max(width - len(_INDENT), _NARROWEST), paint, draw)
        lines += ["", title, *[f"{_INDENT}{line}" if line else line for line in inner]]
    return lines


_INDENT = "  "
_NARROWEST = 40
