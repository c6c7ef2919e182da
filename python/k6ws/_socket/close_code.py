"""The code that a WebSocket is closed with, as scripts give it: the same for every API that has one."""

from __future__ import annotations

from typing import Any


def close_code(value: Any) -> int:
    """A close code as scripts give it: a number, or text that is one; whether it may travel is not asked.

    Raises:
        TypeError: It is something else, such as the event that a handler was called with.
    """
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        message = f"the close code is a number, not {value!r}"
        raise TypeError(message) from None
