"""No two files need each other, inside a module neither: whoever reads one can read it alone.

Ranks say which module may know which (`test_architecture`); here every file counts, and so does an import for
type checkers. A circle is opened by moving what both need into a file of its own, or by a Protocol that says
what the one below wants of the one above.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.circles import circles, python_files, rust_files

ROOT = Path(__file__).parent.parent

# Those that are still there. Nothing is ever added here.
KNOWN_CIRCLES: set[frozenset[str]] = set()


def test_no_two_files_need_each_other() -> None:
    found = circles(python_files(ROOT / "python" / "k6ws")) | circles(rust_files(ROOT / "src"))
    assert found == KNOWN_CIRCLES, "open what is new; take out of KNOWN_CIRCLES what is open"


RUST = [
    ({"a.rs": "use super::b::B;", "b.rs": "use crate::a::A;"}, {"a.rs", "b.rs"}),
    ({"a.rs": "use crate::b::{B, C};", "b.rs": "fn f() { super::a::g() }"}, {"a.rs", "b.rs"}),
    ({"a/mod.rs": "mod x; fn f() { x::g() }", "a/x.rs": "use super::f;"}, {"a/mod.rs", "a/x.rs"}),
    ({"a/mod.rs": "mod x;\npub use x::X;", "a/x.rs": "use super::f;"}, set[str]()),
    (
        {"a/mod.rs": "mod x;\npub use x::X;\nfn f(_: X) {}", "a/x.rs": "use super::f;"},
        {"a/mod.rs", "a/x.rs"},
    ),
    (
        {"a.rs": "use crate::b; fn f() { b::c::g() }", "b/mod.rs": "", "b/c.rs": "use crate::a;"},
        {"a.rs", "b/c.rs"},
    ),
    (
        {"a/mod.rs": "mod x;\npub use x::X;", "a/x.rs": "use super::y;", "a/y.rs": "use super::X;"},
        {"a/x.rs", "a/y.rs"},
    ),
    (
        {"a.rs": "use crate::b::B;", "b.rs": "#[cfg(test)]\nmod tests { use crate::a::A; }"},
        set[str](),
    ),
    ({"a.rs": "use crate::b::B;", "b/tests.rs": "use crate::a::A;", "b.rs": ""}, set[str]()),
    (
        {"a.rs": "use crate::b;", "b.rs": "use crate::c;", "c.rs": "use crate::a;"},
        {"a.rs", "b.rs", "c.rs"},
    ),
]
PYTHON = [
    ({"a.py": "from k6ws.b import B", "b.py": "import k6ws.a"}, {"a.py", "b.py"}),
    (
        {"a.py": "from k6ws.b import B", "b.py": "if TYPE_CHECKING:\n    from k6ws.a import A"},
        {"a.py", "b.py"},
    ),
    (
        {
            "a/__init__.py": "from k6ws.a.x import X\n__all__ = ['X']",
            "a/x.py": "from k6ws.a.y import Y",
            "a/y.py": "def f():\n    from k6ws.a import X",
        },
        {"a/x.py", "a/y.py"},
    ),
    (
        {
            "a/__init__.py": "from k6ws.a.x import X\n__all__ = ['X']\nX()",
            "a/x.py": "from k6ws.a import f",
        },
        {"a/__init__.py", "a/x.py"},
    ),
    ({"a.py": "from k6ws.b import B", "b.py": "import json"}, set[str]()),
]


@pytest.mark.parametrize(("sources", "expected"), RUST)
def test_a_circle_of_rust_files_is_seen(
    tmp_path: Path, sources: dict[str, str], expected: set[str]
) -> None:
    _write(tmp_path / "src", sources)
    found = {
        one.removeprefix("src/") for group in circles(rust_files(tmp_path / "src")) for one in group
    }
    assert found == expected


@pytest.mark.parametrize(("sources", "expected"), PYTHON)
def test_a_circle_of_python_files_is_seen(
    tmp_path: Path, sources: dict[str, str], expected: set[str]
) -> None:
    _write(tmp_path / "k6ws", sources)
    found = {
        one.removeprefix("k6ws/")
        for group in circles(python_files(tmp_path / "k6ws"))
        for one in group
    }
    assert found == expected


def _write(top: Path, sources: dict[str, str]) -> None:
    for name, text in sources.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
