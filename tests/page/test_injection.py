"""Names that mean harm: the page runs none of them, loses none of them, and its tables stay tables."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from page import axe, figures, hostile, runs, tabs
from page.viewer import Viewer

# What only markup in a name could have brought.
FOREIGN = """
    () => {
        const own = { script: 2, style: 1, 'head > title': 1, link: 1 };
        const markup = 'iframe, object, embed, form[action], base, img, [onerror]';
        const found = [...document.querySelectorAll(markup)]
            .map((one) => one.outerHTML.slice(0, 200));
        for (const [tag, most] of Object.entries(own)) {
            const all = document.querySelectorAll(tag);
            if (all.length !== most) found.push(`${all.length} × ${tag}`);
        }
        for (const one of document.querySelectorAll('meta')) {
            if (one.httpEquiv === 'refresh') found.push(one.outerHTML);
        }
        return found;
    }
"""
BROKEN = """
    () => [...document.querySelectorAll('table')].flatMap((table) => {
        const width = [...(table.tHead?.rows[0]?.cells ?? [])].reduce((sum, cell) => sum + cell.colSpan, 0);
        return [...table.rows]
            .filter((row) => width && !row.matches('.spacer'))
            .filter((row) => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0) !== width)
            .map((row) => `${table.caption?.textContent}: ${row.textContent.slice(0, 100)}`);
    })
"""
# Characters that would be invisible, or turn the text around them.
UNSEEN = """
    () => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) {
            const { nodeValue, parentElement } = walker.currentNode;
            if (parentElement.closest('script, style, pre, code')) continue;
            if (/[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]/.test(nodeValue)) {
                found.push(JSON.stringify(nodeValue.slice(0, 100)));
            }
            if (nodeValue.length > 1000) found.push(`${nodeValue.length} characters in one piece`);
        }
        return found;
    }
"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def opened(page: Page) -> None:
    """Open every part that is closed."""
    page.evaluate(
        "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
    )


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_names_execute_nothing_and_break_nothing(
    arrive: Callable[..., Viewer], struck: runs.Run, width: int
) -> None:
    viewer = arrive(offline=True, viewport={"width": width, "height": 900})
    page = viewer.see(struck.report)
    wrong: dict[str, object] = {}
    for name in tabs.names(page):
        tabs.choose(page, name)
        opened(page)
        tabs.ink(page)
        found = {
            "foreign": page.evaluate(FOREIGN),
            "broken": page.evaluate(BROKEN),
            "unseen": page.evaluate(UNSEEN),
            "barriers": axe.violations(page),
        }
        wider = page.evaluate(WIDER)
        wrong[name] = {what: all_ for what, all_ in found.items() if all_}
        if wider > 0:
            wrong[name] = {**found, "wider": f"by {wider} pixels"}
    found = {name: what for name, what in wrong.items() if what}
    assert not found, json.dumps(found, indent=1)
    assert page.evaluate("() => globalThis.struck") is None
    assert viewer.calls() == []


def test_names_of_javascript_are_names_like_others(offline: Viewer, struck: runs.Run) -> None:
    page = offline.see(struck.report)
    assert figures.differences(page, struck.summary) == []
    metrics = {cell.row for cell in figures.everywhere(page)}
    assert set(hostile.METRICS) <= metrics
