"""The house: which module may know which, and how large a file may grow.

Two tables, one for each language, are the only place where ranks are written down. A module may import from
modules of a smaller rank and from within itself, nothing else: not from its own rank, not inside a function,
not for a type checker, not in its tests. If an import feels handy but is refused here, the thing you want is
in the wrong module: move it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from support.imports import (
    Import,
    python_imports,
    python_modules,
    rust_code,
    rust_imports,
    rust_modules,
)

ROOT = Path(__file__).parent.parent
RUST = ROOT / "src"
PYTHON = ROOT / "python" / "k6ws"

# From the wire to Python. `socket` states facts, `engine` gives them meaning, `metrics` adds them up,
# `report` arranges them; `schedule` knows only time, `python` only conversion.
RUST_RANKS = {
    "units": 0,  # durations as people write them
    "clock": 0,  # the one place that asks what time it is
    "segment": 0,  # which part of a test this process does: exact fractions, stripes
    "conversation": 1,  # what a message is to a conversation: bytes in, decisions out
    "metrics": 1,  # numbers and what they mean; knows no sockets, tasks or Python
    "socket": 1,  # facts about connections; decides nothing, counts nothing
    "options": 2,  # what the user asked for, made valid once
    "echo": 2,  # the built-in target of demos, tests and benchmarks
    "schedule": 3,  # when iterations start and stop; knows no sockets and no metrics
    "output": 3,  # where samples go; knows no scheduling
    "dashboard": 3,  # the live page: a server that is given what it shows; knows no run
    "verdict": 3,  # what holds and what does not: numbers and a time, no run
    "report": 4,  # what happened, as data; not how it is shown
    "engine": 5,  # the only place that wires the layers
    "python": 6,  # the binding: converts and forwards
}

# From what a script waits on to what a person types.
PYTHON_RANKS = {
    "_core": 0,  # the compiled binding
    "errors": 0,  # every exception that leaves k6ws; the core raises them too
    "_typed": 0,  # options as type checkers know them; imports nothing of k6ws
    "framing": 1,  # where messages begin and end in a stream, and what they say
    "_loop": 1,  # the one secret of how a script waits
    "_params": 2,  # what the keywords of sockets mean
    "match": 2,  # which message is meant
    "correlate": 3,  # which reply belongs to which request
    "_limits": 2,  # what the machine allows; imports nothing of k6ws
    "_ui": 2,  # data to text; imports nothing of k6ws
    "_page": 3,  # the page of a run: its text, and its data in it
    "_socket": 3,  # what the socket APIs share: the connection, and the session on it
    "_conversation": 4,  # sessions that are spoken on: who takes a message, who waits, how they end
    "_options": 2,  # options from where people write them; the core says what they mean
    "_environment": 2,  # `env`: what `-e` sets
    "ws": 5,  # what scripts import, each on its own
    "websockets": 5,
    "tcp": 5,
    "timers": 5,
    "utils": 5,
    "http": 5,
    "flow": 5,
    "metrics": 5,
    "execution": 5,
    "pauses": 5,
    "offloading": 5,
    "feeder": 5,
    "experimental": 6,  # old names of the above
    "_result": 3,  # what a run comes to: typed, as a document, as a table; knows no run
    "_script": 6,  # a file or a function, as the run needs it
    "_run": 7,  # a run from options to result; shows it only where a program asks for that
    "testing": 8,  # targets for tests, one iteration, two targets compared
    "summary": 8,  # what scripts make of a summary
    "_pytest": 9,  # who judges the runs of a test
    "_cli": 9,  # flags in, text and exit codes out
    "__init__": 10,  # what users see
    "__main__": 10,
}

# Where a rank alone would allow too much: all that these may import.
RUST_ONLY = {"dashboard": {"clock"}, "echo": {"units", "clock", "socket"}}
PYTHON_ONLY: dict[str, set[str]] = {
    "_ui": set(),
    "_limits": set(),
    "_typed": set(),
    "_result": {"_core", "errors", "_ui"},
}

# Imports that break a rule and may: the reason is theirs to give.
RUST_EXCUSED: dict[tuple[str, str], str] = {}
PYTHON_EXCUSED = {
    ("_socket", "http"): "a VU's jar is made when a server sets the first cookie, not at import",
    ("_params", "http"): "the type of a keyword, named for type checkers only",
}

MOST_LINES = 400
SOURCES = {".rs", ".py", ".pyi", ".c", ".h", ".js", ".mjs", ".ts", ".css"}
# Files that have outgrown the ceiling and await their split. Nothing is ever added here.
OUTGROWN: set[str] = set()


def refused(
    imports: Iterable[Import], ranks: dict[str, int], only: dict[str, set[str]]
) -> list[Import]:
    """The imports that the ranks do not allow."""
    return [
        one
        for one in imports
        if ranks[one.imported] >= ranks[one.importer]
        or one.imported not in only.get(one.importer, ranks)
    ]


def complain(found: Iterable[Import], excused: dict[tuple[str, str], str]) -> list[str]:
    return [
        f"{one.where}: {one.importer} must not import {one.imported}"
        for one in found
        if (one.importer, one.imported) not in excused
    ]


def unused(found: Iterable[Import], excused: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    return set(excused) - {(one.importer, one.imported) for one in found}


def test_every_rust_module_has_a_rank() -> None:
    assert rust_modules(RUST) == set(RUST_RANKS)


def test_every_python_module_has_a_rank() -> None:
    assert python_modules(PYTHON) == set(PYTHON_RANKS)


def test_rust_imports_point_to_smaller_ranks() -> None:
    found = refused(rust_imports(RUST), RUST_RANKS, RUST_ONLY)
    assert complain(found, RUST_EXCUSED) == []
    assert unused(found, RUST_EXCUSED) == set()


def test_python_imports_point_to_smaller_ranks() -> None:
    found = refused(python_imports(PYTHON), PYTHON_RANKS, PYTHON_ONLY)
    assert complain(found, PYTHON_EXCUSED) == []
    assert unused(found, PYTHON_EXCUSED) == set()


def test_only_the_binding_names_pyo3() -> None:
    naming = {
        path.relative_to(RUST).parts[0]
        for path in RUST.rglob("*.rs")
        if re.search(r"\bpyo3\b", rust_code(path))
    }
    assert naming == {"python"}


def test_no_file_outgrows_the_ceiling() -> None:
    outgrown = {
        str(path.relative_to(ROOT))
        for folder in ("src", "python", "tests", "bench", "examples")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SOURCES and len(path.read_text().splitlines()) > MOST_LINES
    }
    assert outgrown == OUTGROWN, "split what is new; take out of OUTGROWN what is split"


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in PYTHON.rglob("*.py")
        if "_cli" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id == "print"
    ]
    assert printing == []


def test_every_module_opens_with_its_purpose() -> None:
    bare = [path for path in RUST.rglob("*.rs") if not path.read_text().startswith("//! ")]
    bare += [
        path
        for path in [*PYTHON.rglob("*.py"), *PYTHON.rglob("*.pyi")]
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert sorted(str(path.relative_to(ROOT)) for path in bare) == []


@pytest.mark.parametrize(
    ("path", "code", "imported"),
    [
        ("metrics/sink.rs", "use crate::engine::Runtime;", {"engine"}),
        ("metrics/sink.rs", "use crate::{units, engine::{run, timers}, echo};", {"echo", "engine"}),
        ("metrics/sink.rs", "let x = crate::engine::run();", {"engine"}),
        ("metrics/mod.rs", "use super::engine;", {"engine"}),
        ("metrics/sink.rs", "use super::super::engine::Runtime;", {"engine"}),
        ("metrics/sink.rs", "use super::engine::Cylinder;", set[str]()),
        ("metrics/sink.rs", "// see crate::engine\nuse crate::units;", set[str]()),
        ("metrics.rs", "mod tests { use super::*; use crate::echo; }", {"echo"}),
    ],
)
def test_a_forbidden_rust_import_is_seen(
    tmp_path: Path, path: str, code: str, imported: set[str]
) -> None:
    for name in RUST_RANKS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "mod.rs").touch()
    (tmp_path / path).write_text(code)
    found = refused(rust_imports(tmp_path), RUST_RANKS, RUST_ONLY)
    assert {one.imported for one in found} == imported


@pytest.mark.parametrize(
    ("path", "code", "imported"),
    [
        ("_loop/vu.py", "from k6ws._run import run", {"_run"}),
        ("_loop/vu.py", "from k6ws import _core, _run", {"_run"}),
        ("_loop/vu.py", "import k6ws._run.worker", {"_run"}),
        ("_loop/vu.py", "from .._run import run", {"_run"}),
        ("_loop/vu.py", "from .loop import Loop", set[str]()),
        ("_loop/vu.py", "from k6ws import check", {"__init__"}),
        ("_loop/vu.py", "if TYPE_CHECKING:\n    from k6ws.ws import Socket", {"ws"}),
        ("_run/worker.py", "def f():\n    from k6ws import summary", {"summary"}),
        ("_ui/text.py", "from k6ws.errors import K6Error", {"errors"}),
        ("flow.py", "from k6ws.execution import vu", {"execution"}),
        ("flow.py", "import json\nfrom k6ws._loop import current", set[str]()),
    ],
)
def test_a_forbidden_python_import_is_seen(
    tmp_path: Path, path: str, code: str, imported: set[str]
) -> None:
    package = tmp_path / "k6ws"
    for name in PYTHON_RANKS:
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
    (package / path).write_text(code)
    found = refused(python_imports(package), PYTHON_RANKS, PYTHON_ONLY)
    assert {one.imported for one in found} == imported
