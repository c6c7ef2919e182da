"""The summary as HTML, for notebooks: tables in the notebook's own colours, nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from .last_line import render_verdict
from .tables import Table, notes, tables

__all__ = ["render_html"]


def render_html(data: Mapping[str, Any], *, report: str | None = None) -> str:
    """Draw the verdict, then what the report has as tables.

    Args:
        data: what `handle_summary` receives, with `run`.
        report: the file to open next.
    """
    verdict = render_verdict(data, color=False, report=report)
    word, _, rest = verdict.partition(" ")
    parts = [f"<p><strong>{escape(word)}</strong> {escape(rest)}</p>"]
    if said := notes(data):
        parts += ["<ul>", *[f"<li>{escape(note)}</li>" for note in said], "</ul>"]
    parts += [_table(table) for table in tables(data)]
    return "<div>\n" + "\n".join(parts) + "\n</div>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = [
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    ]
    body = "\n".join(rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
