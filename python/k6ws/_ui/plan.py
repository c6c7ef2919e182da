"""What each scenario is going to do (k6's run description), as the options put it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TypedDict

from .format import format_go_duration
from .text import shown_name

__all__ = ["ScenarioPlan", "render_plan"]


class ScenarioPlan(TypedDict):
    """A scenario as validated."""

    name: str
    vus: int
    description: str
    """`10 looping VUs for 30s (gracefulStop: 30s)` and its likes."""
    max_duration_ms: float
    """When it must have ended, from the start of the test, graceful stop included."""


def render_plan(
    scenarios: Sequence[ScenarioPlan],
    *,
    segment: float = 1.0,
    max_vus: int | None = None,
    width: int = 1000,
) -> str:
    """The scenarios of the run, one line each.

    Args:
        scenarios: what will run.
        segment: this instance's share of the test, 1 for all of it.
        max_vus: VUs that all of them need at one time; without it, the sum of what each may need.
        width: columns of the terminal; a longer line goes on in the next, indented.
    """
    vus = sum(scenario["vus"] for scenario in scenarios) if max_vus is None else max_vus
    longest = max((scenario["max_duration_ms"] for scenario in scenarios), default=0.0)
    count = f"{len(scenarios)} scenario{'' if len(scenarios) == 1 else 's'}"
    duration = f"{format_go_duration(longest)} max duration (incl. graceful stop)"
    lines = [f"  scenarios: ({segment * 100:.2f}%) {count}, {vus} max VUs, {duration}:"]
    lines += [
        f"           * {shown_name(scenario['name'])}: {scenario['description']}"
        for scenario in scenarios
    ]
    return "\n".join(map(_Wrapped(width).fill, lines)) + "\n"


class _Wrapped(textwrap.TextWrapper):
    """Cuts between words only, and leaves a short line as it is."""

    def __init__(self, width: int) -> None:
        super().__init__(
            max(width, 40),
            subsequent_indent=" " * 13,
            break_long_words=False,
            break_on_hyphens=False,
        )
