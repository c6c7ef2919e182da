"""The limits of a machine beside what a test needs, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from .text import Paint

__all__ = ["Limit", "render_limits"]


class Limit(TypedDict):
    """One limit."""

    level: str
    """``ok``, ``warning`` or ``stop``."""
    topic: str
    have: str
    need: str
    fix: str
    """What to do; empty when nothing is wrong."""


def render_limits(limits: Sequence[Limit], *, width: int = 1000, color: bool = False) -> str:
    """Draw every limit with what is needed of it, and below it what helps, if it has to.

    Args:
        limits: what was found.
        width: columns of the terminal.
        color: whether marks are coloured.
    """
    paint = Paint(color)
    marks = {"ok": paint.good("✓"), "warning": paint.warning("!"), "stop": paint.bad("✗")}
    longest = max((len(limit["topic"]) for limit in limits), default=0)
    lines: list[str] = []
    for limit in limits:
        topic = f"{limit['topic']}:".ljust(longest + 1)
        clauses = f"need {limit['need']}, have {limit['have']}"
        first = f"  {marks[limit['level']]} "
        if len(topic) + len(clauses) + 5 <= width:
            lines.append(f"{first}{topic} {clauses}")
        else:
            lines += [f"{first}{topic.rstrip()}", f"      {clauses}"]
        if limit["fix"]:
            lines.append(f"      {limit['fix']}")
    return "\n".join(lines) + "\n"
