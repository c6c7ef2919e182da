"""Who imports whom: reads sources as text, so that nothing has to be built or run to know it.

A *module* here is a room of the house: a file or folder directly below `src/` or `python/k6ws/`. What
happens inside a room is its own affair.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMENT = re.compile(r"//.*")
_CRATE_PATH = re.compile(r"\bcrate::\s*(\w+|\{)")
_CLIMB = re.compile(r"\b((?:super::)+)(\w+)")
_BRANCH = re.compile(r"[{},]|\w+")


@dataclass(frozen=True)
class Import:
    """One module names another."""

    importer: str
    imported: str
    where: str


def rust_modules(source: Path) -> set[str]:
    """The modules at the top of a crate."""
    return {_room(path, source) for path in source.rglob("*.rs")} - {"lib"}


def rust_code(path: Path) -> str:
    """A Rust file without its comments, which may speak of anything."""
    return _COMMENT.sub("", path.read_text())


def rust_imports(source: Path) -> Iterator[Import]:
    """Every mention of another top-level module of the crate, tests included."""
    modules = rust_modules(source)
    for path in sorted(source.rglob("*.rs")):
        importer = _room(path, source)
        if importer == "lib":
            continue
        code = rust_code(path)
        for line, imported in _rust_names(code, _depth(path, source), modules):
            if imported != importer:
                yield Import(importer, imported, f"{path.relative_to(source.parent)}:{line}")


def _rust_names(code: str, depth: int, modules: set[str]) -> Iterator[tuple[int, str]]:
    for found in _CRATE_PATH.finditer(code):
        line = code.count("\n", 0, found.start()) + 1
        if found[1] == "{":
            yield from ((line, name) for name in _heads(code, found.start(1)))
        else:
            yield line, found[1]
    for found in _CLIMB.finditer(code):
        # Enough steps up lead to the top of the crate, unless they began in a module within the file;
        # the name tells.
        if found[1].count("super") >= depth and found[2] in modules:
            yield code.count("\n", 0, found.start()) + 1, found[2]


def _heads(code: str, brace: int) -> Iterator[str]:
    """The first name of each branch of `{a::b, c::{d, e}}`, which begins at `brace`."""
    depth, is_head = 0, False
    for token in _BRANCH.finditer(code, brace):
        match token[0]:
            case "{":
                depth += 1
                is_head = depth == 1
            case "}":
                depth -= 1
                if depth == 0:
                    return
            case ",":
                is_head = depth == 1
            case name:
                if is_head:
                    yield name
                is_head = False


def python_modules(package: Path) -> set[str]:
    """The modules directly in a package; the compiled ones have a stub."""
    return {_room(path, package) for path in _python_files(package)}


def python_imports(package: Path) -> Iterator[Import]:
    """Every import of another module of the package, inside functions and for type checkers too."""
    modules = python_modules(package)
    for path in _python_files(package):
        importer = _room(path, package)
        for node in ast.walk(ast.parse(path.read_text())):
            for dotted in _python_names(node, path, package):
                # What is not a module of the package is a name that `__init__` holds.
                imported = dotted[1] if dotted[1:2] and dotted[1] in modules else "__init__"
                if dotted[0] == package.name and imported != importer:
                    line = getattr(node, "lineno", 0)
                    where = f"{path.relative_to(package.parent)}:{line}"
                    yield Import(importer, imported, where)


def _python_names(node: ast.AST, path: Path, package: Path) -> Iterator[list[str]]:
    """The dotted names that an import statement may load."""
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".") for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module.split(".") if node.module else []
        if node.level:
            here = [package.name, *path.relative_to(package).parts[:-1]]
            base = here[: len(here) + 1 - node.level] + base
        yield from ([*base, alias.name] for alias in node.names)


def _python_files(package: Path) -> list[Path]:
    return sorted([*package.rglob("*.py"), *package.rglob("*.pyi")])


def _room(path: Path, top: Path) -> str:
    return path.relative_to(top).parts[0].partition(".")[0]


def _depth(path: Path, top: Path) -> int:
    """How many `super::` lead from a file to the top of the crate."""
    parts = path.relative_to(top).with_suffix("").parts
    return len(parts) - (parts[-1] == "mod")
