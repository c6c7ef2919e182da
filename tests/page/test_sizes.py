"""Runs that are hard to draw: with nothing, with no WebSocket at all, with 10,000 series."""

from __future__ import annotations

from pathlib import Path

from page import axe, figures, keyboard, runs, scripts, tabs
from page.viewer import Viewer

# What a person takes for "at once" is less; the machine may be busy.
OPENS_MS = 10_000


def ran(tmp_path: Path, script: str, code: int, *variables: str) -> runs.Run:
    path = tmp_path / "script.py"
    path.write_text(script)
    run = runs.run(path, tmp_path, variables=variables)
    assert run.code == code, run.err
    return run


def walk(viewer: Viewer, run: runs.Run) -> None:
    """Every tab of a run can be shown, has no barrier, and says what the export says."""
    page = viewer.see(run.report)
    for name in tabs.names(page):
        tabs.choose(page, name)
        drawn = tabs.ink(page)
        assert axe.violations(page) == []
        assert keyboard.out_of_reach(page) == []
        assert [chart for chart, ink in drawn.items() if not ink] == []
        assert (
            page.locator("text=/NaN|undefined|Infinity|\\[object/").filter(visible=True).count()
            == 0
        )
    assert figures.differences(page, run.summary) == []


def test_a_run_without_samples_has_a_page(offline: Viewer, tmp_path: Path) -> None:
    run = ran(tmp_path, scripts.NOTHING, 107)
    page = offline.see(run.report)
    for name in tabs.names(page):
        tabs.choose(page, name)
        assert axe.violations(page) == []
        assert (
            page.locator("text=/NaN|undefined|Infinity|\\[object/").filter(visible=True).count()
            == 0
        )


def test_a_run_without_websockets_has_a_page(offline: Viewer, tmp_path: Path) -> None:
    with runs.echo("--tcp") as url:
        host, port = url.removeprefix("tcp://").rsplit(":", 1)
        source = (runs.ROOT / "examples" / "tcp_echo.py").read_text()
        walk(offline, ran(tmp_path, source, 0, f"HOST={host}", f"PORT={port}"))


def test_ten_thousand_series_can_be_looked_at(offline: Viewer, tmp_path: Path) -> None:
    run = ran(tmp_path, scripts.MUCH, 0)
    offline.page.set_default_timeout(OPENS_MS)
    page = offline.see(run.report)
    assert offline.ask("() => k6ws.report.store.series.length") > 10_000
    rows = 0
    for name in tabs.names(page):
        tabs.choose(page, name)
        assert axe.violations(page) == []
        rows = max(rows, page.evaluate("() => document.querySelectorAll('tr').length"))
    # Only what is in sight is in the document.
    assert rows < 1_000
    assert figures.differences(page, run.summary) == []
