"""``idle_timeout``, ``keep_alive``, ``recv_rate``: how long a session waits in silence, how fast it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k6ws._params.names import nearest, spellings
from k6ws._params.values import milliseconds
from k6ws.errors import InvalidParameter, UnknownOption

_KEYS = spellings(("interval", "timeout"))


def idle_timeout(value: object, name: str = "idle_timeout") -> float:
    """Milliseconds of silence, one at least.

    Raises:
        TypeError: The value is no duration.
        InvalidParameter: It is out of range.
    """
    ms = milliseconds(value, name)
    if ms < 1.0:
        message = f"{name} of {value!r} is less than a millisecond; leave it out to switch it off"
        raise InvalidParameter(message)
    return ms


def keep_alive(value: object, name: str = "keep_alive") -> tuple[float, float] | None:
    """An interval, or a mapping with ``interval`` and ``timeout``; a pong may take as long as an interval.

    Returns:
        Milliseconds between pings, and how long a pong may take; ``None`` of ``False``, which is off.

    Raises:
        TypeError: A value of the wrong type.
        UnknownOption: A key that does not exist.
        InvalidParameter: A value out of range, or no interval.
    """
    if value is False:
        return None
    if not isinstance(value, Mapping):
        interval = idle_timeout(value, name)
        return interval, interval
    given: dict[str, Any] = {str(key): one for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    for key in given:
        if key not in _KEYS:
            message = f"unknown key '{name}.{key}'"
            raise UnknownOption(message, nearest(key, _KEYS))
    if given.get("interval") is None:
        raise InvalidParameter(f"{name} needs an interval", f"{name}={{'interval': '30s'}}")
    interval = idle_timeout(given["interval"], f"{name}.interval")
    timeout = given.get("timeout")
    return interval, interval if timeout is None else idle_timeout(timeout, f"{name}.timeout")


def recv_rate(value: object, _name: str = "recv_rate") -> float:
    """Bytes a second.

    Raises:
        TypeError: The value is no number.
        InvalidParameter: It is out of range.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        message = f"recv_rate takes bytes a second, not {value!r}"
        raise TypeError(message)
    if not 1 <= value < 1 << 50:
        message = f"recv_rate of {value!r} bytes a second is out of range"
        raise InvalidParameter(message)
    return float(value)
