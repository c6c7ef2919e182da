"""The commands of ``k6ws``."""

from __future__ import annotations

import click

from k6ws import _core
from k6ws._cli.echo import echo
from k6ws._cli.run import run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_core.__version__, prog_name="k6ws")
def main() -> None:
    """Load-test WebSocket and TCP services with Python scripts, the k6 way."""


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"k6ws {_core.__version__}")


main.add_command(run)
main.add_command(echo)
main.add_command(version)
