"""A table for a terminal: names on the left, figures under their heads on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .text import columns

__all__ = ["Cell", "cut", "grid_lines"]

# What a figure reads, and how it is coloured.
Cell = tuple[str, Callable[[str], str]]


def grid_lines(
    head: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Cell]]],
    *,
    width: int,
    indent: str,
    narrowest: int,
) -> list[str]:
    """The head and a line for each row; names are cut where figures need the room.

    Args:
        head: of the names, and of each figure.
        rows: a name that can be shown, and its figures.
        width: columns that a line may take; figures take what they need.
        indent: what each line begins with.
        narrowest: columns of a name that are not taken from it, even if lines become too wide.
    """
    name, *figures = head
    widths = [
        max(columns(text) for text in (title, *(cells[place][0] for _, cells in rows)))
        for place, title in enumerate(figures)
    ]
    longest = max(columns(one) for one in (name, *(title for title, _ in rows)))
    room = width - len(indent) - sum(widths) - len(_GAP) * len(widths)
    name_width = min(longest, max(room, narrowest))
    plain_head: list[Cell] = [(title, str) for title in figures]
    lines: list[str] = []
    for title, cells in [(name, plain_head), *rows]:
        shown = cut(title, name_width)
        line = indent + shown + " " * (name_width - columns(shown))
        for (text, painted), wide in zip(cells, widths, strict=True):
            line += _GAP + " " * (wide - columns(text)) + (painted(text) if text else "")
        lines.append(line.rstrip())
    return lines


def cut(text: str, width: int) -> str:
    """The text, or as much of it as fits, with `…` at its end."""
    if columns(text) <= width:
        return text
    while text and columns(text) >= width:
        text = text[:-1]
    return f"{text}…"


_GAP = "  "
