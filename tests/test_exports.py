"""What users may import, and that importing it does nothing else."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from typing import Any

import pytest

import k6ws

PUBLIC = ["k6ws"] + [
    f"k6ws.{module.name}"
    for module in pkgutil.iter_modules(k6ws.__path__)
    if not module.name.startswith("_")
]

# Prints what a process has, before and after `import k6ws`.
SNAPSHOTS = """
import gc, json, logging, os, signal, sys, threading

def snapshot():
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    return {
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "tasks of the kernel": len(os.listdir("/proc/self/task")),
        "open files": len(os.listdir("/proc/self/fd")),
        "signal handlers": {str(s): str(signal.getsignal(s)) for s in signal.valid_signals()},
        "log handlers": sorted(logger.name for logger in loggers if logger.handlers),
        "hooks": [str(sys.excepthook), str(threading.excepthook), str(sys.unraisablehook)],
        "environment": dict(os.environ),
    }

before = snapshot()
import k6ws
gc.collect()
print(json.dumps([before, snapshot(), sorted(sys.modules)]))
"""


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as ruff sorts them."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


@pytest.mark.parametrize("name", PUBLIC)
def test_what_a_module_exports_is_sorted_unique_and_there(name: str) -> None:
    module = importlib.import_module(name)
    exported = list(module.__all__)
    assert exported == sorted(set(exported), key=order)
    assert [one for one in exported if not hasattr(module, one)] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_what_a_module_exports_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    exported = [getattr(module, one) for one in module.__all__]
    assert [one for one in exported if callable(one) and not one.__doc__] == []


def test_importing_k6ws_has_no_side_effects() -> None:
    before, after, _ = imported()
    assert before == after


def test_a_script_does_not_load_what_only_the_command_line_needs() -> None:
    _, _, modules = imported()
    assert {"rich", "click", "k6ws._ui", "k6ws._cli"}.isdisjoint(modules)


def imported() -> Any:
    """What `import k6ws` changes in a process of its own."""
    command = [sys.executable, "-c", SNAPSHOTS]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
