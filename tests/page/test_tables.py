"""Tables of 10,000 rows, walked by keys, and a second report beside the first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from page import made, saved, tabs
from page.viewer import Viewer

MANY = 10_000
TABLE = "#requests-by-name"


def _file(folder: Path, counts: list[int], name: str = "report.html", **given: Any) -> Path:
    text = saved.with_data(saved.built(), made.page_data(counts, **given))
    return saved.file(folder, text, name)


def _column(page: Page, title: str) -> list[str]:
    """What stands in a column, of the rows in the document."""
    # What changed is shown in the frame after it.
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    heads = [head.inner_text() for head in page.locator(f"{TABLE} thead th").all()]
    place = next(at for at, head in enumerate(heads) if " ".join(head.split()) == title)
    return page.locator(
        f"{TABLE} tbody tr:not(.spacer) > :nth-child({place + 1})"
    ).all_inner_texts()


def _active(page: Page) -> Locator:
    return page.locator(f"{TABLE} :is(td, th, button):focus")


@pytest.fixture
def many(offline: Viewer, tmp_path: Path) -> Page:
    """The requests of a run that made 10,000 kinds of them: `call N` N + 1 times."""
    page = offline.see(_file(tmp_path, list(range(1, MANY + 1))))
    tabs.choose(page, "Requests")
    return page


def test_a_long_table_has_few_elements_and_says_how_many_rows_it_has(many: Page) -> None:
    table = many.locator(f"{TABLE} table")
    expect(table).to_have_attribute("aria-rowcount", str(MANY + 1))
    assert len(_column(many, "Name")) < 100
    many.locator(f"{TABLE} .table-scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    last = many.locator(f"{TABLE} tr[aria-rowindex='{MANY + 1}']")
    expect(last).to_be_visible()
    expect(last.locator("th")).to_have_text(f"call {MANY - 1}")


def test_keys_lead_to_each_cell_also_when_it_was_scrolled_away(many: Page) -> None:
    many.locator(f"{TABLE} thead button").first.focus()
    many.keyboard.press("ArrowDown")
    expect(_active(many)).to_have_text("call 0")
    many.keyboard.press("Control+End")
    row = many.locator(f"{TABLE} tr:has(:focus)")
    expect(row).to_have_attribute("aria-rowindex", str(MANY + 1))
    scroller = many.locator(f"{TABLE} .table-scroll")
    scroller.evaluate("box => box.scrollTo(0, 0)")
    expect(scroller).to_be_focused()
    many.keyboard.press("ArrowUp")
    expect(row).to_have_attribute("aria-rowindex", str(MANY))
    many.keyboard.press("Control+Home")
    many.keyboard.press("ArrowUp")
    expect(_active(many)).to_have_text("Name")


def test_heads_sort_and_the_search_leaves_what_it_finds(many: Page) -> None:
    made_head = many.locator(f"{TABLE} thead th").filter(has_text="Made")
    made_head.get_by_role("button").click()
    expect(made_head).to_have_attribute("aria-sort", "descending")
    assert _column(many, "Name")[0] == f"call {MANY - 1}"
    assert _column(many, "Made ▼")[0] == f"{MANY:,}"
    made_head.get_by_role("button").press("Enter")
    expect(made_head).to_have_attribute("aria-sort", "ascending")
    assert _column(many, "Name")[0] == "call 0"
    many.locator(f"{TABLE}-search").fill("CALL 99 9")
    expect(many.locator(f"{TABLE} .count")).to_contain_text(f"of {MANY:,} rows")
    names = _column(many, "Name")
    assert names
    assert all("99" in name and name.count("9") >= 2 for name in names)
    many.locator(f"{TABLE}-search").fill("nobody")
    assert _column(many, "Name") == []


def test_paper_has_the_first_rows_and_says_so(many: Page) -> None:
    many.emulate_media(media="print")
    many.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(_column(many, "Name")) == 50
    expect(many.locator(f"{TABLE} .only-print")).to_have_text(
        f"Printed are the first 50 of {MANY:,} rows."
    )
    many.evaluate("dispatchEvent(new Event('afterprint'))")
    many.emulate_media(media="screen")
    expect(many.locator(f"{TABLE} .only-print")).to_be_hidden()


def test_a_second_report_stands_beside_the_first_row_by_row(
    offline: Viewer, tmp_path: Path
) -> None:
    page = offline.see(_file(tmp_path, [30, 20, 10]))
    tabs.choose(page, "Requests")
    other = _file(tmp_path, [20, 20, 0, 5], "other.html", interval_ms=100, script="other.py")
    # Its own script is data here: it must not run.
    other.write_text(other.read_text().replace("<head>", "<head><script>top.struck = 1</script>"))
    page.locator("#compare-file").set_input_files(other)
    expect(page.locator("#compare-said")).to_contain_text("other.py")
    assert _column(page, "Name") == ["call 0", "call 1", "call 2", "call 3"]
    assert _column(page, "Made") == ["30", "20", "10", "–"]
    assert _column(page, "Made, other") == ["20", "20", "–", "5"]
    assert _column(page, "Made, difference") == ["+10 (+50.0%)", "=", "–", "–"]
    assert offline.ask("() => globalThis.struck ?? null") is None
    page.locator("#compare-end").click()
    expect(page.locator(f"{TABLE} thead")).not_to_contain_text("other")
    expect(page.locator("#compare-said")).to_be_empty()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!doctype html><p>hello", "no data of a run"),
        ("", "no data of a run"),
        (json.dumps({"format": 99, "tool": "k6ws 42.0.0"}), "newer"),
        (made.page_data([1])[:-40], "cut"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_and_what_was_there_stays(
    offline: Viewer, tmp_path: Path, text: str, said: str
) -> None:
    page = offline.see(_file(tmp_path, [3]))
    page.locator("#compare-file").set_input_files(_file(tmp_path, [1], "good.html"))
    expect(page.locator("#compare-said")).to_contain_text("Compared with good.html")
    wrong = tmp_path / "wrong.html"
    wrong.write_text(text)
    page.locator("#compare-file").set_input_files(wrong)
    expect(page.locator("#compare-said")).to_contain_text(said)
    expect(page.locator("#compare-said")).to_contain_text("Compared with good.html")


def test_a_window_is_compared_with_the_same_stretch_of_the_other(
    offline: Viewer, tmp_path: Path
) -> None:
    page = offline.see(_file(tmp_path, [7] * 10))
    tabs.choose(page, "Requests")
    other = _file(tmp_path, [2] * 10, "other.html", interval_ms=500)
    page.locator("#compare-file").set_input_files(other)
    expect(page.locator("#compare-said")).to_contain_text("each as a whole")
    # Seconds 1 and 2 are intervals 2 to 5 of the other.
    offline.ask("() => globalThis.k6ws.select({ from: 1, to: 3 })")
    expect(page.locator("#compare-said")).to_contain_text("1s to 3s of each")
    figures = dict(zip(_column(page, "Name"), _column(page, "Made, other"), strict=True))
    assert {name for name, count in figures.items() if count == "2"} == {
        f"call {number}" for number in range(2, 6)
    }
    offline.ask("() => globalThis.k6ws.select({ from: 6, to: 9 })")
    expect(page.locator("#compare-said")).to_contain_text("over before this window")
    assert "2" not in _column(page, "Made, other")
