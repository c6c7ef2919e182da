"""What scripts give to ``send``, as the wire takes it."""

from __future__ import annotations

from typing import Any


def as_bytes(message: Any) -> bytes:
    """Bytes as they are sent.

    Raises:
        TypeError: It is neither text nor a buffer.
    """
    if type(message) is bytes:
        return message
    try:
        return bytes(memoryview(message))
    except TypeError:
        text = f"a session sends text (str) or bytes, not {type(message).__name__}"
        raise TypeError(text) from None
