"""Values that parameters of every kind are made of: durations, sizes, tags, headers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from k6ws import _core
from k6ws.errors import InvalidParameter, K6Error

MIB = 1 << 20


def milliseconds(value: object, name: str) -> float:
    """A duration as k6 takes it: ``"1.5s"``, a ``timedelta``, or a number of milliseconds."""
    if isinstance(value, timedelta):
        ms = value.total_seconds() * 1000.0
    elif isinstance(value, str):
        try:
            ms = _core.parse_duration(value)
        except ValueError as error:
            message = f"{name}: {error}"
            raise InvalidParameter(message) from None
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        ms = in_range(value)
    else:
        message = f"{name} takes a duration such as '1.5s' or milliseconds, not {value!r}"
        raise TypeError(message)
    if not 0.0 <= ms < 1e12:  # noqa: PLR2004 - some thirty years
        message = f"{name} of {value!r} is out of range"
        raise InvalidParameter(message)
    return ms


def in_range(number: float) -> float:
    """A number as the core takes it: an integer that no float can hold is as good as infinite."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def tag_pairs(tags: object, prefix: str) -> list[tuple[str, str]]:
    """Tags of a script as text pairs.

    Raises:
        K6Error: a value that is neither text, a number nor a boolean, in k6's words behind ``prefix``.
    """
    if tags is None:
        return []
    if not isinstance(tags, Mapping):
        message = f"tags are a mapping of names to values, not {tags!r}"
        raise TypeError(message)
    pairs: list[tuple[str, str]] = []
    for key, value in tags.items():  # pyright: ignore[reportUnknownVariableType]
        pairs.append((str(key), _tag_text(key, value, prefix)))  # pyright: ignore[reportUnknownArgumentType]
    return pairs


def _tag_text(key: object, value: object, prefix: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(int(value)) if value == value // 1 else str(value)
    message = (
        f"{prefix}invalid value for metric tag '{key}': "
        "only String, Boolean and Number types are accepted as a metric tag values"
    )
    raise K6Error(message)


def header_pairs(headers: object, _name: str = "headers") -> list[tuple[str, str]]:
    """Headers of a request, in order."""
    if isinstance(headers, Mapping):
        items: Sequence[Any] = list(headers.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    elif isinstance(headers, Sequence) and not isinstance(headers, str):
        items = headers  # pyright: ignore[reportUnknownVariableType]
        for index, item in enumerate(items):
            if not isinstance(item, (list, tuple)) or len(item) != 2:  # noqa: PLR2004 # pyright: ignore[reportUnknownArgumentType]
                # What it is is not repeated: there may be a password in it.
                message = f"headers are a mapping or a list of pairs, and item {index} is none"
                raise TypeError(message)
    else:
        message = f"headers are a mapping or a list of pairs, not {headers!r}"
        raise TypeError(message)
    pairs = [(str(name), str(value)) for name, value in items]
    for name, value in pairs:
        try:
            (name + value).encode()
        except UnicodeEncodeError:
            message = f"invalid header {name!a}: it holds a lone surrogate, which is no text"
            raise InvalidParameter(message) from None
    return pairs


def flag(value: object, name: str) -> bool:
    """True or false, and nothing that only counts as such."""
    if not isinstance(value, bool):
        message = f"{name} is True or False, not {value!r}"
        raise TypeError(message)
    return value


def size(value: object, name: str) -> int:
    """A number of bytes."""
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{name} takes a number of bytes, not {value!r}"
        raise TypeError(message)
    if not 0 < value < 1 << 40:
        message = f"{name} of {value} bytes is out of range"
        raise InvalidParameter(message)
    return value


def as_given(value: Any, _name: str) -> Any:
    """A value that is checked where it is used."""
    return value
