"""``k6ws run``: load, check, run, report, exit."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import IO, Any

import click
from click.core import ParameterSource

from k6ws import _core, _ui
from k6ws._environment import env
from k6ws._run import Runner, exit_codes
from k6ws._script import ScriptError, from_file
from k6ws.errors import K6Error, OptionsError

_TTY_PROGRESS_MS = 200.0
_PLAIN_PROGRESS_MS = 1000.0
_NO_EDGE = 1000
# Options whose values go to the core as they are, under these names.
_FORWARDED = ("vus", "duration", "iterations", "tags")


@click.command()
@click.argument("script", type=click.Path())
@click.option("-u", "--vus", metavar="N", help="Virtual users.")
@click.option("-d", "--duration", metavar="TIME", help="How long to run, e.g. 30s or 1m30s.")
@click.option("-i", "--iterations", metavar="N", help="Iterations, shared among the VUs.")
@click.option("-e", "--env", "variables", metavar="NAME=VALUE", multiple=True, help="For k6ws.env.")
@click.option("--tag", "tags", metavar="NAME=VALUE", multiple=True, help="Tag for every sample.")
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

    Exit codes are k6's: 0 done, 104 wrong options, 105 stopped by a signal, 107 the script failed to load.
    """
    terminal = _Terminal(quiet=quiet, no_color=no_color)
    with terminal.errors():
        env.given.update(_pairs(variables, "-e"))
        export = _open_export(summary_export)
        loaded = from_file(script)
        runner = Runner(loaded, _given(context))
        terminal.introduce(script, runner)
        with terminal.display(runner) as display, _Signals(runner):
            runner.run(display, terminal.progress_ms)
        result = runner.result(
            no_color=not terminal.out_color,
            stdout_is_tty=terminal.out_is_tty,
            stderr_is_tty=terminal.err_is_tty,
        )
        terminal.summarise(result.to_dict())
        if export is not None:
            with export:
                json.dump(result.to_dict(), export, indent=2)
    terminal.leave(runner.exit_code)


class _Terminal:
    """Where a run is shown: the summary on standard output, all else on standard error."""

    def __init__(self, *, quiet: bool, no_color: bool) -> None:
        self.quiet = quiet
        self.out_is_tty = sys.stdout.isatty()
        self.err_is_tty = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        allowed = not no_color and not os.environ.get("NO_COLOR")
        self.out_color = self.out_is_tty and allowed
        self.err_color = self.err_is_tty and allowed
        self.progress_ms = _TTY_PROGRESS_MS if self.err_is_tty else _PLAIN_PROGRESS_MS
        self._live: _ui.LiveDisplay | None = None

    def introduce(self, script: str, runner: Runner) -> None:
        """Say what is going to happen, and which options deserve a remark."""
        for warning in runner.options.warnings:
            sys.stderr.write(f"warning: {warning}\n")
        if self.quiet:
            return
        banner = _ui.render_banner(version=_core.__version__, script=script, color=self.err_color)
        sys.stderr.write(f"{banner}\n{_ui.render_plan(runner.scenarios)}\n")
        sys.stderr.flush()

    def display(self, runner: Runner) -> _Display:
        """The live display of a run."""
        self._live = _ui.LiveDisplay(
            sys.stderr,
            width=_width,
            is_tty=self.err_is_tty,
            color=self.err_color,
            quiet=self.quiet,
            redirect_stdout=self.out_is_tty and self.err_is_tty,
            redirect_stderr=self.err_is_tty,
        )
        return _Display(self._live, runner)

    def summarise(self, data: Mapping[str, Any]) -> None:
        """Print the end-of-test summary."""
        # A file or a pipe has no edge to keep within.
        width = _width() if self.out_is_tty else _NO_EDGE
        text = _ui.render_summary(data, width=width, color=self.out_color)
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Nobody reads: the exit code still tells, and Python must not complain at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def errors(self) -> _Errors:
        """Turns what may go wrong before and after a run into one message and an exit code."""
        logger = logging.getLogger("k6ws")
        logger.addHandler(_LogHandler(self))
        logger.propagate = False
        return _Errors()

    def log(self, text: str) -> None:
        """Write lines of a log above the progress, with nothing in them that could steer the terminal."""
        for line in text.splitlines():
            indent = " " * (len(line) - len(line.lstrip()))
            shown = indent + _ui.printable(line)
            if self._live is not None:
                self._live.print_above(shown)
            else:
                sys.stderr.write(f"{shown}\n")

    def leave(self, exit_code: int) -> None:
        """End the process."""
        sys.exit(exit_code)


class _LogHandler(logging.Handler):
    """Shows log records on the terminal of the run."""

    def __init__(self, terminal: _Terminal) -> None:
        super().__init__()
        self._terminal = terminal
        self.setFormatter(logging.Formatter("%(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._terminal.log(self.format(record))


class _Errors:
    def __enter__(self) -> None:
        """Nothing to prepare: what matters is how the block is left."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, K6Error):
            hint = f"\nhint: {error.hint}" if error.hint else ""
            click.echo(f"k6ws: {error}{hint}", err=True)
            is_config = isinstance(error, OptionsError)
            is_script = isinstance(error, ScriptError)
            code = exit_codes.GENERIC
            if is_config:
                code = exit_codes.INVALID_CONFIG
            elif is_script:
                code = exit_codes.SCRIPT_EXCEPTION
            sys.exit(code)


class _Display:
    """Feeds the live display, adding the rates that two snapshots make."""

    def __init__(self, live: _ui.LiveDisplay, runner: Runner) -> None:
        self._live = live
        self._runner = runner
        self._before: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __enter__(self) -> Callable[[dict[str, Any]], None]:
        self._live.__enter__()
        return self._update

    def __exit__(self, *error: Any) -> None:  # noqa: PYI036 - passed on as it came
        self._update(self._runner.core.progress())
        self._live.__exit__(*error)

    def _update(self, progress: dict[str, Any]) -> None:
        live = progress["live"]
        now = (progress["elapsed_ms"], live["received"], live["sent"])
        seconds = max((now[0] - self._before[0]) / 1000.0, 1e-3)
        live["received_rate"] = (now[1] - self._before[1]) / seconds
        live["sent_rate"] = (now[2] - self._before[2]) / seconds
        self._before = now
        self._live.update(progress)  # pyright: ignore[reportArgumentType]


class _Signals:
    """The first SIGINT, SIGTERM or SIGHUP ends the run with its summary; the second ends the process."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._previous: dict[signal.Signals, Any] = {}
        self._is_second = False

    def __enter__(self) -> None:
        for number in self._SIGNALS:
            self._previous[number] = signal.signal(number, self._received)

    def __exit__(self, *_: object) -> None:
        for number, previous in self._previous.items():
            signal.signal(number, previous)

    def _received(self, number: int, _frame: FrameType | None) -> None:
        if self._is_second:
            os._exit(exit_codes.EXTERNAL_ABORT)
        self._is_second = True
        name = signal.Signals(number).name
        logging.getLogger("k6ws").warning(
            "%s: stopping the run; once more ends it without a summary", name
        )
        self._runner.stop(exit_codes.EXTERNAL_ABORT)


def _given(context: click.Context) -> dict[str, Any]:
    """The options that stand on the command line, defaults left out."""
    return {
        name: list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType]
        for name, value in context.params.items()
        if name in _FORWARDED and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }


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


def _width() -> int:
    return shutil.get_terminal_size((120, 24)).columns
