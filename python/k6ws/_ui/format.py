"""Numbers as k6 writes them.

Pure arithmetic from a number to its text: no widths, no colours, no metric names. `rows` and `bar`
put the texts in place. Durations and shares are truncated, never rounded up, so that `99.99%`
cannot read `100.00%` and a latency is never shown longer than it was.

Every function also accepts infinities and NaN, because a script's own metric may carry them.
"""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, Context, Decimal

__all__ = [
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


def format_duration(ms: float, unit: str = "") -> str:
    """A measured time, from milliseconds: `12.345` becomes `12.34ms`.

    Args:
        ms: milliseconds.
        unit: empty chooses the unit by size; `s`, `ms` or `us` (k6's `summaryTimeUnit`) fixes it
            and then always shows two decimals.
    """
    if not math.isfinite(ms):
        return _non_finite(ms)
    exact = Decimal(repr(float(ms)))
    if unit:
        factor, suffix = _FIXED_UNITS[unit]
        return f"{_truncated(exact * factor, _HUNDREDTH):f}{suffix}"
    return _with_chosen_unit(exact, _HUNDREDTH)


def format_go_duration(ms: float) -> str:
    """A configured time as Go prints it, nothing cut off: `30s`, `10m0s`, `1h0m0s`, `500ms`."""
    if not math.isfinite(ms):
        return _non_finite(ms)
    return _with_chosen_unit(Decimal(repr(float(ms))), _BILLIONTH)


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


def format_bytes(count: float) -> str:
    """An amount of data in decimal units with two figures: `845 B`, `1.2 kB`, `12 MB`."""
    if not math.isfinite(count):
        return _non_finite(count)
    sign, size = ("-", -count) if count < 0 else ("", count)
    unit = 0
    while unit < len(_BYTE_UNITS) - 1 and round(size) >= 1000:
        size /= 1000
        unit += 1
    whole_bytes = unit == 0 and size == int(size)
    figures = f"{size:.1f}" if round(size, 1) < 10 and not whole_bytes else f"{size:.0f}"
    return f"{sign}{figures} {_BYTE_UNITS[unit]}"


def format_number(value: float) -> str:
    """A plain number with up to six decimals and no trailing zeros."""
    if not math.isfinite(value):
        return _non_finite(value)
    if value == int(value):
        return str(int(value))
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    # A value too small for six decimals must not read as zero.
    return f"{value:.3g}" if text in {"0", "-0"} else text


def format_percent(share: float) -> str:
    """A share between 0 and 1 as percent with two decimals: `0.99999` becomes `99.99%`."""
    if not math.isfinite(share):
        return _non_finite(share)
    return f"{_truncated(Decimal(repr(float(share))) * 100, _HUNDREDTH):f}%"


def format_rate(per_second: float) -> str:
    """A live rate, short enough to be read while it changes: `1234`, or `3.5` when below ten."""
    return f"{per_second:.1f}" if 0 < per_second < 9.95 else f"{per_second:.0f}"


def format_value(value: float | None, contains: str, time_unit: str = "") -> str:
    """A metric's value by what the metric contains (`default`, `time` or `data`); `–` for none."""
    if value is None:
        return NO_FIGURE
    if contains == "time":
        return format_duration(value, time_unit)
    if contains == "data":
        return format_bytes(value)
    return format_number(value)


def _with_chosen_unit(ms: Decimal, step: Decimal) -> str:
    if ms == 0:
        return "0s"
    sign, size = ("-", -ms) if ms < 0 else ("", ms)
    for limit, factor, suffix in _AUTO_UNITS:
        if size < limit:
            return f"{sign}{_short(size * factor, step)}{suffix}"
    minutes, rest = divmod(size, 60_000)
    hours, minutes = divmod(int(minutes), 60)
    seconds = f"{_short(rest / 1000, step)}s"
    return f"{sign}{hours}h{minutes}m{seconds}" if hours else f"{sign}{minutes}m{seconds}"


def _truncated(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, rounding=ROUND_DOWN, context=_WIDE)


def _short(value: Decimal, step: Decimal) -> str:
    return f"{_truncated(value, step):f}".rstrip("0").rstrip(".")


def _non_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Inf" if value > 0 else "-Inf"


# Wide enough for the largest float written out in full.
_WIDE = Context(prec=400)
_HUNDREDTH = Decimal("0.01")
_BILLIONTH = Decimal("0.000000001")
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
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
