"""The numbers of the page as they stand in its tables: by row and column, in sight and in full."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from page import tabs

# What columns are called that the export calls otherwise.
FIGURES = {
    "Count": "count",
    "Sum": "count",
    "Per second": "rate",
    "Share": "rate",
    "True": "passes",
    "False": "fails",
    "Last": "value",
}
# Each cell that has text: table, row, column, what is seen, what it has in full. Scrolls to rows that are not
# in the document.
CELLS = """
    async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const found = new Map();
        const take = (table, number) => {
            const id = table.getAttribute('aria-labelledby');
            const said = table.caption?.textContent ?? document.getElementById(id)?.textContent ?? table.id;
            const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.innerText.trim());
            for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
                if (!row.cells.length) continue;
                const place = row.getAttribute('aria-rowindex') ?? row.rowIndex;
                const name = row.querySelector('th') ?? row.cells[0];
                const called = name.title || name.querySelector('[title]')?.title || name.innerText.trim();
                [...row.cells].forEach((cell, at) => {
                    const text = cell.innerText.trim();
                    const full = cell.title || cell.querySelector('[title]')?.title || text;
                    if (cell === name || !full) return;
                    found.set([number, place, at].join(), [said, called, heads[at] ?? '', text, full]);
                });
            }
        };
        for (const [number, table] of [...document.querySelectorAll('table')].entries()) {
            if (!table.checkVisibility()) continue;
            const box = table.parentElement;
            for (let top = 0; ; top += Math.max(box.clientHeight / 2, 100)) {
                if (box.scrollHeight > box.clientHeight) { box.scrollTop = top; await frame(); }
                take(table, number);
                if (top + box.clientHeight >= box.scrollHeight) break;
            }
        }
        return [...found.values()];
    }
"""


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    table: str
    row: str
    column: str
    text: str
    full: str

    @property
    def value(self) -> float | None:
        """The number in full; None where the cell has none."""
        found = re.match(r"-?[\d,]*\.?\d+(e[+-]?\d+)?", self.full)
        return float(found[0].replace(",", "")) if found else None


def cells(page: Page) -> list[Cell]:
    """The cells of the tables of the tab that is shown."""
    return [Cell(*one) for one in page.evaluate(CELLS)]


def everywhere(page: Page) -> Iterator[Cell]:
    """The cells of all tabs."""
    for name in tabs.names(page):
        tabs.choose(page, name)
        yield from cells(page)


def shown(page: Page) -> dict[tuple[str, str, str], str]:
    """All cells of all tabs, by where they are."""
    return {(one.table, one.row, one.column): one.text for one in everywhere(page)}


def differences(page: Page, summary: Mapping[str, Any]) -> list[str]:
    """Where the table of a metric has another figure than `--summary-export`, or has it nowhere."""
    metrics: Mapping[str, Any] = summary["metrics"]
    missing = {
        (name, figure)
        for name, metric in metrics.items()
        for figure, value in metric["values"].items()
        if "{" not in name and isinstance(value, int | float)
    }
    wrong: list[str] = []
    # A request may be called like a metric.
    kinds = {"Trends", "Counters", "Rates", "Gauges"}
    for cell in everywhere(page):
        figure = FIGURES.get(cell.column, cell.column)
        expected = metrics.get(cell.row, {}).get("values", {}).get(figure)
        if cell.table not in kinds or not isinstance(expected, int | float):
            continue
        missing.discard((cell.row, figure))
        if cell.value != expected:
            wrong.append(f"{cell}: {expected} in the export")
    return wrong + [f"{name} has no {figure}" for name, figure in sorted(missing)]


def moves(page: Page) -> None:
    """Wait until the page shows something else than now."""
    before = page.inner_text("body")
    page.wait_for_function("(before) => document.body.innerText !== before", arg=before)
