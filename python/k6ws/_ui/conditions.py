"""A threshold as a comparison that can be read: the figure, how it compares, the limit.

`p(95)<200 over 10s` that holds at 12.65 reads `p(95)=12.6ms < 200ms over 10s`; at 212 it reads
`p(95)=212ms ≥ 200ms over 10s`. Figure and limit get as many digits as it takes to tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .format import DIGITS, format_value
from .text import printable

__all__ = ["Condition", "compared", "condition", "demanded", "figure_text"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a threshold demands."""

    figure: str
    """`p(95)`, as it is written."""
    operator: str
    limit: float
    over: str
    """The window, as it is written; empty for the whole run."""


def condition(expression: str) -> Condition | None:
    """Read an expression that the core has accepted; nothing where it is none."""
    found = _EXPRESSION.fullmatch(expression.strip())
    if found is None:
        return None
    try:
        limit = float(found["limit"])
    except ValueError:
        return None
    return Condition(found["figure"], found["operator"], limit, (found["over"] or "").strip())


def figure_text(
    metric: Mapping[str, Any], asked: Condition, value: float, time_unit: str = ""
) -> str:
    """The figure that was judged, beside its limit."""
    return _texts(metric, asked, value, time_unit)[0]


def compared(
    metric: Mapping[str, Any], expression: str, verdict: Mapping[str, Any], time_unit: str = ""
) -> str:
    """`p(95)=12.6ms < 50ms`, with the sign that is true; `p(95) without data` where nothing was judged.

    Args:
        metric: its `type` and `contains`.
        expression: as the script has it.
        verdict: `ok`, and the `value` that was compared.
        time_unit: k6's `summaryTimeUnit`.
    """
    asked = condition(expression)
    if asked is None:
        return printable(expression)
    figure, value = asked.figure.replace(" ", ""), verdict.get("value")
    if value is None:
        return f"{figure} without data"
    seen, limit = _texts(metric, asked, value, time_unit)
    sign = _SIGNS[asked.operator][0 if verdict["ok"] else 1]
    over = f" over {asked.over}" if asked.over else ""
    return f"{figure}={seen} {sign} {limit}{over}"


def demanded(metric: Mapping[str, Any], expression: str, time_unit: str = "") -> str:
    """`p(95) < 50ms`: what a threshold asks for, while there is nothing to compare."""
    asked = condition(expression)
    if asked is None:
        return printable(expression)
    limit = _texts(metric, asked, asked.limit, time_unit)[1]
    over = f" over {asked.over}" if asked.over else ""
    return f"{asked.figure.replace(' ', '')} {_SIGNS[asked.operator][0]} {limit}{over}"


def _texts(
    metric: Mapping[str, Any], asked: Condition, value: float, time_unit: str
) -> tuple[str, str]:
    """Value and limit, with so many digits that they differ if the numbers do."""
    limit_digits = DIGITS if metric.get("contains") == "data" else _LIMIT_DIGITS
    # A fixed unit has the decimals that it has.
    for unit in (time_unit, ""):
        shown = _shower(metric, asked.figure, unit)
        for digits in range(DIGITS, _MOST_DIGITS):
            texts = shown(value, digits), shown(asked.limit, max(digits, limit_digits))
            if texts[0] != texts[1] or value == asked.limit:
                return texts
    return repr(value), repr(asked.limit)


def _shower(metric: Mapping[str, Any], figure: str, time_unit: str) -> Callable[[float, int], str]:
    contains = str(metric.get("contains", "default"))
    if figure == "count":
        contains = contains if metric["type"] == "counter" else "default"
    elif metric["type"] == "rate":
        contains = "share"
    per_second = "/s" if metric["type"] == "counter" and figure == "rate" else ""
    return lambda value, digits: format_value(value, contains, time_unit, digits) + per_second


_EXPRESSION = re.compile(
    r"(?P<figure>avg|count|max|med|min|rate|value|p\([^)]*\))\s*"
    r"(?P<operator><=|>=|===|==|!=|<|>)\s*(?P<limit>[^a-z]*?(?:e[-+]?\d+)?)\s*(?:over(?P<over>.*))?",
    re.IGNORECASE,
)
# How a threshold reads that holds, and one that does not.
_SIGNS = {
    "<": ("<", "≥"),
    "<=": ("≤", ">"),
    ">": (">", "≤"),
    ">=": ("≥", "<"),
    "==": ("==", "≠"),
    "===": ("==", "≠"),
    "!=": ("≠", "=="),
}
_MOST_DIGITS = 18
# A limit is what somebody wrote: all of it, but for what comes of binary fractions.
_LIMIT_DIGITS = 12
