"""What a script gives to ``send`` and ``send_binary``, as the wire takes it."""

from __future__ import annotations

from typing import Any

from k6ws.errors import K6Error

MISSING: Any = object()


def as_text(data: object) -> str:
    """A value as JavaScript writes it."""
    if isinstance(data, str):
        return str(data)
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int):
        return str(data)
    if isinstance(data, float):
        return str(int(data)) if data.is_integer() else repr(data)
    message = f"send takes text or a number, not {type(data).__name__}"
    raise TypeError(message)


# What k6 calls the types of JavaScript that these stand for.
_TYPE_WORDS: dict[type[object], str] = {
    bool: "Boolean",
    int: "Number",
    float: "Number",
    str: "String",
    list: "Array",
    type(lambda: None): "Function",
}


def as_bytes(data: object) -> bytes:
    """A buffer as bytes; whatever else it is, is refused in k6's words."""
    if data is MISSING:
        message = "missing argument, expected ArrayBuffer"
        raise K6Error(message)
    try:
        return bytes(memoryview(data))  # pyright: ignore[reportArgumentType]
    except TypeError:
        word = "null" if data is None else _TYPE_WORDS.get(type(data), type(data).__name__)
        message = f"expected ArrayBuffer as argument, received: {word}"
        raise K6Error(message) from None
