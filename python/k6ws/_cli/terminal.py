"""Where a run is shown: the summary on standard output, everything else on standard error.

A stream that is closed, full or read by nobody costs its own text and nothing else: the run goes on, and
the exit code tells if the summary was lost.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TextIO, cast

from k6ws import _core, _ui
from k6ws._run.plain_text import say

_TTY_PROGRESS_MS = 200.0
_PLAIN_PROGRESS_MS = 1000.0
# A file or a pipe has no edge to keep within.
_NO_EDGE = 1000


_SHORTEST_S = 0.05


class Outlet:
    """A standard stream that may be missing and may fail: then it swallows what is written to it."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.failure: Exception | None = None

    def write(self, text: str) -> int:
        """Write, unless writing has failed before."""
        if self._stream is not None and self.failure is None:
            try:
                say(self._stream, text)
            except (OSError, ValueError) as error:
                self._fail(error)
        return len(text)

    def flush(self) -> None:
        """Pass on what is buffered."""
        if self._stream is not None and self.failure is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._fail(error)

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def _fail(self, error: Exception) -> None:
        self.failure = error
        if self._stream is not None and not self._stream.closed:
            # What is still buffered goes nowhere, so that Python does not complain at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


class Terminal:
    """Both streams of one run, and what they are like."""

    def __init__(self, *, quiet: bool, no_color: bool) -> None:
        self.quiet = quiet
        self.out = Outlet(cast("TextIO | None", sys.stdout))
        self.err = Outlet(cast("TextIO | None", sys.stderr))
        self.out_is_tty = self.out.isatty()
        self.err_is_tty = self.err.isatty() and os.environ.get("TERM") != "dumb"
        allowed = not no_color and os.environ.get("TERM") != "dumb"
        allowed = allowed and not os.environ.get("NO_COLOR")
        allowed = allowed and not any(map(_is_set, ("K6WS_NO_COLOR", "K6_NO_COLOR")))
        self.out_color = self.out_is_tty and allowed
        self.err_color = self.err_is_tty and allowed
        self.progress_ms = _TTY_PROGRESS_MS if self.err_is_tty else _PLAIN_PROGRESS_MS
        self._live: _ui.LiveDisplay | None = None

    @property
    def width(self) -> int:
        """Columns of standard output; a file has no edge."""
        return _width() if self.out_is_tty else _NO_EDGE

    def say(self, text: str) -> None:
        """One message on standard error."""
        self.err.write(f"{text}\n")
        self.err.flush()

    def introduce(
        self,
        script: str,
        scenarios: Sequence[_ui.ScenarioPlan],
        outputs: Sequence[str] = (),
        *,
        segment: float,
        max_vus: int,
    ) -> None:
        """Say what is going to happen."""
        if not self.quiet:
            version = _core.__version__
            banner = _ui.render_banner(
                version=version, script=script, outputs=outputs, color=self.err_color
            )
            width = _width() if self.err_is_tty else _NO_EDGE
            plan = _ui.render_plan(scenarios, segment=segment, max_vus=max_vus, width=width)
            self.say(f"{banner}\n{plan}")

    def display(
        self, progress: Callable[[], dict[str, Any]], *, shows_prints: bool = True
    ) -> Display:
        """The live display of a run; ``progress`` gives its last state.

        Without ``shows_prints`` what the script prints goes elsewhere, and is left alone.
        """
        self._live = _ui.LiveDisplay(
            cast("TextIO", self.err),
            width=_width,
            is_tty=self.err_is_tty,
            color=self.err_color,
            quiet=self.quiet,
            redirect_stdout=shows_prints and self.out_is_tty and self.err_is_tty,
            redirect_stderr=self.err_is_tty,
        )
        return Display(self._live, progress)

    def summarise(self, data: Mapping[str, Any]) -> None:
        """Print the end-of-test summary."""
        self.out.write(_ui.render_summary(data, width=self.width, color=self.out_color) + "\n")
        self.out.flush()

    def log_to_stdout(self, text: str, *, is_harmless: bool = False) -> None:
        """Write lines of a log to standard output; as they are, if they can do no harm."""
        for line in [text] if is_harmless else _harmless(text):
            # While progress is shown on the same terminal, this puts them above it.
            stream = sys.stdout if self.out_is_tty else self.out
            stream.write(f"{line}\n")
        self.out.flush()

    def log(self, text: str, *, is_harmless: bool = False) -> None:
        """Write lines of a log above the progress; as they are, if they can do no harm."""
        for shown in [text] if is_harmless else _harmless(text):
            if self._live is not None:
                self._live.print_above(shown)
            else:
                self.say(shown)


class Display:
    """Feeds the live display, adding the rates that two snapshots make."""

    def __init__(self, live: _ui.LiveDisplay, progress: Callable[[], dict[str, Any]]) -> None:
        self._live = live
        self._progress = progress
        self._before = (0.0, 0.0, 0.0)
        self._rates = (0.0, 0.0)

    def __enter__(self) -> Callable[[dict[str, Any]], None]:
        """Take the bottom of the terminal."""
        self._live.__enter__()
        return self._update

    def __exit__(self, *error: Any) -> None:  # noqa: PYI036 - passed on as it came
        """Leave the last state there."""
        self._update(self._progress())
        self._live.__exit__(*error)

    def _update(self, progress: dict[str, Any]) -> None:
        live = progress["live"]
        now = (progress["elapsed_ms"], live["received"], live["sent"])
        seconds = (now[0] - self._before[0]) / 1000.0
        # The last state follows at once: a rate over so little time would be a lottery.
        if seconds >= _SHORTEST_S:
            self._rates = (
                (now[1] - self._before[1]) / seconds,
                (now[2] - self._before[2]) / seconds,
            )
            self._before = now
        live["received_rate"], live["sent_rate"] = self._rates
        self._live.update(progress)  # pyright: ignore[reportArgumentType]


def _is_set(variable: str) -> bool:
    """Whether a variable says yes: anything but nothing, `0` and `false`."""
    return os.environ.get(variable, "").lower() not in {"", "0", "false"}


def _harmless(text: str) -> Iterator[str]:
    """Lines with nothing in them that could steer the terminal."""
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        yield indent + _ui.printable(line)


def _width() -> int:
    import shutil  # noqa: PLC0415 - files have no width

    return shutil.get_terminal_size((120, 24)).columns
