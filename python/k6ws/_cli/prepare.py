"""From the words of a command to a script and its tiers of options; shared by `run`, `inspect`, `archive`."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import warnings
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from k6ws._cli.flags import config_of, given, pairs
from k6ws._cli.logs import Logs
from k6ws._environment import HANDED_DOWN, env
from k6ws._options import Tier, from_environment
from k6ws._script import Script, from_file, from_stream, is_archive

logger = logging.getLogger("k6ws")

STDIN = "-"


def fill_environment(context: click.Context, *, has_process: bool) -> None:
    """Fill ``k6ws.env`` with what the command line says."""
    asked: bool | None = context.params["has_process_env"]
    env.has_process = has_process if asked is None else asked
    env.given.clear()
    env.given.update(pairs(context.params["variables"], "-e"))


@contextlib.contextmanager
def loaded(path: str, logs: Logs) -> Generator[Script]:
    """Load a script, an archive, or what comes from standard input (``-``).

    The files of an archive are there for as long as the context is. Worker processes that the script starts
    know what ``-e`` said.
    """

    def named(name: str) -> None:
        # What a script does in an old way is told to who runs it.
        warnings.filterwarnings(
            "default", category=DeprecationWarning, module=f"{re.escape(name)}$"
        )
        logs.expect(name)

    with contextlib.ExitStack() as stack:
        stack.enter_context(env.handed_down())
        if path == STDIN:
            yield stack.enter_context(from_stream(sys.stdin.buffer, named=named))
        elif not is_archive(path):
            yield stack.enter_context(from_file(path, named=named))
        else:
            from tempfile import TemporaryDirectory  # noqa: PLC0415 - few runs are of an archive

            from k6ws._script.archive import unpack  # noqa: PLC0415 - likewise

            folder = Path(stack.enter_context(TemporaryDirectory(prefix="k6ws-"))).resolve()
            archive = unpack(path, folder)
            env.given = {**archive.env, **env.given}
            stack.enter_context(env.handed_down())
            # Relative paths mean the files of the archive while the script is loaded, and only then.
            with contextlib.chdir(folder):
                script = stack.enter_context(from_file(str(folder / archive.script), named=named))
            yield replace(script, name=path, options=archive.options)


def tiers(context: click.Context, script: Script) -> tuple[list[Tier], list[str]]:
    """All tiers of options, the lowest first, and remarks about them."""
    config = config_of(context)
    environ = {name: value for name, value in os.environ.items() if name != HANDED_DOWN}
    variables, remarks = from_environment(environ)
    found: list[Tier] = [
        ("config", config.options),
        ("script", script.options),
        ("env", variables),
        ("cli", given(context)),
    ]
    for source, values in found:
        if values:
            logger.debug("options from %s: %s", _origin(source, config.path), ", ".join(values))
    return found, remarks


def _origin(source: str, config: Path | None) -> str:
    names: dict[str, Any] = {
        "config": config,
        "script": "the script",
        "env": "the environment",
        "cli": "the command line",
    }
    return str(names[source])
