"""Which messages a call is for, of what scripts write."""

from __future__ import annotations

from collections.abc import Callable
from re import Pattern
from typing import Any, TypeAlias

from k6ws._core import Matcher

Match: TypeAlias = (
    Matcher | str | bytes | dict[str, Any] | Pattern[str] | Pattern[bytes] | Callable[[Any], object]
)
"""A matcher of ``k6ws.match``, or what stands for one: text and bytes for equality, a mapping for JSON."""


def matcher_of(match: Match | None) -> Matcher | None:
    """A matcher, or ``None``, which every message fits.

    Raises:
        TypeError: It is none.
        InvalidParameter: It is one that cannot be.
    """
    return None if match is None else Matcher.of(match)
