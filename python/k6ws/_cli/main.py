"""The commands of ``k6ws``."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from k6ws._cli.exits import OWN_PROCESS, Group, Later
from k6ws._cli.shared_flags import shared_flags

COMMANDS = {
    "archive": Later(
        "k6ws._cli.archive",
        "Put a script into one file, with what it imports and opens while it is loaded, and with its "
        "options.",
    ),
    "completion": Later("k6ws._cli.version", "Print what makes SHELL complete the words of k6ws."),
    "doctor": Later(
        "k6ws._cli.doctor",
        "Say whether this machine can hold a number of connections, and what to do if not.",
    ),
    "echo": Later("k6ws._cli.echo", "Serve an echo until Ctrl-C, for trying scripts out."),
    "inspect": Later(
        "k6ws._cli.inspect", "Print the options of a script as JSON, in k6's spelling."
    ),
    "new": Later("k6ws._cli.new", "Write a script that runs as it is: FILE, or script.py."),
    "report": Later(
        "k6ws._cli.report",
        "Tell a run again, from the files of `k6ws run -o snapshots=FILE.k6ws`.",
    ),
    "run": Later(
        "k6ws._cli.run",
        "Run a load test script: a file, an archive of `k6ws archive`, or - for standard input.",
    ),
    "version": Later("k6ws._cli.version", "Print the version."),
}


def _show_version(context: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked and not context.resilient_parsing:
        from k6ws._cli.version import described  # noqa: PLC0415 - as the commands

        click.echo(described())
        context.exit()


@click.group(
    cls=Group,
    later=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
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
