"""Numbers as people read them, in k6's units.

Pure arithmetic from a number to its text: no widths, no colours, no metric names. `rows` and `bar`
put the texts in place. A measured figure has three significant digits; whole numbers and all before
the point stay whole. Durations and shares are truncated, never rounded up, so that `99.99 %` cannot read
`100%` and a latency is never shown longer than it was. All digits are in files.

Every function also accepts infinities and NaN, because a script's own metric may carry them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_DOWN, Context, Decimal

__all__ = [
    "DIGITS",
    "NO_FIGURE",
    "format_bytes",
    "format_clock",
    "format_duration",
    "format_go_duration",
    "format_number",
    "format_percent",
    "format_rate",
    "format_value",
]

NO_FIGURE = "–"
"""Stands where nothing was measured: a 0 would be a figure."""

DIGITS = 3
"""Significant digits of what was measured."""


def format_duration(ms: float, unit: str = "", digits: int = DIGITS) -> str:
    """A measured time, from milliseconds: `12.345` becomes `12.3ms`.

    Args:
        ms: milliseconds.
        unit: empty chooses the unit by size; `s`, `ms` or `us` (k6's `summaryTimeUnit`) fixes it
            and then always shows two decimals.
        digits: significant ones, where the unit is chosen.
    """
    if not math.isfinite(ms):
        return _non_finite(ms)
    exact = Decimal(repr(float(ms)))
    if unit:
        factor, suffix = _FIXED_UNITS[unit]
        return f"{_cut(exact * factor, _HUNDREDTH):f}{suffix}"
    return _with_chosen_unit(exact, lambda size: _significant(size, digits))


def format_go_duration(ms: float) -> str:
    """A configured time as Go prints it, nothing cut off: `30s`, `10m0s`, `1h0m0s`, `500ms`."""
    if not math.isfinite(ms):
        return _non_finite(ms)
    return _with_chosen_unit(Decimal(repr(float(ms))), lambda size: _cut(size, _BILLIONTH))


def format_clock(ms: float, total_ms: float | None = None) -> str:
    """An elapsed time of steady width, so that a redrawn line does not jump: `0m05.0s`.

    Args:
        ms: elapsed milliseconds; a negative value counts as zero.
        total_ms: when given, use only the units that this total needs, with as many digits (`05.0s`
            of `30s`, `00m05.0s` of `10m0s`), and never show more than the total.
    """
    shown = max(ms if total_ms is None else min(ms, total_ms), 0)
    minutes, tenths = divmod(int(shown // 100), 600)
    hours, minutes_of_hour = divmod(minutes, 60)
    seconds = f"{tenths // 10:02d}.{tenths % 10}s"
    if total_ms is None:
        return f"{hours}h{minutes_of_hour:02d}m{seconds}" if hours else f"{minutes}m{seconds}"
    total_minutes = int(total_ms // 60_000)
    if total_minutes == 0:
        return seconds
    if total_minutes < 60:
        return f"{minutes:0{len(str(total_minutes))}d}m{seconds}"
    return f"{hours:0{len(str(total_minutes // 60))}d}h{minutes_of_hour:02d}m{seconds}"


def format_bytes(count: float, digits: int = DIGITS - 1) -> str:
    """An amount of data in decimal units: `845 B`, `1.2 kB`, `12 MB`."""
    if not math.isfinite(count):
        return _non_finite(count)
    sign, size = ("-", -count) if count < 0 else ("", count)
    unit = 0
    while unit < len(_BYTE_UNITS) - 1 and round(size) >= 1000:
        size /= 1000
        unit += 1
    whole_bytes = unit == 0 and size == int(size)
    before_point = len(str(int(round(size, digits - 1))))
    places = 0 if whole_bytes else max(digits - before_point, 0)
    return f"{sign}{size:.{places}f} {_BYTE_UNITS[unit]}"


def format_number(value: float, digits: int = DIGITS) -> str:
    """A plain number: whole ones with all their digits, others rounded to the significant ones."""
    if not math.isfinite(value):
        return _non_finite(value)
    if value == int(value):
        return str(int(value))
    if abs(value) < _SMALL:
        return f"{value:.{digits}g}"
    places = max(digits - 1 - Decimal(repr(float(value))).adjusted(), 0)
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def format_percent(share: float, digits: int = DIGITS) -> str:
    """A share between 0 and 1 as percent: `0.99999` becomes `99.9%`."""
    if not math.isfinite(share):
        return _non_finite(share)
    return f"{_text(_significant(Decimal(repr(float(share))) * 100, digits))}%"


def format_rate(per_second: float) -> str:
    """A live rate, short enough to be read while it changes: `1234`, or `3.5` when below ten."""
    return f"{per_second:.1f}" if 0 < per_second < 9.95 else f"{per_second:.0f}"


def format_value(
    value: float | None, contains: str, time_unit: str = "", digits: int = DIGITS
) -> str:
    """A metric's value by what it is; `–` for none.

    Args:
        value: the value; times in milliseconds.
        contains: `default`, `time`, `data`, or `share` for a rate between 0 and 1.
        time_unit: k6's `summaryTimeUnit`, empty for automatic.
        digits: significant ones.
    """
    if value is None:
        return NO_FIGURE
    if contains == "time":
        return format_duration(value, time_unit, digits)
    if contains == "data":
        return format_bytes(value, digits - 1)
    if contains == "share":
        return format_percent(value, digits)
    return format_number(value, digits)


def _with_chosen_unit(ms: Decimal, cut: Callable[[Decimal], Decimal]) -> str:
    if ms == 0:
        return "0s"
    sign, size = ("-", -ms) if ms < 0 else ("", ms)
    for limit, factor, suffix in _AUTO_UNITS:
        if size < limit:
            return f"{sign}{_text(cut(size * factor))}{suffix}"
    minutes, rest = divmod(cut(size / 1000), 60)
    hours, minutes = divmod(int(minutes), 60)
    seconds = f"{_text(rest)}s"
    return f"{sign}{hours}h{minutes}m{seconds}" if hours else f"{sign}{minutes}m{seconds}"


def _significant(value: Decimal, digits: int) -> Decimal:
    """Cut to so many digits, but nothing before the point."""
    return _cut(value, Decimal(1).scaleb(min(value.adjusted() - digits + 1, 0)))


def _cut(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, rounding=ROUND_DOWN, context=_WIDE)


def _text(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _non_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Inf" if value > 0 else "-Inf"


# Wide enough for the largest float written out in full.
_WIDE = Context(prec=400)
_HUNDREDTH = Decimal("0.01")
_BILLIONTH = Decimal("0.000000001")
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
# Below this a plain number is written with an exponent.
_SMALL = 1e-6
_FIXED_UNITS = {
    "s": (Decimal("0.001"), "s"),
    "ms": (Decimal(1), "ms"),
    "us": (Decimal(1000), "µs"),
}
# Below this many milliseconds: multiply by this, write this unit.
_AUTO_UNITS = (
    (Decimal("0.001"), Decimal(1_000_000), "ns"),
    (Decimal(1), Decimal(1000), "µs"),
    (Decimal(1000), Decimal(1), "ms"),
    (Decimal(60_000), Decimal("0.001"), "s"),
)
