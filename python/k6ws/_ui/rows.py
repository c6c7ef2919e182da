"""A metric as a row, and rows in aligned columns.

`metric_row` turns one entry of the summary data into a label and cells; `render_rows` draws rows of
one section: dots from the label to the colon, cells in columns, and cells that do not fit on lines
of their own below the first one. A number is never cut: a line that cannot be narrow enough is left
too wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .format import NO_FIGURE, format_number, format_percent, format_value
from .text import Paint, columns

__all__ = [
    "Row",
    "label_columns",
    "metric_row",
    "plain_row",
    "render_rows",
    "share_row",
    "trend_stat",
]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the summary before it is laid out.

    A cell is `(key, value)` and reads `key=value`, or only the value when the key is empty.
    """

    label: str
    cells: tuple[tuple[str, str], ...]
    is_trend: bool = False


def metric_row(
    label: str, metric: Mapping[str, Any], *, stats: Sequence[str], time_unit: str
) -> Row:
    """The row for one metric of the summary data.

    Args:
        label: what stands before the dots.
        metric: `{type, contains, values}`.
        stats: which trend statistics to show, in this order; empty shows all there are.
        time_unit: k6's `summaryTimeUnit`, empty for automatic.
    """
    values: Mapping[str, Any] = metric["values"]
    if None in values.values():
        return plain_row(label, NO_FIGURE)
    contains = str(metric.get("contains", "default"))

    def text(key: str) -> str:
        return format_value(values.get(key), contains, time_unit)

    match metric["type"]:
        case "counter":
            return Row(label, (("", text("count")), ("", f"{text('rate')}/s")))
        case "gauge":
            return Row(label, (("", text("value")), ("min", text("min")), ("max", text("max"))))
        case "rate":
            passes = values.get("passes", 0)
            return share_row(label, values.get("rate"), passes, passes + values.get("fails", 0))
        case _:
            shown = [name for name in stats if name in values] or list(values)
            cells = tuple((name, trend_stat(values, name, contains, time_unit)) for name in shown)
            return Row(label, cells, is_trend=True)


def trend_stat(values: Mapping[str, Any], name: str, contains: str, time_unit: str) -> str:
    """One statistic of a trend; `count` is a number whatever the trend contains."""
    return format_value(values.get(name), "default" if name == "count" else contains, time_unit)


def plain_row(label: str, *values: str) -> Row:
    """A row of bare values."""
    return Row(label, tuple(("", value) for value in values))


def share_row(label: str, share: float | None, part: float, total: float) -> Row:
    """A row that reads `75.00% 30 out of 40`."""
    percent = NO_FIGURE if share is None else format_percent(share)
    return plain_row(label, percent, f"{format_number(part)} out of {format_number(total)}")


def label_columns(rows: Sequence[Row], *, width: int) -> int:
    """Columns for label and dots: the longest label and three dots, if two cells still fit.

    A label that is very long stands on a line of its own: it is no reason to move all figures away.
    """
    widths = [columns(row.label) for row in rows]
    longest = max((one for one in widths if one <= _MAX_LABEL), default=0)
    return min(longest + _MIN_DOTS, max(width - len(_INDENT) - _CELL_ROOM, _MIN_LABEL))


def render_rows(rows: Sequence[Row], *, width: int, label_width: int, paint: Paint) -> list[str]:
    """The rows as lines; trends share one set of columns, all other rows another."""
    room = width - len(_INDENT) - label_width - len(_COLON)
    grids = {
        is_trend: _column_widths([row.cells for row in rows if row.is_trend is is_trend], room)
        for is_trend in (True, False)
    }
    lines: list[str] = []
    for row in rows:
        cell_lines = _cell_lines(row.cells, grids[row.is_trend], paint)
        dots = label_width - columns(row.label)
        margin = " " * (len(_INDENT) + label_width + len(_COLON))
        if dots < 1:
            lines.append(f"{_INDENT}{row.label}:")
            lines += [margin + line for line in cell_lines]
        else:
            lines.append(f"{_INDENT}{row.label}{'.' * dots}{_COLON}{cell_lines[0]}".rstrip())
            lines += [margin + line for line in cell_lines[1:]]
    return lines


def _column_widths(table: Sequence[tuple[tuple[str, str], ...]], room: int) -> list[int]:
    """Widths for the largest number of columns whose lines fit into `room`; at least one column."""
    most = max((len(cells) for cells in table), default=1)
    widths = [0]
    for count in range(max(most, 1), 0, -1):
        widths = [0] * count
        for cells in table:
            for index, cell in enumerate(cells):
                place = index % count
                widths[place] = max(widths[place], columns(_cell_text(cell)))
        if sum(widths) + count - 1 <= room:
            break
    return widths


def _cell_lines(
    cells: tuple[tuple[str, str], ...], widths: Sequence[int], paint: Paint
) -> list[str]:
    lines: list[str] = []
    for start in range(0, len(cells), len(widths)):
        line, padding = "", ""
        for cell, width in zip(cells[start:], widths, strict=False):
            key, value = cell
            line += padding + (f"{key}=" if key else "") + paint.value(value)
            padding = " " * (width - columns(_cell_text(cell)) + 1)
        lines.append(line)
    return lines or [""]


def _cell_text(cell: tuple[str, str]) -> str:
    key, value = cell
    return f"{key}={value}" if key else value


_INDENT = "    "
_COLON = ": "
_MIN_DOTS = 3
_MIN_LABEL = 20
_MAX_LABEL = 80
# The colon and two cells such as `p(95)=12.34ms`.
_CELL_ROOM = 30
