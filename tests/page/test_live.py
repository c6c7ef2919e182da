"""The live page: during the script that `make demo` runs, with viewers that come, stall and go."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

from page import axe, figures, runs, scripts, tabs
from page.conftest import DEMO
from page.live import live
from page.viewer import Viewer


def stalled(url: str) -> socket.socket:
    """A viewer that asks for the events and reads nothing."""
    where = urlsplit(url)
    viewer = socket.create_connection((where.hostname or "", where.port or 0))
    viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host = f"{where.hostname}:{where.port}"
    viewer.sendall(f"GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return viewer


def ends(page: Page) -> None:
    """Wait until the page has the last word of its run."""
    page.wait_for_function("() => k6ws.report.state === 'ended'")
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def running(tmp_path: Path) -> Path:
    script = tmp_path / "script.py"
    script.write_text(scripts.LONG)
    return script


def test_the_page_of_the_demo_ends_with_the_numbers_of_the_export(
    arrive: Callable[..., Viewer], tmp_path: Path
) -> None:
    viewer = arrive()
    with runs.echo() as url, live(DEMO, tmp_path, variables=[f"URL={url}"]) as run:
        page = viewer.see(run.url)
        ends(page)
        ran = run.ended()
    assert ran.code == 0
    assert figures.differences(page, ran.summary) == []
    drawn: dict[str, int] = {}
    for name in tabs.names(page):
        tabs.choose(page, name)
        drawn |= tabs.ink(page)
        assert axe.violations(page) == []
    assert [chart for chart, ink in drawn.items() if not ink] == []
    # The page, its events, and nobody else.
    assert {urlsplit(call).netloc for call in viewer.calls()} == {urlsplit(run.url).netloc}


def test_two_tabs_see_the_same_and_a_third_one_may_go(
    arrive: Callable[..., Viewer], tmp_path: Path
) -> None:
    first, second, leaves = arrive(), arrive(), arrive()
    script = running(tmp_path)
    with runs.echo() as url, live(script, tmp_path, variables=[f"URL={url}"]) as run:
        for viewer in (first, second, leaves):
            viewer.see(run.url)
            figures.moves(viewer.page)
        leaves.page.close()
        figures.moves(first.page)
        run.interrupt()
        for viewer in (first, second):
            ends(viewer.page)
        ran = run.ended()
    assert ran.code == 105
    assert figures.shown(first.page) == figures.shown(second.page)
    assert figures.differences(first.page, ran.summary) == []


def test_a_viewer_that_stops_reading_holds_up_nobody(
    arrive: Callable[..., Viewer], tmp_path: Path
) -> None:
    viewer = arrive()
    script = running(tmp_path)
    with (
        runs.echo() as url,
        live(script, tmp_path, variables=[f"URL={url}"]) as run,
        stalled(run.url),
    ):
        viewer.see(run.url)
        figures.moves(viewer.page)
        figures.moves(viewer.page)
        run.interrupt()
        ends(viewer.page)
        ran = run.ended()
    assert ran.code == 105
    assert figures.differences(viewer.page, ran.summary) == []


def test_a_server_that_is_gone_is_said_on_the_page(
    arrive: Callable[..., Viewer], tmp_path: Path
) -> None:
    viewer = arrive()
    viewer.expected = ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING"]
    script = running(tmp_path)
    with runs.echo() as url, live(script, tmp_path, variables=[f"URL={url}"]) as run:
        page = viewer.see(run.url)
        figures.moves(page)
        before = figures.shown(page)
        run.kill()
        page.get_by_text(re.compile("connection|lost|gone|reach", re.IGNORECASE)).first.wait_for()
        # What was seen stays.
        assert figures.shown(page).keys() >= before.keys()


def test_a_reload_at_the_end_shows_the_same(arrive: Callable[..., Viewer], tmp_path: Path) -> None:
    viewer = arrive()
    with (
        runs.echo() as url,
        live(DEMO, tmp_path, "--linger", variables=[f"URL={url}"]) as run,
    ):
        page = viewer.see(run.url)
        ends(page)
        before = figures.shown(page)
        page.reload()
        ends(page)
        assert figures.shown(page) == before
        run.interrupt()
        ran = run.ended()
    assert figures.differences(page, ran.summary) == []
