"""Commands as k6 has them: switches take values, and a value may be left out."""

from __future__ import annotations

from typing import Any

import click

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
