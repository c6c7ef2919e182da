"""The brush: a window of the page has what Python's merge of the same intervals has, bucket for bucket."""

from __future__ import annotations

import math
from typing import Any

import pytest
from playwright.sync_api import Page

from page import runs, saved
from page.viewer import Viewer
from support import page_block

PERCENTILES = [0, 1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100]
# Of each metric, and of each of its series, what the page's own model has of the window that is chosen.
ASK = """
    (percentiles) => {
        const plain = (merged) => {
            if (merged === null) return null;
            const { kind, samples, sum, value, min, max, passes } = merged;
            const buckets = kind === 'trend' ? [...merged.buckets] : undefined;
            const at = kind === 'trend' ? percentiles.map((p) => merged.percentile(p)) : undefined;
            // Without what is undefined.
            return JSON.parse(JSON.stringify({ samples, sum, value, min, max, passes, buckets, at }));
        };
        const { store } = k6ws.report;
        return [
            ...store.metrics.map(({ name }) => [name, {}, plain(k6ws.merged(name))]),
            ...store.series.map(({ metric, tags }) => {
                const of = Object.fromEntries(tags);
                return [metric.name, of, plain(k6ws.merged(metric.name, of))];
            }),
        ];
    }
"""
# The cells of a row of the table of trends, in full, by their heads.
TITLES = """
    (metric) => {
        const table = document.querySelector('#table-trend table');
        const row = [...table.rows].find((one) => one.cells[0]?.innerText === metric);
        return Object.fromEntries([...row.cells].map((cell, at) =>
            [table.tHead.rows[0].cells[at].innerText.trim(), cell.title || cell.innerText]));
    }
"""


def select(page: Page, first: int, end: int) -> None:
    page.evaluate("([from, to]) => k6ws.select({ from, to })", [first, end])


def expected(
    whole: page_block.Page, metric: str, tags: dict[str, str], first: int, end: int
) -> dict[str, Any] | None:
    """What Python has of a window, in the words of the page's model."""
    found = whole.window(metric, first, end, **tags)
    if found is None:
        return None
    if "total" in found:
        return {"samples": found["total"], "passes": found["passes"]}
    if "count" not in found:
        return found
    return {
        "samples": found["count"],
        **{name: found[name] for name in ("sum", "min", "max")},
        "buckets": [
            *(
                [-(bucket + 1), many]
                for bucket, many in sorted(found["negative"].items(), reverse=True)
            ),
            *([[0, found["zeros"]]] if found["zeros"] else []),
            *([bucket + 1, many] for bucket, many in sorted(found["positive"].items())),
        ],
        "at": [page_block.percentile(found, p) for p in PERCENTILES],
    }


@pytest.mark.parametrize(
    "part", [(0, 1), (0, 0.5), (0.25, 0.75), (0.5, 0.501), (0.9, 1), (0.999, 1)]
)
def test_a_window_is_the_merge_of_its_intervals(
    offline: Viewer, rich: runs.Run, part: tuple[float, float]
) -> None:
    data = saved.data_of(rich.report.read_text())
    count = data["history"]["count"]
    whole = page_block.decoded(data)
    first, end = math.floor(part[0] * count), math.ceil(part[1] * count)
    page = offline.see(rich.report)
    select(page, first, end)
    answers = page.evaluate(ASK, PERCENTILES)
    assert len(answers) > len(whole.lines) > 50
    trends = 0
    for metric, tags, answer in answers:
        wanted = expected(whole, metric, tags, first, end)
        assert answer == wanted, (metric, tags)
        trends += wanted is not None and "buckets" in wanted
    assert trends > 0


def test_what_a_window_shows_is_what_it_has(offline: Viewer, rich: runs.Run) -> None:
    data = saved.data_of(rich.report.read_text())
    count = data["history"]["count"]
    page = offline.see(rich.report)
    # As a person does it: the handles of the brush, by keys.
    handle = page.get_by_role("slider", name="Window from")
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    begin = int(handle.input_value())
    assert begin > 0
    found = page_block.decoded(data).window("ws_req_duration", begin, count)
    assert found is not None
    page.get_by_role("tab", name="Tables").click()
    titles = page.evaluate(TITLES, "ws_req_duration")
    assert float(titles["p(95)"].split()[0]) == page_block.percentile(found, 95)
    assert float(titles["max"].split()[0]) == found["max"]
    assert int(titles["Count"] or 0) == found["count"]
    # Back to the whole run, whose figures are those of the summary.
    page.get_by_role("button", name="Whole run").click()
    assert page.evaluate("() => k6ws.isWhole")
