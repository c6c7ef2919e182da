"""What is made of a run that is over: the text, and the files that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from k6ws._cli import github
from k6ws._cli.terminal import Terminal
from k6ws._run import summary
from k6ws._run.files import ResultFiles
from k6ws._run.runner import Runner


@dataclass
class Reports:
    """The reports of one run."""

    mode: str
    script: Path | None = None
    """The script, if that is a file."""
    files: ResultFiles | None = None
    """None where nothing is to be shown."""

    @classmethod
    def opened(
        cls, mode: str, export: str | None, junit: str | None, report: str | None, script: str
    ) -> Reports:
        """Open the files before anything runs.

        Raises:
            OptionsError: One of them cannot be written.
        """
        if mode == "disabled":
            return cls(mode)
        file = Path(script) if Path(script).is_file() else None
        asked = {"--summary-export": export, "--junit": junit, "--report": report}
        return cls(mode, file, ResultFiles(asked))

    @property
    def has_page(self) -> bool:
        """Whether one of them is the page, for which a run has to be kept."""
        return self.files is not None and self.files.has_page

    def write(self, runner: Runner, terminal: Terminal) -> int:
        """Write them all, and the verdict last.

        Returns what the process ends with; a report that is not written is an error where nothing else is.
        """
        files = self.files
        if files is None:
            return runner.exit_code
        # The files first: whatever becomes of the terminal, they are there.
        files_lost = files.write(runner.result(), runner.page)
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
        if lost or files_lost:
            # The files say how the run ended, and that they do not all exist is a part of it.
            runner.not_written()
            files_lost = files.write(runner.result(), runner.page)
        lost += files_lost
        files.close()
        github.tell(runner.result(), self.script, terminal.say)
        if lost:
            terminal.say(f"k6ws: could not be written: {', '.join(lost)}")
        is_taken = "stdout" in (runner.summary or {})
        data = runner.result().to_dict()
        missing = f"not written: {', '.join(lost)}" if lost else ""
        terminal.conclude(
            data,
            exit_code=runner.exit_code,
            missing=missing,
            report=files.name("report"),
            on_err=is_taken,
        )
        return runner.exit_code


def _because(what: str, error: Exception) -> str:
    return f"{what} ({getattr(error, 'strerror', None) or error})"
