"""A second report beside the first: dropped on the page or chosen; of any run; or no report at all."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page

from page import axe, hostile, keyboard, runs, saved, tabs
from page.viewer import Viewer

# A file that somebody lets go of above the page.
DROPS = """
    async ([name, data]) => {
        const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], name));
        for (const type of ['dragover', 'drop']) {
            document.body.dispatchEvent(
                new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }
    }
"""


def drop(page: Page, path: Path) -> None:
    page.evaluate(DROPS, [path.name, base64.b64encode(path.read_bytes()).decode()])


def said(page: Page) -> str:
    """What the page says of the other file, once it has read it."""
    notice = page.locator("#compare-said")
    notice.filter(has_not_text="Reading").filter(has_text=".").wait_for()
    return notice.inner_text()


def test_a_report_that_is_dropped_is_laid_beside(
    offline: Viewer, demo: runs.Run, struck: runs.Run
) -> None:
    page = offline.see(demo.report)
    # Its names mean harm as well.
    drop(page, struck.report)
    assert "Compared with report.html" in said(page)
    for name in tabs.names(page):
        tabs.choose(page, name)
        assert axe.violations(page) == []
        assert keyboard.out_of_reach(page) == []
        assert page.locator("text=/NaN|undefined|\\[object/").filter(visible=True).count() == 0
    assert page.evaluate("() => globalThis.struck") is None
    page.get_by_role("button", name="End comparison").click()
    assert said_nothing(page)
    assert offline.calls() == []


def said_nothing(page: Page) -> bool:
    return page.locator("#compare-said").inner_text() == ""


def test_a_report_beside_itself_differs_in_nothing(offline: Viewer, demo: runs.Run) -> None:
    page = offline.see(demo.report)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Compare with").press("Enter")
    chooser.value.set_files(demo.report)
    assert "Compared with" in said(page)
    page.get_by_role("tab", name="Overview").click()
    differences = page.evaluate(
        "() => [...document.querySelectorAll('td.difference')].map((cell) => cell.textContent)"
    )
    assert differences
    assert [one for one in differences if any(digit in one for digit in "123456789")] == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no data of a run"),
        ("not a report", "no data of a run"),
        (hostile.TEXTS[1], "no data of a run"),
        ('{"format": 0, "tool": "k6ws 0.0.1"}', "older"),
        ('{"format": 99, "tool": "k6ws 42"}', "newer"),
        ('{"format": 1, "tool": ', "cut"),
        ("\x00\xff\ufffe" * 1000, "no data of a run"),
    ],
)
def test_a_file_that_is_none_is_said_and_changes_nothing(
    offline: Viewer, demo: runs.Run, tmp_path: Path, text: str, why: str
) -> None:
    page = offline.see(demo.report)
    before = page.locator("main").inner_text()
    drop(page, saved.file(tmp_path, text, "<img src=x onerror=alert(1)>.html"))
    answer = said(page)
    assert why in answer
    assert answer.startswith("<img src=x onerror=alert(1)>.html: ")
    assert page.locator("main").inner_text() == before
