"""What scripts give to ``send``, as the wire takes it."""

from __future__ import annotations

from typing import Any

from k6ws._socket.surrogates import is_well_formed, well_formed


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
        kind = type(message).__name__
        text = f'a session sends text (str) or bytes, not {kind}: open it with codec="json" for objects'
        raise TypeError(text) from None


def as_sent(message: Any) -> str | bytes:
    """Text that can be written, with U+FFFD for half a surrogate pair, or a binary message.

    Raises:
        TypeError: It is neither text nor a buffer.
    """
    if not isinstance(message, str):
        return as_bytes(message)
    return message if is_well_formed(message) else well_formed(message)
