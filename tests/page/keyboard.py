"""Walks a page by its keys alone, and says what they do not reach."""

from __future__ import annotations

from playwright.sync_api import Error, Page

# More stops than any tab of the page has; who presses Tab that often is caught in it.
MOST_STOPS = 400
WHERE = """
    () => {
        const here = document.activeElement;
        if (!here || here === document.body || here === document.documentElement) return null;
        const name = here.getAttribute('aria-label') || here.id || here.textContent.trim().slice(0, 40);
        globalThis.stops ??= new Map();
        if (!globalThis.stops.has(here)) globalThis.stops.set(here, globalThis.stops.size);
        return `${globalThis.stops.get(here)} ${here.tagName.toLowerCase()} ${name}`;
    }
"""
# Where Tab goes on from when nothing has the focus: the top.
FROM_THE_TOP = """
    () => {
        document.body.tabIndex = -1;
        document.body.focus();
        document.body.removeAttribute('tabindex');
    }
"""
# Text that is cut off by a box which scrolls, where no key scrolls that box.
OUT_OF_REACH = """
    () => {
        const lost = new Set();
        const scrolls = (box) => {
            const { overflowX, overflowY } = getComputedStyle(box);
            return (/auto|scroll/.test(overflowX) && box.scrollWidth > box.clientWidth + 1)
                || (/auto|scroll/.test(overflowY) && box.scrollHeight > box.clientHeight + 1);
        };
        const stops = (box) => box.tabIndex >= 0
            || [...box.querySelectorAll('*')].some((inner) => inner.tabIndex >= 0 && inner.checkVisibility());
        for (const box of document.querySelectorAll('body *')) {
            if (box.checkVisibility() && scrolls(box) && !stops(box)) {
                lost.add(`${box.tagName.toLowerCase()}#${box.id}.${box.className} scrolls, but has no stop`);
            }
        }
        for (const canvas of document.querySelectorAll('canvas')) {
            if (!canvas.checkVisibility() || canvas.closest('[aria-hidden=true]')) continue;
            const chart = canvas.closest('[role=figure], figure, [role=img], [role=application]');
            if (!chart || !(chart.tabIndex >= 0 || chart.querySelector('[tabindex="0"]'))) {
                lost.add(`a canvas in ${canvas.parentElement.className} is in no chart that has a stop`);
            }
        }
        return [...lost];
    }
"""
# What live regions say from now on.
FORGETS = """
    () => {
        globalThis.spoken = '';
        globalThis.hears ??= new MutationObserver((changes) => {
            for (const { target } of changes) {
                const here = target instanceof Element ? target : target.parentElement;
                globalThis.spoken += here?.closest('[aria-live]')?.textContent ?? '';
            }
        });
        globalThis.hears.observe(document.body, { childList: true, characterData: true, subtree: true });
    }
"""
SPOKE = "() => /\\d/.test(globalThis.spoken)"
PATIENCE_MS = 3_000


def stops(page: Page) -> list[str]:
    """Where Tab leads from the top of the page to its end, in order.

    Raises:
        AssertionError: It never comes to an end.
    """
    page.evaluate(FROM_THE_TOP)
    seen: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here: str | None = page.evaluate(WHERE)
        if here is None or here in seen:
            return seen
        seen.append(here)
    raise AssertionError(f"Tab leads nowhere: {seen[-5:]}")


def out_of_reach(page: Page) -> list[str]:
    """What is shown now and no key brings into view."""
    found: list[str] = page.evaluate(OUT_OF_REACH)
    return found


def silent_charts(page: Page) -> list[str]:
    """Charts shown now that say no number when an arrow moves in them."""
    silent: list[str] = []
    for chart in page.get_by_role("figure").filter(has=page.locator("canvas"), visible=True).all():
        stop = (
            chart
            if chart.get_attribute("tabindex") == "0"
            else chart.locator("[tabindex='0']").first
        )
        stop.focus()
        page.evaluate(FORGETS)
        page.keyboard.press("ArrowRight")
        try:
            page.wait_for_function(SPOKE, timeout=PATIENCE_MS)
        except Error:
            silent.append(chart.get_attribute("aria-label") or chart.inner_text()[:60])
    return silent
