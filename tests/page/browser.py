"""Finds Debian's Chromium and starts it, so that it asks nobody outside for anything."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, sync_playwright

# No sandbox: these tests run as root, on pages of our own. The rest keeps it from calling home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Figures of memory, to the byte.
    "--enable-precise-memory-info",
]


def chromium() -> str:
    """The path of Chromium; the whole run ends where there is none, since nothing can be said without."""
    for name in ("chromium", "chromium-browser"):
        path = shutil.which(name)
        if path is not None:
            return path
    pytest.exit(
        "tests/page needs Chromium: package chromium (`make test-page` installs it for root)",
        returncode=4,
    )


@contextlib.contextmanager
def started() -> Generator[Browser, None, None]:
    """A browser without a window, with a profile of its own that goes when it ends."""
    path = chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
