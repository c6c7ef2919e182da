"""Runs `k6ws` inside this process: hundreds of calls in the time that a few processes take to start.

Only for commands that run no load test. What a command sets up for its process is undone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from click.testing import CliRunner

from k6ws._cli.main import main
from k6ws._environment import env


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


def k6ws(
    *words: str | os.PathLike[str],
    variables: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Done:
    """Run `k6ws` with these words. Of the environment it sees its own variables only."""
    hidden = {name: None for name in os.environ if name.startswith(("K6WS_", "K6_", "XDG_"))}
    nowhere = {"HOME": "/nonexistent", **hidden, **(variables or {})}
    with _undone():
        result = CliRunner().invoke(
            main, [os.fspath(word) for word in words], input=stdin, env=nowhere, prog_name="k6ws"
        )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


@contextlib.contextmanager
def _undone() -> Generator[None, None, None]:
    ours, root, script = (logging.getLogger(name) for name in ("k6ws", None, "k6ws_script"))
    loggers: Sequence[logging.Logger] = (ours, root, script)
    before = [(one.handlers[:], one.level, one.propagate) for one in loggers]
    last_resort, path, modules = logging.lastResort, sys.path[:], set(sys.modules)
    given, has_process = env.given, env.has_process
    try:
        with warnings.catch_warnings():
            yield
    finally:
        logging.lastResort = last_resort
        for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
            one.handlers[:], one.propagate = handlers, propagate
            one.setLevel(level)
        sys.path[:] = path
        env.given, env.has_process = given, has_process
        folders = ("/tmp", "pytest")
        for name in sys.modules.keys() - modules:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if name == "k6ws_script" or any(folder in file for folder in folders):
                del sys.modules[name]
