"""Flags, made from the table of options: what stands on the command line becomes the highest tier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from k6ws._options import ROWS, SETTINGS, ConfigFile, Kind, Row, find_config
from k6ws.errors import OptionsError

Function = TypeVar("Function", bound=Callable[..., Any])

_CONFIG = "k6ws.config"
_CONFIG_FLAG: dict[str, Any] = {
    "metavar": "FILE",
    "help": "JSON file with options; otherwise k6ws/config.json of your configuration folder.",
}
_REPEATED = {Kind.WORDS, Kind.PAIRS, Kind.STAGES}
_YES = {"true", "1", "t", "yes"}
_NO = {"false", "0", "f", "no"}


class Switch(click.Option):
    """A flag that may also be said with its value, as in k6: ``--throw``, ``--throw=false``."""

    def __init__(self, declarations: list[str], **attributes: Any) -> None:
        declarations = [*declarations]
        long = next(i for i, one in enumerate(declarations) if one.startswith("--"))
        # Nobody types the second spelling: `Command.parse_args` puts it where `=false` stood.
        declarations[long] += "/" + off(declarations[long])
        super().__init__(declarations, is_flag=True, **attributes)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The line of the help, without the second spelling."""
        hidden, self.secondary_opts = self.secondary_opts, []
        try:
            return super().get_help_record(ctx)
        finally:
            self.secondary_opts = hidden


def off(flag: str) -> str:
    """What says that a switch is off."""
    return f"{flag}:false"


class Optional(click.Option):
    """A flag whose value may be left out; ``flag_value`` is what holds then."""


class Valued(click.Command):
    """A command whose switches take values."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `--flag=true`, which click refuses, and flags whose value may be missing."""
        optional = {
            flag: one.flag_value
            for one in self.params
            if isinstance(one, Optional)
            for flag in one.opts
        }
        switches = {flag for one in self.params if isinstance(one, Switch) for flag in one.opts}
        for index, word in enumerate(args):
            if word == "--":
                break
            flag, separator, value = word.partition("=")
            if word in optional:
                # Alone, it must not take the script for its value.
                args[index] = f"{word}={optional[word]}"
            if separator and flag in switches:
                if value.lower() not in _YES | _NO:
                    message = f"{flag}={value}: expected true or false"
                    raise click.UsageError(message, ctx)
                args[index] = flag if value.lower() in _YES else off(flag)
        return super().parse_args(ctx, args)


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
        **_CONFIG_FLAG,
    )(_log_flags(function))


def shared_flags(function: Function) -> Function:
    """Give the group those flags: what is said there is passed on, and read by the command."""
    return click.option("-c", "--config", **_CONFIG_FLAG)(_log_flags(function))


def _log_flags(function: Function) -> Function:
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
