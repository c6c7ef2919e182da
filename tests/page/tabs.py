"""The tabs of the page, chosen as people choose them, and the charts in them."""

from __future__ import annotations

from playwright.sync_api import Page

# Of each chart that is shown: how many pixels of its canvases are not clear, and what it is called.
INK = """
    () => {
        const coloured = (canvas) => {
            if (!canvas.width || !canvas.height) return 0;
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const colours = new Set();
            let ink = 0;
            for (let at = 0; at < data.length; at += 4) {
                if (data[at + 3] === 0) continue;
                ink += 1;
                colours.add(data.subarray(at, at + 3).join());
            }
            return colours.size > 1 ? ink : 0;
        };
        const name = (chart) => chart.getAttribute('aria-label')
            ?? document.getElementById(chart.getAttribute('aria-labelledby'))?.textContent
            ?? chart.querySelector('h2, h3, figcaption')?.textContent ?? '';
        return [...document.querySelectorAll('[role=figure]')]
            .filter((chart) => chart.checkVisibility())
            .map((chart) => [name(chart), [...chart.querySelectorAll('canvas')].map(coloured)])
            .map(([name, inks]) => [name, inks.reduce((sum, ink) => sum + ink, 0)]);
    }
"""


def names(page: Page) -> list[str]:
    """The tabs, from left to right."""
    return [tab.text_content() or "" for tab in page.get_by_role("tab").all()]


def choose(page: Page, name: str) -> None:
    """Show one tab."""
    page.get_by_role("tab", name=name, exact=True).click()
    page.get_by_role("tab", name=name, exact=True, selected=True).wait_for()


def ink(page: Page) -> dict[str, int]:
    """How much is drawn in each chart that is shown; 0 for a chart of one colour."""
    # A chart draws in the frame after it came into view.
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    drawn: list[tuple[str, int]] = page.evaluate(INK)
    return dict(drawn)
