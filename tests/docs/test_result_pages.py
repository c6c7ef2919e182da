"""The pages of the result and of its document have every attribute, method, kind and field."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import k6ws
from k6ws._result import problems
from k6ws._result.table import COUNTS, FIGURES, TEXTS

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads(
    files("k6ws").joinpath("summary.schema.json").read_text("utf-8")
)


def section(page: str, title: str) -> str:
    text = f"\n{(DOCS / page).read_text()}"
    _, _, rest = text.partition(f"\n{title}\n")
    assert rest, title
    return re.split(r"\n#+ ", rest)[0]


def words(text: str) -> list[str]:
    """What the first cells of a table name."""
    cells = re.findall(r"^\| (`.+?`) \| ", text, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]+)`", cell)]


def test_every_attribute_and_method_of_a_result() -> None:
    named = words(section("reference/result.md", "# Result"))
    result = k6ws.run(lambda: None)
    public = {name for name in dir(result) if not name.startswith("_")}
    assert {name.partition("(")[0] for name in named} == public
    calls = {name for name in public if inspect.ismethod(getattr(result, name))}
    assert {name.partition("(")[0] for name in named if "(" in name} == calls


def test_every_kind_of_problem() -> None:
    named = words(section("reference/result.md", "## What `assert_ok` asks"))
    [documented] = re.findall(r'kind: str\n    """(.+?)"""', inspect.getsource(problems), re.DOTALL)
    assert named == re.findall(r"``(\w+)``", documented)


def test_every_field_of_the_document() -> None:
    for title, fields in (
        ("## Fields", SCHEMA["properties"]),
        ("### Of a scenario", SCHEMA["$defs"]["scenario"]["properties"]),
        (
            "### Of a threshold",
            {
                **SCHEMA["$defs"]["threshold"]["properties"],
                **SCHEMA["$defs"]["judgement"]["properties"],
            },
        ),
        ("### Of the run", SCHEMA["$defs"]["run"]["properties"]),
    ):
        assert set(words(section("reference/summary.md", title))) == set(fields), title


def test_every_column_of_the_table() -> None:
    named = words(section("how-to/show-it-to-others.md", "## A table: pandas, polars, Arrow"))
    assert set(named) == {*TEXTS, "tags", *FIGURES, *COUNTS}
