"""Flags that mean the same before the command and after it. Reads no option of the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from k6ws._cli.command import Switch

Function = TypeVar("Function", bound=Callable[..., Any])

CONFIG_FLAG: dict[str, Any] = {
    "metavar": "FILE",
    "help": "JSON file with options; otherwise k6ws/config.json of your configuration folder.",
}


def shared_flags(function: Function) -> Function:
    """Give the group those flags: what is said there is passed on, and read by the command."""
    return click.option("-c", "--config", **CONFIG_FLAG)(log_flags(function))


def log_flags(function: Function) -> Function:
    """Give a command the flags of what it says while it works."""
    for flag in reversed(
        (
            click.option(
                "--log-output",
                metavar="stderr|stdout|none|file=PATH",
                default="stderr",
                envvar=variables("LOG_OUTPUT"),
                help="Where log lines go.",
            ),
            click.option(
                "--log-format",
                metavar="text|json|raw",
                default="text",
                envvar=variables("LOG_FORMAT"),
                help="How log lines look.",
            ),
            click.option(
                "--no-color",
                cls=Switch,
                help="No colours; NO_COLOR and K6WS_NO_COLOR do the same.",
            ),
            click.option(
                "-q", "--quiet", cls=Switch, help="No banner and no progress; the summary stays."
            ),
            click.option("-v", "--verbose", cls=Switch, help="Log what is going on inside, too."),
        )
    ):
        function = flag(function)
    return function


def variables(name: str) -> list[str]:
    """The variables that stand for a flag, the stronger one first."""
    return [f"K6WS_{name}", f"K6_{name}"]
