"""Flags, made from the table of options: what stands on the command line becomes the highest tier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from k6ws._cli.command import Switch
from k6ws._cli.shared_flags import CONFIG_FLAG, Function, log_flags, variables
from k6ws._options import ROWS, SETTINGS, ConfigFile, Kind, Row, find_config
from k6ws.errors import OptionsError

_CONFIG = "k6ws.config"
_REPEATED = {Kind.WORDS, Kind.PAIRS, Kind.STAGES}


def options_of_the_test(function: Function) -> Function:
    """Give a command every flag of the table, and those of the script's environment."""
    for row in reversed(ROWS):
        if row.flags:
            function = _flag(row)(function)
    function = click.option(
        "--include-system-env-vars",
        "has_process_env",
        cls=Switch,
        default=None,
        help="Pass the environment of this process on to k6ws.env; `run` does unless told otherwise.",
    )(function)
    return click.option(
        "-e", "--env", "variables", metavar="NAME=VALUE", multiple=True, help="For k6ws.env."
    )(function)


def global_flags(function: Function) -> Function:
    """Give a command that has a script the flags that may also stand before its name."""
    return click.option(
        "-c",
        "--config",
        envvar=variables("CONFIG"),
        is_eager=True,
        expose_value=False,
        callback=_read_config,
        **CONFIG_FLAG,
    )(log_flags(function))


def config_of(context: click.Context) -> ConfigFile:
    """The configuration file of this call."""
    return context.meta[_CONFIG]


def given(context: click.Context) -> dict[str, Any]:
    """The options that stand on the command line, defaults left out."""
    found: dict[str, Any] = {}
    for row in ROWS:
        if context.get_parameter_source(row.name) is ParameterSource.COMMANDLINE:
            value = context.params[row.name]
            if row.kind in _REPEATED:
                value = list(value) if row.kind is Kind.PAIRS else ",".join(value)
            found[row.name] = value
    return found


def pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """Names and values of a repeated flag.

    Raises:
        OptionsError: One is no NAME=VALUE.
    """
    found: dict[str, str] = {}
    for text in values:
        name, separator, value = text.partition("=")
        if not separator or not name.isidentifier() or not name.isascii():
            message = f"invalid {option} {text!r}: expected NAME=VALUE"
            raise OptionsError(message, "a name is letters, digits and _")
        found[name] = value
    return found


def _flag(row: Row) -> Callable[[Function], Function]:
    declarations = [*row.flags, row.name]
    if row.kind is Kind.SWITCH:
        return click.option(*declarations, cls=Switch, help=row.help, hidden=row.is_hidden)
    return click.option(
        *declarations,
        metavar=row.metavar,
        multiple=row.kind in _REPEATED,
        help=row.help,
        hidden=row.is_hidden,
    )


def _read_config(context: click.Context, _parameter: click.Parameter, path: str | None) -> None:
    """Read the file before any other flag is looked at: it holds defaults for some of them."""
    own = {parameter.name for parameter in context.command.params}
    accepted = {name for name, _ in SETTINGS if name in own}
    config = find_config(path, accepted)
    context.meta[_CONFIG] = config
    context.default_map = {**config.settings, **(context.default_map or {})}
