"""Which messages a call is for, of what scripts write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from re import Pattern
from typing import Any, Protocol, TypeAlias, cast

from k6ws import _core


class Matcher(Protocol):
    """What is asked of a matcher of ``k6ws.match``."""

    @property
    def needs_python(self) -> bool:
        """Whether it calls a function of the script."""
        ...

    def matches(self, data: Any, decoded: object, /) -> bool:
        """Whether a message fits: as it came, and as scripts get it."""
        ...


Match: TypeAlias = Matcher | str | bytes | Mapping[str, Any] | Pattern[Any] | Callable[[Any], Any]
"""A matcher, or what stands for one: text and bytes for equality, a mapping for JSON."""


def matcher_of(match: Match | None) -> Matcher | None:
    """A matcher, or ``None``, which every message fits."""
    return None if match is None else cast("Any", _core).Matcher.of(match)
