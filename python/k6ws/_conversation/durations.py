"""How long a session waits, as scripts say it: text or a ``timedelta``, never a bare number.

``recv`` has the shape of Python's ``websockets``, where 1.0 is a second; everywhere else in k6ws it is a
millisecond. So it is neither here.
"""

from __future__ import annotations

from datetime import timedelta
from math import isfinite
from typing import Any, Literal, TypeAlias

from k6ws._conversation.unset import UNSET
from k6ws._params import milliseconds
from k6ws._params.values import in_range
from k6ws.errors import InvalidParameter

__all__ = ["UNSET", "Timeout", "patience", "shown"]

Timeout: TypeAlias = str | timedelta | Literal[0] | None
"""``"1.5s"``, a ``timedelta``, ``None`` for no end, or 0 for what is here already."""


def patience(value: Any, name: str = "timeout") -> float | None:
    """Milliseconds, or ``None`` where there is no end.

    Raises:
        TypeError: A bare number other than 0, or no duration at all.
        InvalidParameter: A duration out of range, or text that is none.
    """
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value == 0:
            return 0.0
        if not isfinite(in_range(value)):
            text = f"{name} is a number that is no time"
            raise InvalidParameter(text, f'write {name}="1.5s", or {name}=None for no end')
        message = (
            f'{name}={value!r} has no unit: write {name}="{value:g}s" (or timedelta(seconds={value:g})) '
            f'for seconds, {name}="{value:g}ms" for milliseconds'
        )
        raise TypeError(message)
    if not isinstance(value, (str, timedelta)):
        message = f"{name} takes text such as '1.5s', a timedelta, None or 0, not {value!r}"
        raise TypeError(message)
    return milliseconds(value, name)


def shown(ms: float | None) -> str:
    """A time as people write it."""
    if ms is None:
        return "no end"
    return f"{ms / 1000:g}s" if ms >= 1000 else f"{ms:g}ms"  # noqa: PLR2004 - of a second
