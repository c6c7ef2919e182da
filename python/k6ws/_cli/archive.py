"""``k6ws archive``: a script and all it needs in one file, to run it elsewhere."""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path
from typing import IO, Any

import click

from k6ws._cli.command import Switch, Valued
from k6ws._cli.flags import global_flags, options_of_the_test
from k6ws._cli.inspect import written
from k6ws._cli.logs import Logs
from k6ws._cli.prepare import STDIN, fill_environment, loaded, tiers
from k6ws._cli.terminal import Terminal
from k6ws._environment import env
from k6ws._options import parse
from k6ws._script import Touched, is_archive
from k6ws._script.archive import Archive, pack
from k6ws.errors import OptionsError

logger = logging.getLogger("k6ws")


@click.command(cls=Valued)
@click.argument("script", type=click.Path())
@click.option(
    "-O",
    "--archive-out",
    metavar="FILE",
    default="archive.tar",
    show_default=True,
    help="Where to write it; - is standard output.",
)
@click.option(
    "--include-env-vars",
    cls=Switch,
    help="Keep k6ws.env as well: -e, and with --include-system-env-vars the whole environment.",
)
@click.option(
    "--exclude-env-vars", cls=Switch, help="Keep no variables: the default here, unlike in k6."
)
@options_of_the_test
@global_flags
@click.pass_context
def archive(
    context: click.Context,
    *,
    script: str,
    archive_out: str,
    include_env_vars: bool,
    exclude_env_vars: bool,
    log_output: str,
    log_format: str,
    no_color: bool,
    quiet: bool,
    verbose: bool,
    **_options: Any,
) -> None:
    """Put a script into one file, with what it imports and opens while it is loaded, and with its options.

    Files must lie below the working directory, or below the folder of the script if that is elsewhere. Hidden
    files and installed packages stay out. `k6ws run archive.tar` runs it.
    """
    terminal = Terminal(quiet=quiet, no_color=no_color)
    logs = Logs(terminal, log_output, log_format, is_verbose=verbose)
    if include_env_vars and exclude_env_vars:
        raise click.UsageError("--include-env-vars and --exclude-env-vars contradict each other")
    if script == STDIN or is_archive(script):
        raise click.UsageError(f"{script!r} is no script file")
    fill_environment(context, has_process=False)
    path = Path(script).resolve()
    here = Path.cwd().resolve()
    base = here if path.is_relative_to(here) else path.parent
    with (
        contextlib.redirect_stdout(sys.stderr),
        Touched(base) as touched,
        loaded(script, logs) as found,
    ):
        given, remarks = tiers(context, found)
        options = parse(given)
        for scenario in options.scenarios():
            found.function(scenario["exec"])
        touched.look_at_modules()
    for remark in [*remarks, *options.warnings]:
        logger.warning("%s", remark)
    for left in touched.left_out():
        logger.warning("%s is not in the archive: it does not lie below %s", left, base)
    described = Archive(
        script=path.relative_to(base).as_posix(),
        options=written(options, is_shown=False),
        env=dict(env) if include_env_vars else {},
    )
    files = sorted({path, *touched.files()})
    with _opened(archive_out) as target:
        pack(target, described, base, files)
    if archive_out != "-" and not quiet:
        click.echo(f"{archive_out}: {len(files)} files, options and {len(described.env)} variables")


def _opened(path: str) -> contextlib.AbstractContextManager[IO[bytes]]:
    if path == "-":
        return contextlib.nullcontext(sys.stdout.buffer)
    try:
        return Path(path).open("wb")
    except OSError as error:
        message = f"cannot write --archive-out {path!r}: {error.strerror or error}"
        raise OptionsError(message) from None
