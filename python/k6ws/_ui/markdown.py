"""The summary as Markdown, for the page that GitHub shows of a workflow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .last_line import render_verdict
from .tables import Table, notes, tables

__all__ = ["render_markdown"]


def render_markdown(
    data: Mapping[str, Any], *, title: str = "k6ws", most_bytes: int | None = None
) -> str:
    """Draw the verdict, then thresholds, checks, metrics and failures as tables.

    Args:
        data: what `handle_summary` receives, with `run`.
        title: of the section, for instance the script.
        most_bytes: a longer text is cut at the end of a line, and says so.
    """
    verdict = render_verdict(data, color=False)
    word, _, rest = verdict.partition(" ")
    lines = [f"## {_safe(title)}", "", f"**{_safe(word)}** {_safe(rest)}", ""]
    lines += [f"> {_safe(note)}\n" for note in notes(data)]
    for table in tables(data):
        lines += _table(table)
    text = "\n".join(lines).rstrip() + "\n"
    return text if most_bytes is None else _cut(text, most_bytes)


def _table(table: Table) -> list[str]:
    return [
        f"| {' | '.join(table.head)} |",
        f"|{' --- |' * len(table.head)}",
        *[f"| {' | '.join(map(_safe, row))} |" for row in table.rows],
        "",
    ]


def _cut(text: str, most: int) -> str:
    encoded = text.encode(errors="replace")
    if len(encoded) <= most:
        return text
    note = f"\n> The rest is left out: the page takes {most // 1024} KiB.\n"
    room = max(most - len(note.encode()), 0)
    # Whole lines only: a row that is cut would break its table.
    whole = encoded[: encoded.rfind(b"\n", 0, room + 1) + 1]
    return whole.decode() + note


def _safe(text: str) -> str:
    """A line of text that is text, whatever a peer or a script put in it.

    GitHub makes links, mentions and pictures of what Markdown leaves alone; and mathematics.
    """
    parts = [re.sub(r"([\\`*_{}\[\]<>#|~!&])", r"\\\1", part) for part in _LIVELY.split(text)]
    return _UNSEEN.join(parts).replace("$", "<span>$</span>")


# Places at which what begins there, or goes on there, would become something else: `https://`, `www.`, a name
# behind `@`, `:tada:`.
_LIVELY = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=:)(?=[\w+-]+:)", re.IGNORECASE)
_UNSEEN = "&#8203;"
