"""What is made of a run that is over: the text, and the files that were asked for."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from k6ws._cli import github
from k6ws._cli.terminal import Terminal
from k6ws._page import page_text, with_data
from k6ws._result import Result
from k6ws._run import exit_codes, summary
from k6ws._run.plain_text import ERRORS
from k6ws._run.runner import Runner
from k6ws.errors import OptionsError

logger = logging.getLogger("k6ws")


@dataclass
class Reports:
    """The reports of one run."""

    mode: str
    script: Path | None = None
    """The script, if that is a file."""
    _files: dict[str, IO[str]] = field(default_factory=dict[str, IO[str]])
    _page: str = ""

    @classmethod
    def opened(
        cls, mode: str, export: str | None, junit: str | None, report: str | None, script: str
    ) -> Reports:
        """Open the files before anything runs: a run whose result cannot be kept is not worth starting.

        Raises:
            OptionsError: One of them cannot be written.
        """
        if mode == "disabled":
            return cls(mode)
        file = Path(script) if Path(script).is_file() else None
        page = "" if report is None else page_text("--report")
        asked = {"--summary-export": export, "--junit": junit, "--report": report}
        return cls(mode, file, open_reports(asked), page)

    @property
    def has_page(self) -> bool:
        """Whether one of them is the page, for which a run has to be kept."""
        return bool(self._page)

    def write(self, runner: Runner, terminal: Terminal, exit_code: int | None = None) -> int:
        """Write them all, and the verdict last.

        ``exit_code`` is what the process ends with, where that is not the run's own. Returns it; a report
        that could not be written is an error where nothing else is.
        """
        if self.mode == "disabled":
            return runner.exit_code if exit_code is None else exit_code
        # The files first: whatever becomes of the terminal, they are there.
        files_lost = self._files_lost(runner)
        lost: list[str] = []
        try:
            if runner.summary is None:
                terminal.summarise(runner.result().to_dict())
            elif not summary.write(runner.summary, terminal.out):
                lost.append("what handle_summary() returned")
        except OSError as error:
            lost.append(_because("the summary", error))
        # A reader that left early has seen what it wanted; a full disk has not kept what was asked for.
        failure = terminal.out.failure
        if failure is not None and not isinstance(failure, BrokenPipeError):
            lost.append(_because("the summary", failure))
        if lost:
            # The files say how the run ended.
            runner.summary_lost()
            files_lost = self._files_lost(runner)
        lost += files_lost
        for file in self._files.values():
            with contextlib.suppress(OSError):
                file.close()
        github.tell(runner.result(), self.script, terminal.say)
        if lost:
            terminal.say(f"k6ws: could not be written: {', '.join(lost)}")
        code = runner.exit_code if exit_code is None else exit_code
        code = code or (exit_codes.GENERIC if lost else exit_codes.OK)
        is_taken = "stdout" in (runner.summary or {})
        data = runner.result().to_dict()
        missing = f"not written: {', '.join(lost)}" if lost else ""
        page = self._files.get("--report")
        terminal.conclude(
            data,
            exit_code=code,
            missing=missing,
            report=None if page is None else page.name,
            on_err=is_taken,
        )
        return code

    def _files_lost(self, runner: Runner) -> list[str]:
        """Write the files, over what was written before; which of them could not be written, and why."""
        result = runner.result()
        texts = {
            "--summary-export": lambda: exported(result),
            "--junit": lambda: junit_of(result),
            "--report": lambda: with_data(self._page, runner.page()),
        }
        lost: list[str] = []
        for flag, file in self._files.items():
            try:
                # A device has no beginning to go back to.
                if file.seekable() and file.tell():
                    file.seek(0)
                    file.truncate()
                file.write(texts[flag]())
                file.flush()
            except OSError as error:
                lost.append(_because(flag, error))
        return lost


def exported(result: Result) -> str:
    """The document of ``--summary-export``."""
    return json.dumps(result.to_dict(), indent=2)


def junit_of(result: Result) -> str:
    """The document of ``--junit``."""
    from k6ws._ui.junit import render_junit  # noqa: PLC0415 - loads XML, which few runs write

    return render_junit(result.to_dict())


def _because(what: str, error: Exception) -> str:
    return f"{what} ({getattr(error, 'strerror', None) or error})"


def open_reports(asked: Mapping[str, str | None]) -> dict[str, IO[str]]:
    """Make the files of flags anew, each by its flag; of those that name one.

    Raises:
        OptionsError: One of them cannot be written, or two would be one file.
    """
    named = {flag: path for flag, path in asked.items() if path is not None}
    if named.get("--report") == "-":
        message = "invalid value for --report: a page goes to a file"
        raise OptionsError(message, "for example --report run.html")
    by_file: dict[str, str] = {}
    for flag, path in named.items():
        other = by_file.setdefault(os.path.realpath(path), flag)
        # A device takes what comes, from whom ever.
        if other != flag and (not Path(path).exists() or Path(path).is_file()):
            message = f"{other} and {flag} name one file, {path!r}: one would be lost"
            raise OptionsError(message, "give each a name of its own")
    return {flag: open_report(path, flag) for flag, path in named.items()}


def open_report(path: str, flag: str) -> IO[str]:
    """Make the file of a flag anew.

    Raises:
        OptionsError: It cannot be written.
    """
    try:
        return open(path, "w", encoding="utf-8", errors=ERRORS)  # noqa: PTH123 - closed by who writes
    except OSError as error:
        message = f"cannot write {flag} {path!r}: {error.strerror}"
        raise OptionsError(message) from None
