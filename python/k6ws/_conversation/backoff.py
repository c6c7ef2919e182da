"""``Backoff``: when a session that lost its connection tries again. Pure: chance is an argument."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from k6ws._conversation.durations import patience, shown
from k6ws.errors import InvalidParameter

_ON = (1001, 1006, 1011, 1012, 1013)
_CODES = range(1000, 5000)


class Backoff:
    """When a session that has lost its connection tries again: after pauses that grow.

    The first pause is ``initial``, each further one ``factor`` times as long, ``max`` at most. Chance takes
    up to the share ``jitter`` of it away, so that sessions that fall together do not come back together.
    Attempts are counted anew once a connection has lived for as long as the pause before it.

    Give it to ``ws.open`` or ``tcp.open`` as ``reconnect=``.

    Args:
        initial: The first pause: ``"500ms"``, or a ``timedelta``.
        factor: What each pause is multiplied by for the next one; at least 1.
        max: The longest pause.
        jitter: From 0 (the pauses as they are) to 1 (anything from nothing to the whole pause).
        tries: How many attempts in a row may fail before the session is over; ``None`` for no end.
        on: The close codes that it connects again after; by default 1001, 1006 (no Close came: the connection
            broke), 1011, 1012 and 1013. TCP has no codes: there it is every end but our own.
        first: Whether attempts of ``open`` itself are repeated as well, within ``tries``. Else a failed one
            raises :class:`k6ws.ConnectFailed`; and whoever opens the same target again waits first, for as
            long as these pauses say.

    Raises:
        TypeError: An argument of the wrong type; times have units.
        InvalidParameter: One that cannot be.

    Example:
        >>> Backoff("500ms", max="10s", tries=8)
        Backoff('500ms', factor=2, max='10s', jitter=0.5, tries=8)
    """

    __slots__ = ("_codes", "_factor", "_first", "_initial", "_jitter", "_max", "_tries")

    def __init__(
        self,
        initial: str | timedelta = "500ms",
        *,
        factor: float = 2,
        max: str | timedelta = "10s",  # noqa: A002 - the word for it
        jitter: float = 0.5,
        tries: int | None = None,
        on: Iterable[int] = _ON,
        first: bool = False,
    ) -> None:
        self._initial = _pause(initial, "initial")
        self._max = _pause(max, "max")
        if self._initial > self._max:
            text = f"Backoff: initial={initial!r} is longer than max={max!r}, which no pause is"
            raise InvalidParameter(text, "give a longer max")
        self._factor = _number(factor, "factor", 1.0, math.inf)
        self._jitter = _number(jitter, "jitter", 0.0, 1.0)
        if tries is not None and (not isinstance(cast("Any", tries), int) or tries is True):
            message = (
                f"Backoff: tries is a whole number of attempts, or None for no end, not {tries!r}"
            )
            raise TypeError(message)
        if tries is not None and tries < 1:
            text = f"Backoff: tries={tries!r} would never try"
            raise InvalidParameter(
                text, "leave reconnect= out for a session that does not come back"
            )
        if not isinstance(cast("Any", first), bool):
            message = f"Backoff: first is True or False, not {first!r}"
            raise TypeError(message)
        self._tries = tries
        self._codes = _codes(on)
        self._first = first

    @property
    def tries(self) -> int | None:
        """How many attempts in a row may fail."""
        return self._tries

    @property
    def first(self) -> bool:
        """Whether attempts of ``open`` are repeated as well."""
        return self._first

    def comes_back(self, code: int | None) -> bool:
        """Whether a session connects again that ended with this code; ``None`` is an end without codes."""
        return code is None or code in self._codes

    def is_spent(self, failed: int) -> bool:
        """Whether so many attempts that failed in a row are all that it allows."""
        return self._tries is not None and failed >= self._tries

    def pause(self, failed: int, chance: float = 0.0) -> float:
        """How long to wait before the next attempt, in milliseconds.

        Args:
            failed: How many attempts have failed in a row.
            chance: From 0 to 1: how much of what ``jitter`` may take away it takes.
        """
        try:
            whole = min(self._initial * self._factor**failed, self._max)
        except OverflowError:
            whole = self._max
        return whole * (1.0 - self._jitter * chance)

    def __repr__(self) -> str:
        parts = [repr(shown(self._initial)), f"factor={self._factor:g}"]
        parts += [f"max={shown(self._max)!r}", f"jitter={self._jitter:g}"]
        if self._tries is not None:
            parts.append(f"tries={self._tries}")
        if self._codes != frozenset(_ON):
            parts.append(f"on={tuple(sorted(self._codes))}")
        if self._first:
            parts.append("first=True")
        return f"Backoff({', '.join(parts)})"


def _pause(value: Any, name: str) -> float:
    ms = patience(value, f"Backoff: {name}")
    if not ms:
        text = f"Backoff: {name} is longer than nothing, not {value!r}"
        raise InvalidParameter(text, "a pause keeps a server that is down from being hammered")
    return ms


def _number(value: Any, name: str, least: float, most: float) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        message = f"Backoff: {name} is a number, not {value!r}"
        raise TypeError(message)
    if not least <= value <= most or math.isinf(value):
        within = f"at least {least:g}" if math.isinf(most) else f"from {least:g} to {most:g}"
        text = f"Backoff: {name} is {within}, not {value!r}"
        raise InvalidParameter(text)
    return float(value)


def _codes(given: Any) -> frozenset[int]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        message = f"Backoff: on takes close codes, such as on=(1006, 1012), not {given!r}"
        raise TypeError(message)
    codes = frozenset(cast("Iterable[Any]", given))
    for code in codes:
        if not isinstance(code, int) or isinstance(code, bool):
            message = f"Backoff: on takes close codes, which are whole numbers, not {code!r}"
            raise TypeError(message)
        if code not in _CODES:
            text = f"Backoff: on has {code}, which is no close code"
            raise InvalidParameter(text, "codes are 1000 to 4999; 1006 stands for no Close at all")
    if not codes:
        text = "Backoff: on is empty: no session would ever come back"
        raise InvalidParameter(text, "leave it out for 1001, 1006, 1011, 1012 and 1013")
    return codes
