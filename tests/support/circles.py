"""Which files need each other: reads sources as text, file by file, and finds the circles among them.

A file that only names others to re-export them (``pub use``, the imports of an ``__init__`` that are in its
``__all__``) needs none of them: what is imported from there counts as imported from where it is defined.
One that also uses what it re-exports needs that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from support.imports import rust_code

Dotted: TypeAlias = tuple[str, ...]
Graph: TypeAlias = dict[str, set[str]]

_TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:use[^;]*;|mod\s+\w+\s*\{.*)", re.DOTALL)
_MODULE = re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+\w+\s*;", re.MULTILINE)
_USE = re.compile(r"^[ \t]*(pub(?:\([^)]*\))?\s+)?use\s+([\w:{},*\s]+);", re.MULTILINE)
_INLINE = re.compile(r"(?<![\w:])((?:\w+::)+\w+)")
_TOKEN = re.compile(r"::|[{},*]|\w+")


def circles(graph: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The groups of files of which each needs, over some way, every other."""
    reached = {file: _reachable(graph, file) for file in graph}
    groups = {
        frozenset(one for one in reached[file] if file in reached.get(one, ()))
        for file in graph
        if file in reached[file]
    }
    return {group for group in groups if len(group) > 1}


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead += graph.get(file, ())
    return found


# Python ---------------------------------------------------------------------------------------------


def python_files(package: Path) -> Graph:
    """Every file of a package with the files it imports, for type checkers too; stubs are left out."""
    files = {_dotted(path, package): path for path in package.rglob("*.py")}
    trees = {name: ast.parse(path.read_text()) for name, path in files.items()}
    exported = {
        name: dict(_imported(tree, name, files))
        for name, tree in trees.items()
        if files[name].name == "__init__.py"
    }
    graph: Graph = {}
    for name, tree in trees.items():
        passed_on = _all_names(tree) - _used_names(tree) if name in exported else set[str]()
        needed = {
            found
            for local, source in _imported(tree, name, files)
            if local not in passed_on
            and (found := _python_home(source, files, exported)) is not None
            and found != name
        }
        graph[_shown(files[name], package)] = {_shown(files[one], package) for one in needed}
    return graph


def _dotted(path: Path, package: Path) -> Dotted:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _imported(
    tree: ast.AST, name: Dotted, files: Mapping[Dotted, Path]
) -> Iterator[tuple[str, Dotted]]:
    """Each local name that an import makes, and what it stands for."""
    folder = name if files[name].name == "__init__.py" else name[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name, tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = tuple(node.module.split(".")) if node.module else ()
            if node.level:
                base = folder[: len(folder) + 1 - node.level] + base
            for alias in node.names:
                yield alias.asname or alias.name, (*base, alias.name)


def _all_names(tree: ast.Module) -> set[str]:
    """What ``__all__`` lists."""
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id == "__all__" for one in targets):
                constants = [one for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
                return {str(one.value) for one in constants}
    return set()


def _used_names(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _python_home(
    source: Dotted, files: Mapping[Dotted, Path], exported: Mapping[Dotted, Mapping[str, Dotted]]
) -> Dotted | None:
    """The file where something is defined, through any number of ``__init__`` that pass it on."""
    for _ in range(len(files)):
        if source in files:
            return source
        module, name = source[:-1], source[-1]
        if module not in files:
            return None
        if name not in exported.get(module, {}):
            return module
        source = exported[module][name]
    return None


# Rust -----------------------------------------------------------------------------------------------


def rust_files(source: Path) -> Graph:
    """Every file of a crate with the files it names; tests are left out."""
    files = {
        _module(path, source): path
        for path in source.rglob("*.rs")
        if path.stem != "tests" and "tests" not in path.relative_to(source).parts
    }
    code = {name: _TESTS.sub("", rust_code(path)) for name, path in files.items()}
    passed_on = {name: dict(_uses(text, re_exports=True)) for name, text in code.items()}
    graph: Graph = {}
    for name, text in code.items():
        brought = dict(_uses(text, re_exports=False))
        own = _MODULE.sub("", _USE.sub("", text))
        words = set(re.findall(r"\w+", own))
        used = [path for local, path in passed_on[name].items() if local in words]
        named = [*brought.values(), *used, *_inline(own, brought)]
        needed = {_rust_home(path, name, files, passed_on) for path in named} - {name, None}
        graph[_shown(files[name], source)] = {
            _shown(files[one], source) for one in needed if one is not None
        }
    return graph


def _module(path: Path, source: Path) -> Dotted:
    parts = path.relative_to(source).with_suffix("").parts
    return parts[:-1] if parts[-1] in {"mod", "lib"} else parts


def _uses(code: str, *, re_exports: bool) -> Iterator[tuple[str, Dotted]]:
    """Each name that a ``use`` brings in, or passes on, with the path it stands for."""
    for found in _USE.finditer(_MODULE.sub("", code)):
        if (found[1] is not None) == re_exports:
            yield from ((path[-1], path) for path in _branches(_TOKEN.findall(found[2])))


def _branches(tokens: list[str]) -> list[Dotted]:
    """The paths of a use tree such as ``a::{b, c::{self, d as e}}``."""
    paths: list[Dotted] = []
    stack: list[Dotted] = []
    path: Dotted = ()
    is_renamed = False
    for token in [*tokens, ","]:
        if token == "{":
            stack.append(path)
        elif token in {",", "}"}:
            base = stack[-1] if stack else ()
            if len(path) > len(base):
                paths.append(path[:-1] if path[-1:] == ("self",) else path)
            if token == "}":
                stack.pop()
                # Nothing of the branch that has just ended is left to be told.
                path = stack[-1] if stack else ()
            else:
                path = base
            is_renamed = False
        elif token == "as":
            is_renamed = True
        elif token != "::" and not is_renamed:
            path = (*path, token)
    return paths


def _inline(code: str, brought: Mapping[str, Dotted]) -> Iterator[Dotted]:
    """The paths that code names, each from where a ``use`` has brought its head."""
    for found in _INLINE.finditer(code):
        path = tuple(found[1].split("::"))
        yield (*brought.get(path[0], path[:1]), *path[1:])


def _rust_home(
    path: Dotted,
    name: Dotted,
    files: Mapping[Dotted, Path],
    passed_on: Mapping[Dotted, Mapping[str, Dotted]],
) -> Dotted | None:
    """The file that a path leads to, seen from the module ``name``; ``None`` outside of the crate."""
    at, rest = name, list(path)
    if rest[0] == "crate":
        at, rest = (), rest[1:]
    elif rest[0] == "self":
        rest = rest[1:]
    elif rest[0] == "super":
        while rest and rest[0] == "super":
            at, rest = at[:-1], rest[1:]
    elif (*at, rest[0]) not in files:
        return None
    while rest and (*at, rest[0]) in files:
        at, rest = (*at, rest[0]), rest[1:]
    if not rest or at not in files:
        return at if at in files else None
    item = rest[0]
    if item in passed_on[at] and at != name:
        return _rust_home(passed_on[at][item], at, files, passed_on)
    if "*" in passed_on[at] and at != name and not re.search(rf"\b{item}\b", files[at].read_text()):
        return _rust_home(passed_on[at]["*"][:-1], at, files, passed_on)
    return at


def _shown(path: Path, top: Path) -> str:
    return str(path.relative_to(top.parent))
