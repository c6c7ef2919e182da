"""Somebody who looks at a page, and hears everything that a page should not do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
)

PATIENCE_MS = 20_000
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
# Reports of the content security policy come as events; the console may be late with them.
LISTENS = """
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
        globalThis.violations.push(`${event.violatedDirective}: ${event.blockedURI || event.sample}`);
    });
"""


@dataclass
class Viewer:
    """One tab, and what it did."""

    page: Page
    context: BrowserContext
    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])
    # Texts of complaints that a test brings about itself.
    expected: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        page = self.page
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(LISTENS)
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", self._failed)
        page.on("dialog", self._interrupted)
        page.on("popup", self._opened)

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console, {message.type}: {message.text}")

    def _failed(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error}")

    def _interrupted(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _opened(self, popup: Page) -> None:
        self.complaints.append(f"window: {popup.url}")

    def see(self, where: str | Path) -> Page:
        """Open a file or an address, and wait until the page has shown what it knows.

        Raises:
            AssertionError: It shows nothing.
        """
        self.page.goto(where.resolve().as_uri() if isinstance(where, Path) else where)
        try:
            self.page.wait_for_selector("[role=tab], [role=alert]")
        except Error:
            raise AssertionError(f"the page shows nothing: {self.unexpected()}") from None
        return self.page

    def ask(self, expression: str, given: Any = None) -> Any:
        """What JavaScript says in the page."""
        return self.page.evaluate(expression, given)

    def unexpected(self) -> list[str]:
        """What the page did that it should not have: errors, reports of its policy, dialogs, windows."""
        violations = [f"policy: {one}" for one in self.ask("() => globalThis.violations ?? []")]
        return [
            one
            for one in (*self.complaints, *violations)
            if not any(text in one for text in self.expected)
        ]

    def calls(self) -> list[str]:
        """What it asked the network for, itself and pictures inside it left out."""
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]


def arrive(browser: Browser, **settings: Any) -> Viewer:
    """A viewer with a profile of its own; `settings` are those of a context of Playwright."""
    context = browser.new_context(**{**DESK, **settings})
    return Viewer(context.new_page(), context)
