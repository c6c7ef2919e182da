"""Mistakes that a type can see are seen, on their line, by mypy and by pyright; what is right is accepted.

`wrong/` has a mistake on each line that is marked `# error`, and `right/` has none, nor have the examples.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WRONG = sorted(HERE.glob("wrong/*.py"))
RIGHT = [*sorted(HERE.glob("right/*.py")), *sorted(ROOT.glob("examples/**/*.py"))]
MARK = re.compile(r"# error(?:: .+)?$")
MYPY_LINE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): error: (?P<text>.*)")

# A process of each for all files; on a busy machine they take a while.
pytestmark = pytest.mark.timeout(400)


def complaints_of_mypy() -> Iterator[tuple[Path, int, str]]:
    """Where it complains, and of what."""
    files = [str(path) for path in [*WRONG, *RIGHT]]
    command = [sys.executable, "-m", "mypy", "--config-file", str(HERE / "mypy.ini"), *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    for found in filter(None, map(MYPY_LINE.match, done.stdout.splitlines())):
        yield ROOT / found["file"], int(found["line"]), found["text"]


def complaints_of_pyright() -> Iterator[tuple[Path, int, str]]:
    """Where it complains, and of what."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--project", str(HERE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    told: Any = json.loads(done.stdout)
    assert told["summary"]["filesAnalyzed"] == len(WRONG) + len(RIGHT)
    for one in told["generalDiagnostics"]:
        path, line = Path(one["file"]), one["range"]["start"]["line"] + 1
        # That it does not know a type is no word on a mistake; on what is right it is a complaint.
        if path not in WRONG or not one.get("rule", "").startswith("reportUnknown"):
            yield path, line, one["message"]


Said: TypeAlias = dict[tuple[str, int], str]


@pytest.fixture(scope="module", params=[complaints_of_mypy, complaints_of_pyright])
def said(request: pytest.FixtureRequest) -> Said:
    """What a checker says of all files, by file and line."""
    return {(str(path.relative_to(ROOT)), line): text for path, line, text in request.param()}


def marked() -> Said:
    """Each line that is to be refused."""
    return {
        (str(path.relative_to(ROOT)), number): line.strip()
        for path in WRONG
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if MARK.search(line)
    }


def test_every_mistake_is_refused_on_its_line(said: Said) -> None:
    assert {where: line for where, line in marked().items() if where not in said} == {}


def test_nothing_else_is_refused(said: Said) -> None:
    expected = marked()
    assert {where: text for where, text in said.items() if where not in expected} == {}


def test_there_are_the_thirty_mistakes_of_a_newcomer_and_more() -> None:
    files = [Path(file).stem for file, _ in marked()]
    assert files.count("first_hour") == 30
    assert files.count("more") >= 20


def test_scripts_of_the_page_on_types_are_among_those_that_are_right() -> None:
    page = (ROOT / "docs" / "how-to" / "write-with-types.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert blocks == [
        (HERE / "right" / f"{name}.py").read_text() for name in ("page_script", "page_result")
    ]
