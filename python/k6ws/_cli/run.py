"""``k6ws run``: load, check, run, report, exit."""

from __future__ import annotations

import json
import os
import sys
import warnings
from typing import IO, Any

import click
from click.core import ParameterSource

from k6ws import _core
from k6ws._cli.signals import Signals
from k6ws._cli.terminal import Terminal
from k6ws._environment import env
from k6ws._run import Runner, exit_codes
from k6ws._script import ScriptError, from_file
from k6ws.errors import K6Error, OptionsError

# Options whose values go to the core as they are, under these names.
_FORWARDED = (
    "vus",
    "duration",
    "iterations",
    "tags",
    "no_setup",
    "no_teardown",
    "blacklist_ips",
    "block_hostnames",
    "out",
)


@click.command()
@click.argument("script", type=click.Path())
@click.option("-u", "--vus", metavar="N", help="Virtual users.")
@click.option("-d", "--duration", metavar="TIME", help="How long to run, e.g. 30s or 1m30s.")
@click.option("-i", "--iterations", metavar="N", help="Iterations, shared among the VUs.")
@click.option("-e", "--env", "variables", metavar="NAME=VALUE", multiple=True, help="For k6ws.env.")
@click.option("--tag", "tags", metavar="NAME=VALUE", multiple=True, help="Tag for every sample.")
@click.option("--no-setup", is_flag=True, help="Leave setup() out.")
@click.option("--no-teardown", is_flag=True, help="Leave teardown() out.")
@click.option(
    "--blacklist-ip", "blacklist_ips", metavar="CIDR", multiple=True, help="Never connect there."
)
@click.option(
    "--block-hostnames",
    "block_hostnames",
    metavar="PATTERN",
    multiple=True,
    help="Never connect to such names: example.com, *.example.com.",
)
@click.option(
    "-o",
    "--out",
    metavar="TYPE[=WHERE]",
    multiple=True,
    help="Write every sample: json=FILE, csv=FILE; a name ending in .gz is compressed, - is stdout.",
)
@click.option("-q", "--quiet", is_flag=True, help="No banner and no progress; the summary stays.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("--summary-export", metavar="FILE", help="Write the summary as JSON.")
@click.pass_context
def run(  # noqa: PLR0917 - click passes them by name
    context: click.Context,
    script: str,
    variables: tuple[str, ...],
    quiet: bool,
    no_color: bool,
    summary_export: str | None,
    **_options: Any,
) -> None:
    """Run a load test script.

    Exit codes are k6's: 0 done, 100 and 101 setup or teardown took too long, 104 wrong options, 105 stopped
    by a signal, 107 the script failed to load or its setup or teardown raised, 109 a handler could not be
    stopped, 255 anything else, such as samples that an output lost.
    """
    terminal = Terminal(quiet=quiet, no_color=no_color)
    # What a script does in an old way is told to who runs it.
    warnings.filterwarnings("default", category=DeprecationWarning, module="k6ws_script")
    try:
        with Signals() as signals:
            env.given.update(_pairs(variables, "-e"))
            export = _open_export(summary_export)
            given = _given(context)
            given.setdefault("out", _outputs_of_environment())
            runner = Runner(from_file(script), given)
            signals.protect(runner)
            code = _carry_out(runner, script, terminal, export)
    except K6Error as error:
        hint = f"\nhint: {error.hint}" if error.hint else ""
        terminal.say(f"k6ws: {error}{hint}")
        code = _exit_code(error)
    sys.exit(code)


def _carry_out(runner: Runner, script: str, terminal: Terminal, export: IO[str] | None) -> int:
    """Run and report; returns the exit code."""

    def report() -> None:
        result = runner.result(
            no_color=not terminal.out_color,
            stdout_is_tty=terminal.out_is_tty,
            stderr_is_tty=terminal.err_is_tty,
        )
        terminal.summarise(result.to_dict())
        if export is not None:
            with export:
                json.dump(result.to_dict(), export, indent=2)

    def stuck(place: str) -> None:
        terminal.say(f"k6ws: a handler cannot be stopped; the run ends without it.\n{place}")
        try:
            report()
        finally:
            os._exit(exit_codes.STUCK)

    outputs = runner.outputs.descriptions
    terminal.introduce(script, runner.scenarios, runner.options.warnings, outputs)
    runner.on_stuck = stuck
    with terminal.display(runner.core.progress) as display:
        runner.run(display, terminal.progress_ms)
    lost: OSError | None = None
    try:
        report()
        # A reader that left early has seen what it wanted; a full disk has not kept what was asked for.
        if not isinstance(terminal.out.failure, BrokenPipeError):
            lost = terminal.out.failure
    except OSError as error:
        lost = error
    if lost is not None:
        terminal.say(f"k6ws: the summary could not be written: {lost.strerror or lost}")
        return runner.exit_code or exit_codes.GENERIC
    return runner.exit_code


def _exit_code(error: K6Error) -> int:
    if isinstance(error, OptionsError):
        return exit_codes.INVALID_CONFIG
    if isinstance(error, ScriptError):
        return exit_codes.SCRIPT_EXCEPTION
    return exit_codes.GENERIC


def _given(context: click.Context) -> dict[str, Any]:
    """The options that stand on the command line, defaults left out."""
    return {
        name: list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in context.params.items()
        if name in _FORWARDED and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }


def _outputs_of_environment() -> list[str]:
    variables = ("K6WS_OUT", "K6_OUT")
    text = next((value for name in variables if (value := os.environ.get(name))), "")
    return _core.split_outputs(text)


def _pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in values:
        name, separator, value = text.partition("=")
        if not separator or not name.isidentifier() or not name.isascii():
            message = f"invalid {option} {text!r}: expected NAME=VALUE"
            raise OptionsError(message, "a name is letters, digits and _")
        pairs[name] = value
    return pairs


def _open_export(path: str | None) -> IO[str] | None:
    """Open the export before anything runs: a run whose result cannot be kept is not worth starting."""
    if path is None:
        return None
    try:
        return open(path, "w", encoding="utf-8")  # noqa: PTH123 - closed by the caller
    except OSError as error:
        message = f"cannot write --summary-export {path!r}: {error.strerror}"
        raise OptionsError(message) from None
