"""What has to be read is not cut off, on a screen of any width."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from page import runs, tabs
from page.viewer import Viewer

# Which of these elements reach out of their own box, of the one around them, or of the screen.
CUT = """
    ([selector, around]) => {
        const all = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
        const cut = all.filter((one) => {
            const [mine, box] = [one, one.closest(around)].map((each) => each.getBoundingClientRect());
            return one.scrollWidth > one.clientWidth + 1
                || mine.left < box.left - 1 || mine.right > box.right + 1 || mine.right > innerWidth;
        });
        return [all.length, cut.map((one) => one.textContent)];
    }
"""
WIDTHS = [360, 768, 1280]


@pytest.mark.parametrize("width", WIDTHS)
def test_thresholds_are_seen_whole(
    arrive: Callable[..., Viewer], rich: runs.Run, width: int
) -> None:
    viewer = arrive(offline=True, viewport={"width": width, "height": 900})
    page = viewer.see(rich.report)
    tabs.choose(page, "Overview")
    count, cut = viewer.ask(CUT, ["#thresholds tbody :is(th, td)", ".card"])
    assert count == 5 * len(rich.summary["thresholds"])
    assert cut == []


@pytest.mark.parametrize("width", WIDTHS)
def test_what_to_do_about_a_failure_is_seen_whole(
    arrive: Callable[..., Viewer], rich: runs.Run, width: int
) -> None:
    hints = [one["hint"] for one in rich.summary["run"]["connection_failures"]]
    assert any(hint and len(hint) > 60 for hint in hints)
    viewer = arrive(offline=True, viewport={"width": width, "height": 900})
    page = viewer.see(rich.report)
    tabs.choose(page, "Errors")
    # Below the table, where its last column would have to be scrolled to.
    place = ["#failures td.long", "section"] if width >= 1280 else [".hints li", ".panel"]
    count, cut = viewer.ask(CUT, place)
    assert count >= len(hints)
    assert cut == []
