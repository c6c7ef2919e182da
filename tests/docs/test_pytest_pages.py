"""The pages on pytest: each file of tests runs as it stands, and says what the page shows."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import pytest_k6ws
from k6ws import testing
from k6ws._pytest import runs
from k6ws._pytest.watched import LOOKED_AT
from k6ws.testing import Comparison

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "test-in-pytest.md").read_text()
REFERENCE = (DOCS / "reference" / "pytest.md").read_text()
BLOCK = re.compile(
    r"^```python\n# (test_\w+\.py)\n(.*?)^```(?:\n\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL
)
FILES: list[tuple[str, str, str]] = BLOCK.findall(HOW_TO)
PASSES = {"test_chat.py": 1, "test_down.py": 1, "test_shop.py": 0, "test_script.py": 3}
SUBTESTS = 2


def section(title: str) -> str:
    return re.split(r"\n#+ ", REFERENCE.partition(f"\n## {title}\n")[2])[0]


def first_cells(text: str) -> list[str]:
    return [
        word
        for cells in re.findall(r"^\| (`.+?) \| ", text, re.MULTILINE)
        for word in re.findall(r"`([^`]+)`", cells)
    ]


def without_figures(line: str) -> str:
    return re.sub(r"[\d.]+ ?(?:µs|ms|s)?", "#", line).strip("_ ")


@pytest.mark.parametrize(("name", "source", "shown"), FILES, ids=[one[0] for one in FILES])
def test_a_file_of_the_page_says_what_the_page_says(
    pytester: pytest.Pytester, name: str, source: str, shown: str
) -> None:
    (pytester.path / name).write_text(source)
    done = pytester.runpytest_subprocess("-o", "k6ws_trust=warn", "-p", "no:cacheprovider")
    outcomes = done.parseoutcomes()
    assert outcomes.get("passed", 0) == PASSES.get(name, 0), done.stdout.str()
    assert bool(outcomes.get("failed")) == bool(shown)
    said = [without_figures(line) for line in done.stdout.lines]
    for line in filter(None, map(without_figures, shown.splitlines())):
        assert any(one.startswith(line) for one in said), line


def test_the_page_has_its_files() -> None:
    assert {name for name, _, _ in FILES} == {*PASSES, "test_versions.py"}
    assert sum(bool(shown) for _, _, shown in FILES) == 3


def test_every_fixture_option_and_setting_is_named() -> None:
    fixtures = {name for name in vars(pytest_k6ws) if name.startswith("k6ws_")}
    assert set(first_cells(section("Fixtures"))) == fixtures
    source = inspect.getsource(pytest_k6ws.pytest_addoption)
    named = {one.partition("=")[0] for one in first_cells(section("Options and settings"))}
    assert named == set(re.findall(r'"(--k6ws-[\w-]+|k6ws_\w+)"', source))
    for setting, default in (("k6ws_trust", "error"), ("k6ws_baseline_tolerance", "25% 1ms")):
        assert f"| `{setting}` | `{default}` |" in REFERENCE
        assert f'default="{default}"' in source


def test_everything_that_counts_as_a_look_is_named() -> None:
    named = {one.removesuffix("()") for one in first_cells(section("Who judges what"))}
    assert named == LOOKED_AT
    kinds: dict[str, Any] = vars(runs)["_JUDGED_BY"]
    for page in (HOW_TO, REFERENCE):
        assert all(f"`{metric}`" in page for metric in kinds)


def test_every_name_of_testing_is_documented() -> None:
    text = section("`k6ws.testing`")
    calls = {name for name in testing.__all__ if name[0].islower()}
    assert {one.partition("(")[0] for one in first_cells(text)} == calls | {"None"}
    compared = set(first_cells(section("How two targets are compared")))
    fields = {name for name in dir(Comparison) if not name.startswith("_")}
    fields |= set(Comparison.__dataclass_fields__)
    assert {one.partition("(")[0] for one in compared} == fields - {"of", "hint"}
