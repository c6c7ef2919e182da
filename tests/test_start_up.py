"""What is loaded before a script does anything, and what is not: every process of a test pays for it.

Times are measured by `make bench`; here it is which modules are there, of which those times are made.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import click
import pytest

import k6ws
from k6ws import _core
from k6ws._cli.main import COMMANDS, main
from k6ws._loop import handlers

# What is dear to load, and needed by few scripts, by errors or by the command line.
DEAR = {
    "asyncio",
    "click",
    "ctypes",
    "dataclasses",
    "difflib",
    "email",
    "http.client",
    "http.cookiejar",
    "inspect",
    "json",
    "logging",
    "pathlib",
    "random",
    "rich",
    "ssl",
    "tarfile",
    "traceback",
    "urllib.request",
    "uuid",
    "xml",
}


def loaded_by(code: str) -> set[str]:
    """The modules that a process has after `code`, and has not without it."""
    report = "\nimport sys; print(*sys.modules)"
    with_it, without = (
        subprocess.run(
            [sys.executable, "-c", one + report], capture_output=True, check=True, text=True
        ).stdout.split()
        for one in (code, "")
    )
    return set(with_it) - set(without)


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] == "k6ws"}


def test_a_bare_import_loads_the_core_and_nothing_else_of_ours() -> None:
    modules = loaded_by("import k6ws")
    assert ours(modules) == {"k6ws", "k6ws._core"}
    assert modules & {*DEAR, "threading", "urllib.parse"} == set()


# What scripts begin with.
FIRST_LINES = [
    "from k6ws import ws, check, sleep",
    "from k6ws import websockets, env, group",
    "from k6ws import tcp, timers, metrics, execution, utils",
]


@pytest.mark.parametrize("line", FIRST_LINES)
def test_the_first_line_of_a_script_loads_nothing_dear(line: str) -> None:
    modules = loaded_by(line)
    assert modules & DEAR == set()
    assert {one.split(".")[1] for one in ours(modules) if "." in one} & {
        *("_run", "_script", "_options", "_ui", "_cli", "_limits", "http")
    } == set()
    # The names of requests on a socket, and none of what is behind them.
    parts = {one.removeprefix("k6ws._conversation") for one in ours(modules) if "_conv" in one}
    assert parts <= {"", ".asks", ".unset"}


@pytest.mark.parametrize("api", ["ws", "tcp"])
def test_what_sessions_are_made_of_is_loaded_with_the_first_and_nothing_dear(api: str) -> None:
    modules = loaded_by(f"from k6ws import {api}; {api}.open, {api}.aopen")
    assert "k6ws._conversation.source" in modules
    assert modules & DEAR == set()
    with pytest.raises(AttributeError, match="no attribute 'opeen'"):
        getattr(importlib.import_module(f"k6ws.{api}"), "opeen")  # noqa: B009 - as above


@pytest.mark.parametrize("home", sorted(set(k6ws._HOMES.values())))
def test_each_module_that_users_name_can_be_the_first(home: str) -> None:
    names = [name for name, one in k6ws._HOMES.items() if one == home]
    assert home in loaded_by("import k6ws\n" + "\n".join(f"k6ws.{name}" for name in names))


def test_every_name_is_what_its_module_has() -> None:
    for name, home in k6ws._HOMES.items():
        module = importlib.import_module(home)
        expected = module if home == f"k6ws.{name}" else getattr(module, name)
        assert getattr(k6ws, name) is expected, name


def test_type_checkers_are_told_of_the_same_names_in_the_same_places() -> None:
    tree = ast.parse(Path(k6ws.__file__).read_text())
    told: dict[str, str] = {}
    for block in tree.body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for node in block.body:
                assert isinstance(node, ast.ImportFrom)
                for alias in node.names:
                    home = f"k6ws.{alias.name}" if node.module == "k6ws" else str(node.module)
                    told[alias.name] = home
    assert told == k6ws._HOMES
    assert {*told, "__version__"} - {"errors", "flow"} == set(k6ws.__all__)


def test_dir_and_a_star_have_every_name_at_once() -> None:
    code = "import k6ws; print(*dir(k6ws)); from k6ws import *; print(*dir())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    offered, there = (set(line.split()) for line in done.stdout.splitlines())
    assert offered >= {*k6ws.__all__, *k6ws._HOMES}
    assert there >= set(k6ws.__all__)


def test_a_name_that_is_not_there_is_an_error_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'k6ws' has no attribute 'sleeep'") as raised:
        getattr(k6ws, "sleeep")  # noqa: B009 - the point: type checkers know it
    assert raised.value.name == "sleeep"
    with pytest.raises(ImportError, match="cannot import name 'sleeep' from 'k6ws'"):
        exec("from k6ws import sleeep")
    assert k6ws.__version__ == _core.__version__


def test_threads_that_ask_at_once_get_the_same() -> None:
    code = """
import sys, threading
sys.setswitchinterval(1e-6)
import k6ws
start, found = threading.Barrier(8), []
def ask():
    start.wait()
    found.append([getattr(k6ws, name) for name in k6ws.__all__])
threads = [threading.Thread(target=ask) for _ in range(8)]
[one.start() for one in threads]
[one.join() for one in threads]
assert len(found) == 8 and all(one == found[0] for one in found)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_flags_of_code_are_those_that_inspect_names() -> None:
    for name in ("VARARGS", "GENERATOR", "COROUTINE", "ITERABLE_COROUTINE", "ASYNC_GENERATOR"):
        assert getattr(handlers, name) == getattr(inspect, f"CO_{name}"), name


# `k6ws ARGUMENTS`, and what it has loaded as it ends.
COMMAND = """
import atexit, os, sys
atexit.register(lambda: print("\\nLOADED", *sys.modules))
from k6ws._cli.main import entry
sys.argv = ["k6ws", {arguments}]
entry()
"""


def loaded_by_command(*arguments: str) -> set[str]:
    """The modules that a process has at the end of a command."""
    code = COMMAND.format(arguments=", ".join(map(repr, arguments)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(done.stdout.rpartition("LOADED")[2].split())


def test_the_help_of_the_command_loads_no_command() -> None:
    modules = loaded_by_command("--help") - loaded_by("import click")
    assert modules & DEAR == set()
    assert {name for name in ours(modules) if name.count(".") == 1} == {
        *("k6ws._core", "k6ws._cli", "k6ws._run", "k6ws.errors")
    }


def test_a_run_loads_nothing_that_few_runs_need(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("def default(): pass")
    modules = loaded_by_command("run", str(script)) - loaded_by("import click")
    assert modules & DEAR <= {
        *("dataclasses", "inspect", "json", "logging", "pathlib", "traceback")
    }
    others = ("archive", "doctor", "echo", "inspect", "new", "rest", "version")
    assert ours(modules) & {f"k6ws._cli.{name}" for name in others} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_the_first_paragraph_of_its_own_help(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert COMMANDS[name].help == " ".join((command.help or "").partition("\n\n")[0].split())
