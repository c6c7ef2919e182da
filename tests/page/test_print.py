"""The page on paper: every tab, one behind the other."""

from __future__ import annotations

from page import runs, tabs
from page.viewer import Viewer


def test_every_tab_is_printed(offline: Viewer, demo: runs.Run) -> None:
    page = offline.see(demo.report)
    names = tabs.names(page)
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    panels = page.locator("[role=tabpanel]").filter(visible=True)
    assert panels.count() == len(names)
    drawn = tabs.ink(page)
    assert [chart for chart, ink in drawn.items() if not ink] == []
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator("[role=tabpanel]").filter(visible=True).count() == 1
    assert page.pdf().startswith(b"%PDF")
