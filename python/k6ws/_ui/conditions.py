"""A threshold as a comparison that can be read: the figure, how it compares, the limit.

`p(95)<200 over 10s` that holds at 12.65 reads `p(95)=12.6ms < 200ms over 10s`; at 212 it reads
`p(95)=212ms ≥ 200ms over 10s`. Figure and limit get as many digits as it takes to tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .format import DIGITS, format_value

__all__ = ["compared", "demanded", "observed"]

# How a threshold stands, as the summary's data has it: `ok`, `value`, `figure`, `operator`, `limit`, `unit`,
# `window` and `undecided`.
Stands = Mapping[str, Any]


def observed(stands: Stands, time_unit: str = "") -> str:
    """`p(95)=12.6ms`, the figure that was judged; or why there is none.

    Args:
        stands: how the threshold stands, as the summary's data has it.
        time_unit: k6's `summaryTimeUnit`.
    """
    if stands["undecided"]:
        return _UNDECIDED
    if stands["value"] is None:
        return "no data"
    return f"{stands['figure']}={_texts(stands, stands['value'], time_unit)[0]}"


def compared(stands: Stands, time_unit: str = "") -> str:
    """`p(95)=12.6ms < 50ms`, with the sign that is true; `p(95) without data` where nothing was judged."""
    figure, value = stands["figure"], stands["value"]
    if stands["undecided"]:
        return f"{figure}{_over(stands)} {_UNDECIDED}"
    if value is None:
        return f"{figure} without data"
    seen, limit = _texts(stands, value, time_unit)
    sign = _SIGNS[stands["operator"]][0 if stands["ok"] else 1]
    return f"{figure}={seen} {sign} {limit}{_over(stands)}"


def demanded(stands: Stands, time_unit: str = "") -> str:
    """`p(95) < 50ms`: what a threshold asks for, while there is nothing to compare."""
    limit = _texts(stands, stands["limit"], time_unit)[1]
    return f"{stands['figure']} {_SIGNS[stands['operator']][0]} {limit}{_over(stands)}"


def _over(stands: Stands) -> str:
    return f" over {stands['window']}" if stands["window"] else ""


def _texts(stands: Stands, value: float | None, time_unit: str) -> tuple[str, str]:
    """Value and limit, with so many digits that the texts stand to each other as the numbers do.

    What is cut stands below what it was cut from: with fewer digits than its limit a value may seem to be on
    the other side of it. That cannot be where as many digits tell them apart.
    """
    limit: float | None = stands["limit"]
    contains, per_second = _CONTENTS[stands["unit"]]
    if contains == "default" and stands["figure"] == "rate" and not per_second:
        contains = "share"
    limit_digits = DIGITS if contains == "data" else _LIMIT_DIGITS

    def shown(number: float | None, unit: str, digits: int) -> str:
        # JSON has no infinity; nothing else has no number here.
        text = _INFINITE if number is None else format_value(number, contains, unit, digits)
        return text + per_second

    if value == limit:
        text = shown(limit, time_unit, _MOST_DIGITS)
        return text, text
    # A fixed unit has the decimals that it has.
    for unit in (time_unit, ""):
        for digits in range(DIGITS, _MOST_DIGITS):
            text = shown(value, unit, digits)
            if text != shown(limit, unit, digits):
                return text, shown(limit, unit, max(digits, limit_digits))
    return repr(value), repr(limit)


_UNDECIDED = "not judged: of several files each knows its own windows only"
_INFINITE = "infinity"
# What a unit of the data means, and what stands behind the figure.
_CONTENTS = {
    "": ("default", ""),
    "ms": ("time", ""),
    "bytes": ("data", ""),
    "1/s": ("default", "/s"),
    "ms/s": ("time", "/s"),
    "bytes/s": ("data", "/s"),
}
# How a threshold reads that holds, and one that does not.
_SIGNS = {
    "<": ("<", "≥"),
    "<=": ("≤", ">"),
    ">": (">", "≤"),
    ">=": ("≥", "<"),
    "==": ("==", "≠"),
    "!=": ("≠", "=="),
}
_MOST_DIGITS = 18
# A limit is what somebody wrote: all of it, but for what comes of binary fractions.
_LIMIT_DIGITS = 12
