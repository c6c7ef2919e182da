"""Where a run is shown: the summary on standard output, everything else on standard error.

A stream that is closed, full or read by nobody costs its own text and nothing else: the run goes on, and
the exit code tells if the summary was lost.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TextIO, cast

from k6ws import _core, _ui
from k6ws._cli.github import harmless
from k6ws._run.guarded import Guarded
from k6ws._run.outlet import Outlet, is_color_refused, is_dumb, terminal_size

logger = logging.getLogger("k6ws")

# A file or a pipe has no edge to keep within.
_NO_EDGE = 1000


class Terminal:
    """Both streams of one run, and what they are like."""

    def __init__(self, *, quiet: bool, no_color: bool) -> None:
        self.quiet = quiet
        self.out = Outlet(cast("TextIO | None", sys.stdout))
        self.err = Outlet(cast("TextIO | None", sys.stderr))
        self.out_is_tty = self.out.isatty()
        self.err_is_tty = self.err.isatty() and not is_dumb()
        allowed = not (no_color or is_color_refused())
        self.out_color = self.out_is_tty and allowed
        self.err_color = self.err_is_tty and allowed
        self.progress_ms = _ui.TERMINAL_MS if self.err_is_tty else _ui.LINES_MS
        self._live: _ui.LiveDisplay | None = None
        # What we show is never a command of the workflow that runs us, whatever texts are in it.
        self._shown_out, self._shown_err = _Shown(self.out), _Shown(self.err)

    @property
    def width(self) -> int:
        """Columns of standard output; a file has no edge."""
        return terminal_size()[0] if self.out_is_tty else _NO_EDGE

    def say(self, text: str) -> None:
        """One message on standard error."""
        self._shown_err.write(f"{text}\n")
        self._shown_err.flush()

    def command(self, line: str) -> None:
        """A line for whoever runs this command, and acts on it."""
        self.err.write(f"{line}\n")
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
            width = terminal_size()[0] if self.err_is_tty else _NO_EDGE
            plan = _ui.render_plan(scenarios, segment=segment, max_vus=max_vus, width=width)
            self.say(f"{banner}\n{plan}")

    def display(
        self, progress: Callable[[], dict[str, Any]], *, shows_prints: bool = True
    ) -> _ui.Watched:
        """The live display of a run; ``progress`` gives its last state.

        Without ``shows_prints`` what the script prints goes elsewhere, and is left alone.
        """
        self._live = _ui.LiveDisplay(
            cast("TextIO", self._shown_err),
            size=terminal_size,
            is_tty=self.err_is_tty,
            color=self.err_color,
            quiet=self.quiet,
            redirect_stdout=shows_prints and self.out_is_tty and self.err_is_tty,
            redirect_stderr=self.err_is_tty,
        )
        return _ui.Watched(Guarded(self._live), progress, None if self.quiet else _tell)

    def summarise(self, data: Mapping[str, Any]) -> None:
        """Print the end-of-test summary."""
        self._shown_out.write(
            _ui.render_summary(data, width=self.width, color=self.out_color) + "\n"
        )
        self.out.flush()

    def conclude(
        self,
        data: Mapping[str, Any],
        *,
        exit_code: int,
        missing: str = "",
        report: str | None = None,
        on_err: bool = False,
    ) -> None:
        """Print the verdict, last of all; ``on_err`` where standard output is the script's.

        ``missing`` says what is not there, ``report`` is the page to open.
        """
        color = self.err_color if on_err else self.out_color
        verdict = _ui.render_verdict(
            data, color=color, exit_code=exit_code, missing=missing, report=report
        )
        if on_err:
            self.say(verdict)
            return
        self._shown_out.write(f"{verdict}\n")
        self.out.flush()

    def log_to_stdout(self, text: str, *, is_harmless: bool = False) -> None:
        """Write lines of a log to standard output; as they are, if they can do no harm."""
        for line in [text] if is_harmless else _harmless(text):
            # While progress is shown on the same terminal, this puts them above it.
            stream = sys.stdout if self.out_is_tty else self._shown_out
            stream.write(f"{line}\n")
        self.out.flush()

    def log(self, text: str, *, is_harmless: bool = False) -> None:
        """Write lines of a log above the progress; as they are, if they can do no harm."""
        for shown in [text] if is_harmless else _harmless(text):
            if self._live is not None:
                self._live.print_above(shown)
            else:
                self.say(shown)


class _Shown:
    """An outlet for what is to be read, and not to be acted on."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def write(self, text: str) -> int:
        self._outlet.write(harmless(text))
        return len(text)

    def flush(self) -> None:
        self._outlet.flush()

    def isatty(self) -> bool:
        return self._outlet.isatty()


def _tell(failure: str) -> None:
    """Say at once what goes wrong."""
    logger.error("%s", failure)


def _harmless(text: str) -> Iterator[str]:
    """Lines with nothing in them that could steer the terminal."""
    for line in _ui.without_escapes(text).splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        yield indent + _ui.printable(line)
