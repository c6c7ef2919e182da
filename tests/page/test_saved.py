"""A saved page, opened from its file without a network."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from page import axe, keyboard, runs, tabs
from page.viewer import Viewer


def test_it_asks_nobody_for_anything(offline: Viewer, demo: runs.Run) -> None:
    page = offline.see(demo.report)
    for name in tabs.names(page):
        tabs.choose(page, name)
    assert offline.calls() == []
    assert [url for url in offline.requests if url.startswith("file:")] == [page.url]


def test_every_chart_of_a_run_of_two_seconds_is_drawn(offline: Viewer, demo: runs.Run) -> None:
    page = offline.see(demo.report)
    drawn: dict[str, int] = {}
    for name in tabs.names(page):
        tabs.choose(page, name)
        drawn |= tabs.ink(page)
    assert len(drawn) >= 5
    assert [chart for chart, ink in drawn.items() if not ink] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_on_any_tab(
    arrive: Callable[..., Viewer], demo: runs.Run, scheme: str, width: int
) -> None:
    viewer = arrive(
        offline=True,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
    )
    page = viewer.see(demo.report)
    found: list[str] = []
    for name in tabs.names(page):
        tabs.choose(page, name)
        found += [f"{name}: {one}" for one in axe.violations(page)]
    assert not found, "\n".join(found)


def test_keys_alone_reach_every_tab_and_all_that_it_shows(offline: Viewer, demo: runs.Run) -> None:
    page = offline.see(demo.report)
    names = tabs.names(page)
    stops = keyboard.stops(page)
    assert stops, "Tab finds nothing"
    first = page.get_by_role("tab", selected=True)
    first.focus()
    for name in names:
        selected = page.get_by_role("tab", selected=True)
        assert selected.text_content() == name
        assert keyboard.out_of_reach(page) == []
        # Tab leads through all of it and out again.
        assert keyboard.stops(page)
        selected.focus()
        page.keyboard.press("ArrowRight")
    # Round and round.
    assert page.get_by_role("tab", selected=True).text_content() == names[0]
    page.keyboard.press("End")
    assert page.get_by_role("tab", selected=True).text_content() == names[-1]


def test_each_chart_speaks_when_its_cursor_moves(offline: Viewer, demo: runs.Run) -> None:
    page = offline.see(demo.report)
    silent: list[str] = []
    for name in tabs.names(page):
        tabs.choose(page, name)
        silent += keyboard.silent_charts(page)
    assert not silent, silent
