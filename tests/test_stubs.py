"""The stub of the compiled module says what the compiled module is."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

from k6ws import _core

TESTS = Path(__file__).parent
BINDING = TESTS.parent / "src" / "python"
STUBS = TESTS.parent / "python" / "k6ws" / "_core"
ALLOWLIST = TESTS / "stubtest_allowlist.txt"


def test_the_stub_agrees_with_the_compiled_module() -> None:
    # stubtest also fails when an entry of the allowlist is no longer needed.
    command = [sys.executable, "-m", "mypy.stubtest", "k6ws._core", "--allowlist", str(ALLOWLIST)]
    checked = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_allowed_difference_has_a_reason() -> None:
    entries = [line for line in ALLOWLIST.read_text().splitlines() if not line.startswith("#")]
    assert [entry for entry in entries if " # " not in entry] == []


def exported(binding: str) -> dict[str, set[str]]:
    """What `src/python/mod.rs` exports of each of its files, under Python's names."""
    found = re.findall(r"#\[pymodule_export\]\s+use super::(\w+)::(\w+|\{[^}]*\});", binding)
    return {
        file: {name.removeprefix("Py") for name in re.findall(r"\w+", names)}
        for file, names in found
    }


def declared(stub: str) -> set[str]:
    """What a stub says of the compiled module; not what exists for type checkers only."""
    return {
        node.name
        for node in ast.parse(stub).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        if not any(ast.unparse(one) == "type_check_only" for one in node.decorator_list)
    }


def test_each_file_of_the_binding_has_its_stub() -> None:
    stubs = {
        path.stem: declared(path.read_text())
        for path in STUBS.glob("*.pyi")
        if path.stem != "__init__"
    }
    assert {file for file in stubs if not (BINDING / f"{file}.rs").exists()} == set()
    told = {file: names for file, names in stubs.items() if names}
    assert told == exported((BINDING / "mod.rs").read_text())


def test_what_scripts_call_in_the_core_is_documented_as_in_its_stub() -> None:
    stub = ast.parse((STUBS / "face.pyi").read_text())
    told = {
        (kind.name, call.name): ast.get_docstring(call)
        for kind in stub.body
        if isinstance(kind, ast.ClassDef)
        for call in kind.body
        if isinstance(call, ast.FunctionDef) and not call.name.startswith("_")
    }
    shown = {
        (kind, name): inspect.getdoc(getattr(getattr(_core, kind), name)) for kind, name in told
    }
    assert len(told) > 1
    assert told == shown
