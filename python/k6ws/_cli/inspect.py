"""``k6ws inspect``: the options of a script as JSON, without running it."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from typing import Any

import click

from k6ws import _core
from k6ws._cli.command import Switch, Valued
from k6ws._cli.flags import global_flags, options_of_the_test
from k6ws._cli.logs import Logs
from k6ws._cli.prepare import fill_environment, loaded, tiers
from k6ws._cli.terminal import Terminal
from k6ws._options import as_json, parse
from k6ws._ui import format_go_duration

logger = logging.getLogger("k6ws")


@click.command(cls=Valued)
@click.argument("script", type=click.Path())
@click.option(
    "--execution-requirements",
    cls=Switch,
    help="The options of all tiers instead, with totalDuration and maxVUs.",
)
@options_of_the_test
@global_flags
@click.pass_context
def inspect(
    context: click.Context,
    *,
    script: str,
    execution_requirements: bool,
    log_output: str,
    log_format: str,
    no_color: bool,
    quiet: bool,
    verbose: bool,
    **_options: Any,
) -> None:
    """Print the options of a script as JSON, in k6's spelling.

    Only what the script says, unless --execution-requirements asks for all tiers. The environment of this
    process is not passed on to the script unless --include-system-env-vars is given.
    """
    terminal = Terminal(quiet=quiet, no_color=no_color)
    logs = Logs(terminal, log_output, log_format, is_verbose=verbose)
    fill_environment(context, has_process=False)
    # What the script prints must not end up in the JSON.
    with contextlib.redirect_stdout(sys.stderr), loaded(script, logs) as found:
        given, remarks = tiers(context, found)
        if not execution_requirements:
            given = [tier for tier in given if tier[0] == "script"]
        options = parse(given)
        scenarios = options.scenarios()
        for scenario in scenarios:
            found.function(scenario["exec"])
    if execution_requirements:
        for remark in [*remarks, *options.warnings]:
            logger.warning("%s", remark)
    values = written(options, is_shown=True)
    if execution_requirements:
        values |= requirements(options)
    click.echo(json.dumps(values, indent=2))


def written(options: _core.Options, *, is_shown: bool) -> dict[str, Any]:
    """The options that somebody gave, in k6's spelling; where they are shown, without secrets."""
    given = options.given(is_shown)
    return {camel: as_json(snake, value, source) for snake, camel, value, source in given}


def requirements(options: _core.Options) -> dict[str, Any]:
    """How long a test takes at most, and how many VUs: the numbers of the run description."""
    longest = max((one["max_duration_ms"] for one in options.scenarios()), default=0.0)
    return {
        "totalDuration": format_go_duration(longest),
        "maxVUs": options.max_vus,
    }
