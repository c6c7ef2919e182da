"""Files that are no good: a page says what is wrong with them, and draws nothing by halves."""

from __future__ import annotations

from pathlib import Path

import pytest

from page import runs, saved, tabs
from page.viewer import Viewer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": 1, "tool": "k6', "cut"),
        ("null", "no data of a run"),
        ("[]", "no data of a run"),
        ('{"format": 0, "tool": "k6ws 0.1.0"}', "older"),
        ('{"format": 99, "tool": "k6ws 42.0.0"}', "newer"),
        ('{"format": 2}', "cannot be read"),
    ],
)
def test_data_that_cannot_be_read_is_said(
    offline: Viewer, tmp_path: Path, text: str, said: str
) -> None:
    page = offline.see(saved.file(tmp_path, saved.with_data(saved.built(), text)))
    alert = page.get_by_role("alert")
    assert said in (alert.text_content() or "")
    assert tabs.names(page) == []


def test_a_file_that_was_cut_says_so_wherever_the_cut_is(
    offline: Viewer, demo: runs.Run, tmp_path: Path
) -> None:
    whole = demo.report.read_text()
    # Behind the script: a cut in front of it leaves nothing that could speak.
    start = whole.index('id="data"')
    for part in range(1, 10):
        cut = whole[: start + (len(whole) - start) * part // 10]
        page = offline.see(saved.file(tmp_path, cut, f"{part}.html"))
        assert "cut" in (page.get_by_role("alert").text_content() or "")
        assert tabs.names(page) == []
