"""``k6ws version`` and ``k6ws completion``: what is installed, and how the shell learns its words."""

from __future__ import annotations

import json
import platform

import click
from click.shell_completion import get_completion_class

from k6ws import _core
from k6ws.errors import K6Error

_SHELLS = ("bash", "zsh", "fish")


def described() -> str:
    """The version, and what it runs on."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"k6ws {_core.__version__} ({python}, {platform.system().lower()}/{platform.machine()})"


@click.command()
@click.option("--json", "is_json", is_flag=True, help="As a JSON object.")
def version(*, is_json: bool) -> None:
    """Print the version."""
    if not is_json:
        click.echo(described())
        return
    facts = {
        "version": _core.__version__,
        "python_version": platform.python_version(),
        "python_implementation": platform.python_implementation(),
        "os": platform.system().lower(),
        "arch": platform.machine(),
    }
    click.echo(json.dumps(facts))


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete the words of k6ws.

    \b
    bash: eval "$(k6ws completion bash)"     in ~/.bashrc
    zsh:  eval "$(k6ws completion zsh)"      in ~/.zshrc
    fish: k6ws completion fish > ~/.config/fish/completions/k6ws.fish
    """  # noqa: D301 - the character, which tells click to leave the lines alone
    kind = get_completion_class(shell)
    if kind is None:
        raise K6Error(f"click has no completion for {shell}", "update click")
    root = context.find_root().command
    click.echo(kind(root, {}, "k6ws", "_K6WS_COMPLETE").source())
