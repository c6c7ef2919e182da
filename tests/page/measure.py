"""`make bench-page`: how soon the page of a long run opens, and how fast its brush is.

Times are those of the thread that runs the page, which say the same on a busy machine; beside them is
what passed.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from page import tabs
from page.browser import started
from page.viewer import Viewer, arrive

OPENS_MS = 1_000
BRUSH_MS = 50
TIMES_OPENED = 5
WINDOWS = 15
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
# Chooses a window and waits until all that is in sight has its numbers and is painted.
BRUSHED = """
    async ([from, to]) => {
        const { count } = k6ws.report.store;
        k6ws.select({ from: Math.floor(from * count), to: Math.ceil(to * count) });
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }
"""


@dataclass
class Clock:
    """What a tab takes: of its thread, and as time passes; in milliseconds since it was last asked."""

    session: Any
    worked: float = 0.0
    passed: float = 0.0

    def lap(self) -> tuple[float, float]:
        """Milliseconds since the lap before."""
        told = self.session.send("Performance.getMetrics")["metrics"]
        worked = next(one["value"] for one in told if one["name"] == "TaskDuration") * 1e3
        passed = time.monotonic() * 1e3
        lap = worked - self.worked, passed - self.passed
        self.worked, self.passed = worked, passed
        return lap


def clock(viewer: Viewer) -> Clock:
    """A clock for one tab."""
    session: Any = viewer.context.new_cdp_session(viewer.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    running = Clock(session)
    running.lap()
    return running


def main() -> int:
    """Print what was measured of each page, with its bar; 1 where one is missed."""
    with started() as browser:
        missed = [_measured(browser, Path(path)) for path in sys.argv[1:]]
    return int(True in missed)


def _measured(browser: Browser, path: Path) -> bool:
    """Whether a bar is missed."""
    rows = {
        "opens": (
            [_opened(arrive(browser, offline=True), path) for _ in range(TIMES_OPENED)],
            OPENS_MS,
        )
    }
    viewer = arrive(browser, offline=True)
    page = viewer.see(path)
    for name in tabs.names(page):
        tabs.choose(page, name)
        tabs.ink(page)
        rows[f"brush, {name}"] = (_brushed(viewer), BRUSH_MS)
    viewer.context.close()
    is_missed = False
    print(f"{path.name:<32} {'thread':>10} {'passed':>10} {'bar':>8}   (medians, ms)")
    for what, (laps, bar) in rows.items():
        worked, passed = (statistics.median(one) for one in zip(*laps, strict=True))
        is_missed |= worked > bar
        mark = "  missed" if worked > bar else ""
        print(f"{what:<32} {worked:10.1f} {passed:10.1f} {bar:8}{mark}")
    return is_missed


def _opened(viewer: Viewer, path: Path) -> tuple[float, float]:
    running = clock(viewer)
    viewer.see(path)
    viewer.ask(PAINTED)
    lap = running.lap()
    viewer.context.close()
    return lap


def _brushed(viewer: Viewer) -> list[tuple[float, float]]:
    running = clock(viewer)
    laps: list[tuple[float, float]] = []
    for number in range(WINDOWS):
        # Windows of many lengths, none of them twice.
        viewer.ask(BRUSHED, [0.01 * number, 1 - 0.02 * number])
        laps.append(running.lap())
    return laps


if __name__ == "__main__":
    sys.exit(main())
