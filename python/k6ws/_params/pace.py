"""``idle_timeout``, ``keep_alive``, ``recv_rate``: how long a session waits in silence, how fast it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._params.values import milliseconds, nearest
from k6ws.errors import InvalidParameter, UnknownOption


class PaceSettings(NamedTuple):
    """Valid; ``None`` is off. Times are milliseconds."""

    idle_timeout: float | None = None
    keep_alive: tuple[float, float] | None = None
    """Time between pings, and how long a pong may take."""
    recv_rate: float | None = None
    """Bytes a second."""

    def arguments(self) -> _core.PaceArguments:
        """As the core takes it."""
        return {
            "idle_timeout": self.idle_timeout,
            "keep_alive": self.keep_alive,
            "recv_rate": self.recv_rate,
        }


def read_pace(params: Mapping[str, Any]) -> PaceSettings:
    """The settings among the parameters of a connection, by our spelling.

    Raises:
        TypeError: A value of the wrong type.
        UnknownOption: A key of ``keep_alive`` that does not exist.
        InvalidParameter: A value out of range.
    """
    idle, pings, rate = map(params.get, ("idle_timeout", "keep_alive", "recv_rate"))
    if idle is None and pings is None and rate is None:
        return PaceSettings()
    return PaceSettings(
        None if idle is None else _positive(idle, "idle_timeout"),
        None if pings is None or pings is False else _keep_alive(pings),
        None if rate is None else recv_rate(rate),
    )


def _positive(value: object, name: str) -> float:
    ms = milliseconds(value, name)
    if ms < 1.0:
        message = f"{name} of {value!r} is less than a millisecond; leave it out to switch it off"
        raise InvalidParameter(message)
    return ms


def _keep_alive(value: object) -> tuple[float, float]:
    """An interval, or a mapping with ``interval`` and ``timeout``; a pong may take as long as an interval."""
    if not isinstance(value, Mapping):
        interval = _positive(value, "keep_alive")
        return interval, interval
    given: dict[str, Any] = {str(key): one for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    names = ("interval", "timeout")
    for key in given:
        if key not in names:
            message = f"unknown key 'keep_alive.{key}'"
            raise UnknownOption(message, nearest(key, names, names))
    if given.get("interval") is None:
        raise InvalidParameter("keep_alive needs an interval", "keep_alive={'interval': '30s'}")
    interval = _positive(given["interval"], "keep_alive.interval")
    timeout = given.get("timeout")
    return interval, interval if timeout is None else _positive(timeout, "keep_alive.timeout")


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
