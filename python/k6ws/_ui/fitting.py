"""Blocks of lines that stay within the height of a terminal; what goes beyond is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Section", "fitted"]


@dataclass(slots=True)
class Section:
    """Entries that belong together."""

    entries: Sequence[str]
    """A line each, or several with line ends between."""
    noun: str = ""
    """What one of them is, for `+3 more thresholds`; empty where none may be left out."""
    more: int = 0
    """How many there are beside those."""
    head: int = 0
    """How many entries at its beginning are none of these, and go with the last one."""

    def drawn(self, kept: int) -> list[str]:
        """So many of the entries, and how many more there are."""
        hidden = self.more + len(self.entries) - self.head - kept
        shown = self.entries[: self.head + kept] if kept else ()
        lines = [line for entry in shown for line in entry.split("\n")]
        if hidden and self.noun:
            noun = self.noun if hidden == 1 else f"{self.noun}s"
            lines.append(f"  +{hidden} more {noun}" if kept else f"  {hidden} {noun}")
        return lines


def fitted(sections: Sequence[Section], *, height: int) -> list[str]:
    """All lines of the sections, the longest ones shortened until there are no more than `height`."""
    kept = [len(section.entries) - section.head for section in sections]
    drawn = [one.drawn(count) for one, count in zip(sections, kept, strict=True)]
    while sum(map(len, drawn)) > height:
        sizes = [
            len(lines) if section.noun and count else 0
            for section, lines, count in zip(sections, drawn, kept, strict=True)
        ]
        longest = max(range(len(sizes)), key=sizes.__getitem__, default=0)
        if not any(sizes):
            break
        kept[longest] -= 1
        drawn[longest] = sections[longest].drawn(kept[longest])
    return [line for lines in drawn for line in lines][: max(height, 1)]
