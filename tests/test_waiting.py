"""A test waits for what it is told, never for time to pass: the fence around `sleep`.

A sleep may be part of what is tested: of a script, a handler or a server, which are functions of their own.
What nobody tells is looked at in a `while` loop. Elsewhere a sleep says why on its line: `# the point: …`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
REASON = "# the point: "


def slept_for_luck(source: str) -> Iterator[int]:
    """The lines on which a test or a fixture sleeps itself, without a reason."""
    lines = source.splitlines()
    for function in ast.parse(source).body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and is_run(function):
            for line in sleeps(function.body):
                if REASON not in lines[line - 1]:
                    yield line


def is_run(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether pytest calls it."""
    decorators = [ast.unparse(one) for one in function.decorator_list]
    return function.name.startswith("test_") or any("fixture" in one for one in decorators)


def sleeps(nodes: Iterable[ast.AST]) -> Iterator[int]:
    """The lines of these that sleep, outside of functions and loops within them."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.While):
            continue
        if isinstance(node, ast.Call) and is_sleep(node):
            yield node.lineno
        yield from sleeps(ast.iter_child_nodes(node))


def is_sleep(call: ast.Call) -> bool:
    """`sleep(…)` of whatever module, but for one of nothing, and the wait for an event that nobody sets."""
    name = ast.unparse(call.func)
    if name.split(".")[-1] == "sleep":
        return [ast.unparse(one) for one in call.args] != ["0"]
    return name.endswith("Event().wait")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_x():\n    time.sleep(1)", [2]),
        ("async def test_x():\n    with y:\n        await asyncio.sleep(0.1)", [3]),
        ("@pytest.fixture\ndef x():\n    yield\n    threading.Event().wait(0.1)", [4]),
        ("def test_x():\n    sleep(1)  # the point: it lasts", []),
        ("def test_x():\n    while y():\n        sleep(0.1)", []),
        ("def test_x():\n    run(lambda: sleep(1))\n    def script():\n        sleep(1)", []),
        ("def script():\n    sleep(1)\n\ndef test_x():\n    sleep(0)", []),
    ],
)
def test_the_fence_finds_what_it_should(source: str, found: list[int]) -> None:
    assert list(slept_for_luck(source)) == found


def test_no_test_sleeps_to_be_lucky() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in slept_for_luck(path.read_text())
    ]
    assert found == []
