"""What axe-core finds wrong with a page for people who hear it or use a keyboard."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = (
    Path(__file__).parents[2]
    / ".make"
    / "page"
    / "axe-core"
    / "node_modules"
    / "axe-core"
    / "axe.min.js"
)
# Everything that axe checks: the WCAG and its own best practices.
ASK = """
    async () => {
        const found = await axe.run(document, { resultTypes: ['violations'] });
        return found.violations.flatMap(({ id, help, nodes }) => nodes.map(
            ({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`));
    }
"""


def violations(page: Page) -> list[str]:
    """Each rule that does not hold, with the element and what is wrong with it."""
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(_source())
    found: list[Any] = page.evaluate(ASK)
    return found


@cache
def _source() -> str:
    if not AXE.exists():
        pytest.exit(
            "tests/page needs axe-core: `make test-page` installs it from npm", returncode=4
        )
    return AXE.read_text()
