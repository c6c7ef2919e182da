"""The commands of ``k6ws``."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from k6ws._cli.archive import archive
from k6ws._cli.doctor import doctor
from k6ws._cli.echo import echo
from k6ws._cli.exits import OWN_PROCESS, Group
from k6ws._cli.flags import shared_flags
from k6ws._cli.inspect import inspect
from k6ws._cli.new import new
from k6ws._cli.run import run
from k6ws._cli.version import completion, described, version


@click.group(
    cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(message=described())
@shared_flags
@click.pass_context
def main(context: click.Context, **flags: Any) -> None:
    """Load-test WebSocket and TCP services with Python scripts, the k6 way."""
    # Said before the command or after it, they mean the same; after it wins.
    said = {
        name: value
        for name, value in flags.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    context.default_map = dict.fromkeys(("run", "inspect", "archive"), said)


def entry() -> None:
    """Run the command line as a process of its own, which ends with it."""
    main(prog_name="k6ws", obj=OWN_PROCESS)


for command in (run, new, inspect, archive, echo, doctor, version, completion):
    main.add_command(command)
