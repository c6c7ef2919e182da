"""What the terminal shows, to the letter and as pictures: in four widths, with and without colours.

To accept a deliberate change, run with `K6WS_UPDATE_GOLDEN=1` and read the difference; it renews the
picture of the README as well.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from k6ws._ui import render_progress, render_summary, render_verdict
from support.golden import agrees
from support.pictures import picture
from support.shown_runs import CASES, LIVE, README_RUN

GOLDEN = Path(__file__).parent / "golden"
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDTHS = [60, 80, 120, 200]
COLORS = pytest.mark.parametrize("color", [False, True], ids=["plain", "color"])


def end(data: dict[str, Any], width: int, *, color: bool) -> str:
    """What a run prints when it is over."""
    verdict = render_verdict(data, color=color, report="report.html")
    return f"{render_summary(data, width=width, color=color)}\n{verdict}\n"


def live(width: int, *, color: bool) -> str:
    """The block that is drawn while a run lasts."""
    return "\n".join(render_progress(LIVE, width=width, color=color)) + "\n"


@COLORS
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_the_end_of_a_run_looks_as_agreed(case: str, width: int, color: bool) -> None:
    text = end(CASES[case], width, color=color)
    name = f"summary_{case}_{width}_{'color' if color else 'plain'}"
    assert agrees(GOLDEN / f"{name}.txt", text)


@COLORS
@pytest.mark.parametrize("width", WIDTHS)
def test_progress_looks_as_agreed(width: int, color: bool) -> None:
    text = live(width, color=color)
    assert agrees(GOLDEN / f"progress_{width}_{'color' if color else 'plain'}.txt", text)


@COLORS
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_look_as_agreed(width: int, color: bool) -> None:
    kind = "color" if color else "plain"
    for name, text in (
        ("progress", live(width, color=color)),
        ("summary_troubled", end(CASES["troubled"], width, color=color)),
    ):
        assert agrees(GOLDEN / f"{name}_{width}_{kind}.svg", picture(text, width=width))


def test_the_picture_of_the_readme_is_what_the_code_draws() -> None:
    width = 90
    block = "\n".join(render_progress(README_RUN["progress"], width=width, color=True))
    text = f"{block}\n\n{render_verdict(README_RUN['data'], color=True)}"
    assert agrees(PICTURES / "terminal.svg", picture(text, width=width))


@pytest.mark.parametrize("width", [20, *WIDTHS])
@pytest.mark.parametrize("case", CASES)
def test_colour_changes_nothing_but_colour(case: str, width: int) -> None:
    coloured, plain = (end(CASES[case], width, color=color) for color in (True, False))
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d+m", "", live(width, color=True)) == live(width, color=False)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("case", CASES)
def test_lines_stay_within_the_width(case: str, width: int) -> None:
    summary = render_summary(CASES[case], width=width, color=False)
    block = live(width, color=False)
    assert [
        line for text in (summary, block) for line in text.splitlines() if len(line) > width
    ] == []


def test_a_picture_asks_nobody_for_a_font_and_runs_nothing() -> None:
    drawn = picture("a <script>alert(1)</script> & b", width=60)
    assert "<script" not in drawn
    assert re.findall(r"https?://[^\"\s]+", drawn) == ["http://www.w3.org/2000/svg"]
