"""Where log lines go and how they look: `--log-output`, `--log-format`, `--verbose`.

Lines of k6ws itself always come this way. Those of the script do unless it sets up `logging` on its own;
then its handlers stay as they are, but what they write to the terminal is kept above the progress.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import IO, TypeAlias, cast

import click

from k6ws._cli.terminal import Terminal
from k6ws._run.plain_text import ERRORS
from k6ws.errors import OptionsError

Write: TypeAlias = Callable[[str], None]

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class Logs:
    """The logging of one command.

    Args:
        terminal: For `stderr` and `stdout`.
        output: `stderr`, `stdout`, `none`, or `file=PATH` with an optional `,level=LEVEL`.
        form: `text`, `json` or `raw`.
        is_verbose: Whether debug lines are written too.

    Raises:
        click.UsageError: A value is none of these.
        OptionsError: The file cannot be written.
    """

    def __init__(self, terminal: Terminal, output: str, form: str, *, is_verbose: bool) -> None:
        formatter = _FORMATTERS.get(form)
        if formatter is None:
            message = f"--log-format {form!r}: expected one of {', '.join(_FORMATTERS)}"
            raise click.UsageError(message)
        kind, _, rest = output.partition("=")
        file, level = _file_and_level(output, rest) if kind == "file" else (None, logging.NOTSET)
        self.path = "" if file is None else str(file.name)
        """The file that it goes to, if it goes to one."""
        # JSON escapes whatever could steer a terminal.
        is_harmless = form == "json"
        writers: dict[str, Write] = {
            "stderr": functools.partial(terminal.log, is_harmless=is_harmless),
            "stdout": functools.partial(terminal.log_to_stdout, is_harmless=is_harmless),
            "none": lambda _: None,
        }
        write = _to_file(file, terminal) if file is not None else writers.get(output)
        if write is None:
            message = f"--log-output {output!r}: expected stderr, stdout, none or file=PATH"
            raise click.UsageError(message)
        handler = _Handler(write)
        handler.setFormatter(formatter())
        handler.setLevel(level)
        self._handler = handler
        ours = logging.getLogger("k6ws")
        ours.handlers[:] = [handler]
        ours.propagate = False
        ours.setLevel(logging.DEBUG if is_verbose else logging.INFO)
        # The last resort is what Python asks when a program has set up nothing: `logging.basicConfig` in a
        # script still works as it always does.
        logging.lastResort = handler
        if is_verbose:
            logging.getLogger().setLevel(logging.DEBUG)
            # It tells of every selector that asyncio makes.
            logging.getLogger("asyncio").setLevel(logging.INFO)
        self._terminal = terminal
        self._level = ours.level

    def expect(self, script: str) -> None:
        """Take note of what the module of the script is called; call before it is run."""
        # Scripts log with `logging.getLogger(__name__)`; that they inform is why they do.
        logging.getLogger(script).setLevel(self._level)
        formatter = self._handler.formatter
        if isinstance(formatter, _Json):
            formatter.script = script

    def adopt_handlers(self) -> None:
        """Keep what the handlers of the script write above the progress; call when it is loaded."""
        root = logging.getLogger()
        if not root.handlers:
            # `logging.warning(…)` in a VU would set up a handler of Python's own.
            root.addHandler(self._handler)
        if not self._terminal.err_is_tty:
            return
        streams = {id(sys.stdout): "stdout", id(sys.stderr): "stderr"}
        for handler in _stream_handlers():
            name = streams.get(id(handler.stream))
            if name is not None:
                handler.setStream(cast("IO[str]", _Current(name)))


class _Handler(logging.Handler):
    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(self.format(record))
        except Exception:  # noqa: BLE001 - as every handler of `logging` does
            self.handleError(record)


class _Current:
    """A stream by its name: the progress display puts another in its place while it is shown."""

    def __init__(self, name: str) -> None:
        self._name = name

    def write(self, text: str) -> int:
        return self._stream().write(text)

    def flush(self) -> None:
        self._stream().flush()

    def _stream(self) -> IO[str]:
        return getattr(sys, self._name)


class _Json(logging.Formatter):
    """One JSON object for each line, with k6's keys."""

    script = ""

    def format(self, record: logging.LogRecord) -> str:
        time = dt.datetime.fromtimestamp(record.created, dt.UTC)
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        return json.dumps(
            {
                "level": record.levelname.lower(),
                "msg": text,
                # k6's word for what a script says.
                "source": "console" if record.name == self.script else record.name,
                "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
        )


_FORMATTERS: dict[str, Callable[[], logging.Formatter]] = {
    "text": lambda: logging.Formatter("%(levelname)s %(message)s"),
    "json": _Json,
    "raw": lambda: logging.Formatter("%(message)s"),
}


def _file_and_level(output: str, rest: str) -> tuple[IO[str], int]:
    path, _, tail = rest.partition(",level=")
    level = _LEVELS.get(tail or "debug")
    if not path or level is None:
        message = f"--log-output {output!r}: expected file=PATH or file=PATH,level=LEVEL"
        hint = f"levels are {', '.join(_LEVELS)}"
        raise OptionsError(message, hint)
    return open_for_appending(path, "--log-output"), level


def open_for_appending(path: str, flag: str) -> IO[str]:
    """Open a file whose lines are there as soon as they are written.

    Raises:
        OptionsError: It cannot be written.
    """
    try:
        return open(path, "a", buffering=1, encoding="utf-8", errors=ERRORS)  # noqa: PTH123 - as long as the process
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        message = f"cannot write {flag} {path!r}: {reason or error}"
        raise OptionsError(message) from None


def _to_file(file: IO[str], terminal: Terminal) -> Write:
    is_lost = False

    def write(text: str) -> None:
        nonlocal is_lost
        try:
            file.write(f"{text}\n")
        except OSError as error:
            if not is_lost:
                is_lost = True
                terminal.log(f"ERROR log lines are lost: {error.strerror or error}")

    return write


def _stream_handlers() -> Iterator[logging.StreamHandler[IO[str]]]:
    root = logging.getLogger()
    loggers = [root, *root.manager.loggerDict.values()]
    for logger in loggers:
        if isinstance(logger, logging.Logger):
            for handler in logger.handlers:
                if isinstance(handler, logging.StreamHandler):
                    yield handler  # pyright: ignore[reportUnknownVariableType]
