"""What is made of a run that is over: the text, and the files that were asked for."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from k6ws._cli import github
from k6ws._cli.terminal import Terminal
from k6ws._run import summary
from k6ws._run.files import Finished, ResultFiles

logger = logging.getLogger("k6ws")


class Summarised(Finished, Protocol):
    """A run that is over, with what is to be printed of it."""

    summary: dict[str, str | bytes] | None
    """What `handle_summary` made; nothing where the default text is wanted."""


@dataclass
class Reports:
    """The reports of one run."""

    files: ResultFiles
    script: Path | None = None
    """The script, if that is a file."""
    mode: str = "compact"

    @classmethod
    def looked_at(
        cls,
        mode: str,
        asked: Mapping[str, str | None],
        others: Iterable[tuple[str, str]] = (),
        script: str = "-",
    ) -> Reports:
        """Look at the files before anything runs.

        Args:
            mode: Of the summary; as in k6 nothing is written where it is ``disabled``.
            asked: The path of each flag, if it has one.
            others: What the run reads and writes beside them: what it is, and its path.
            script: The path of the script.

        Raises:
            OptionsError: One of them cannot be written, two would be one, or one would be lost.
        """
        is_silent = mode == _SILENT
        if is_silent and (given := [flag for flag, path in asked.items() if path is not None]):
            logger.warning("--summary-mode=disabled: nothing goes to %s", ", ".join(given))
        file = Path(script) if Path(script).is_file() else None
        used = [*others, *([("the script", script)] if file else [])]
        return cls(ResultFiles({} if is_silent else asked, used), file, mode)

    @property
    def has_page(self) -> bool:
        """Whether one of them is the page, for which a run has to be kept."""
        return self.files.has_page

    def write(self, run: Summarised, terminal: Terminal, also_missing: Sequence[str] = ()) -> int:
        """Write them all, and the verdict last.

        Args:
            run: What they are of.
            terminal: Where the text goes.
            also_missing: What else is not there, for the verdict.

        Returns:
            What the process ends with.
        """
        if self.mode == _SILENT:
            run.finish()
            return run.exit_code
        lost = self.files.write(run, lambda: _text_lost(run, terminal))
        result = run.result()
        github.tell(result, self.script, terminal.command)
        if lost:
            terminal.say(f"k6ws: could not be written: {', '.join(lost)}")
        missing = [*also_missing, *([f"not written: {', '.join(lost)}"] if lost else [])]
        terminal.conclude(
            result.to_dict(),
            exit_code=run.exit_code,
            missing=" · ".join(missing),
            report=self.files.name("report"),
            on_err="stdout" in (run.summary or {}),
        )
        return run.exit_code


_SILENT = "disabled"


def _text_lost(run: Summarised, terminal: Terminal) -> list[str]:
    """Print the summary; what of it could not be written, and why."""
    lost: list[str] = []
    try:
        if run.summary is None:
            terminal.summarise(run.result().to_dict())
        elif not summary.write(run.summary, terminal.out):
            lost.append("what handle_summary() returned")
    except OSError as error:
        lost.append(_because("the summary", error))
    # A reader that left early has seen what it wanted; a full disk has not kept what was asked for.
    failure = terminal.out.failure
    if failure is not None and not isinstance(failure, BrokenPipeError):
        lost.append(_because("the summary", failure))
    return lost


def _because(what: str, error: Exception) -> str:
    return f"{what} ({getattr(error, 'strerror', None) or error})"
