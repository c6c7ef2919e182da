"""How commands end when something is wrong: one message, one exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, cast

import click

from k6ws._cli.command import Valued
from k6ws._run import exit_codes
from k6ws._run.plain_text import be_tolerant
from k6ws.errors import CannotListen, K6Error, OptionsError, TestAborted

_THREADS_S = 5.0
OWN_PROCESS = object()
"""The ``obj`` of a context whose process is the command's alone, and ends with it."""


class RestError(CannotListen):
    """The REST API cannot be served: exit code 106."""


def exit_code(error: K6Error) -> int:
    """The code for an error that ends a command."""
    from k6ws._script import ScriptError, ScriptUnreadableError  # noqa: PLC0415 - the help has no script

    if isinstance(error, OptionsError):
        return exit_codes.INVALID_CONFIG
    if isinstance(error, CannotListen):
        return exit_codes.NO_REST_API
    if isinstance(error, TestAborted):
        return exit_codes.SCRIPT_ABORTED
    if isinstance(error, ScriptError) and not isinstance(error, ScriptUnreadableError):
        return exit_codes.SCRIPT_EXCEPTION
    return exit_codes.GENERIC


def message(error: K6Error) -> str:
    """What is said about it."""
    hint = f"\nhint: {error.hint}" if error.hint else ""
    return f"k6ws: {error}{hint}"


def wait_for_threads(code: int, say: Callable[[str], object]) -> None:
    """Give threads that a script left behind some time; then end the process, and them with it.

    Python itself would wait for them for ever.
    """
    deadline = time.monotonic() + _THREADS_S
    mine = threading.current_thread()
    left = [one for one in threading.enumerate() if not one.daemon and one is not mine]
    for one in left:
        one.join(max(deadline - time.monotonic(), 0.0))
    left = [one.name for one in left if one.is_alive()]
    if left:
        say(f"k6ws: threads that the script started still run: {', '.join(left)}")
        import logging  # noqa: PLC0415 - the help has no log

        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


class Later(NamedTuple):
    """A command that is loaded when it is called: most calls of ``k6ws`` are one command, or the help."""

    module: str
    """Where it is, under its own name."""
    help: str
    """The first paragraph of its help."""


class Group(Valued, click.Group):
    """Commands with k6's exit codes: 255 for a command line that is wrong."""

    def __init__(self, *args: Any, later: Mapping[str, Later], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._later = later

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands."""
        return sorted(self._later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """Load a command."""
        one = self._later.get(cmd_name)
        return None if one is None else getattr(import_module(one.module), cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or the one that was meant."""
        if args and args[0] not in self._later and not args[0].startswith("-"):
            import difflib  # noqa: PLC0415 - only for who errs

            near = difflib.get_close_matches(args[0], self._later, 1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {args[0]!r}.{guess}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with the whole first paragraph of its help: click cuts long ones."""
        rows = [(name, self._later[name].help) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run a command and end the process."""
        extra["standalone_mode"] = False
        for stream in (sys.stdout, sys.stderr):
            be_tolerant(stream)
        try:
            code = cast("int | None", super().main(args, **extra)) or exit_codes.OK
        except click.ClickException as error:
            error.show()
            code = exit_codes.GENERIC
        except (click.Abort, KeyboardInterrupt):
            code = exit_codes.EXTERNAL_ABORT
        except K6Error as error:
            click.echo(message(error), err=True)
            code = exit_code(error)
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            # Whoever read our output has seen enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = exit_codes.OK
        sys.exit(code)
