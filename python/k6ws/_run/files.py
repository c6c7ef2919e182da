"""The files that tell of a run: its document, JUnit, its page. Looked at before it runs, made after it.

All tell one exit code: what could not be written is known before the last word is said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from k6ws._page import page_text, with_data
from k6ws._result import Result
from k6ws._run.result_file import ResultFile, refuse_one_for_two
from k6ws.errors import K6Error


class Finished(Protocol):
    """A run that is over, or one that is told again."""

    @property
    def exit_code(self) -> int:
        """What it ends with, as far as that is known by now."""
        ...

    def result(self) -> Result:
        """What was measured, and how it ended."""
        ...

    def not_written(self) -> None:
        """Something that was to be written of it is not there."""
        ...

    def finish(self) -> None:
        """Have its recording say how it ended."""
        ...

    def page(self) -> str:
        """What the page shows, as JSON; once it is finished."""
        ...


class ResultFiles:
    """Files of one run: one whose result cannot be kept is not worth starting."""

    def __init__(
        self, asked: Mapping[str, str | None], others: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Look at them; none is made or changed before there is a result.

        Args:
            asked: The path of each file by how it was asked for: ``--junit``, or ``junit``.
            others: What the run reads and writes beside them: what it is, and its path.

        Raises:
            OptionsError: One of them cannot be written, two would be one file or one of the others, or there
                is no page to put the data into.
        """
        named = {what: path for what, path in asked.items() if path is not None}
        self._page = next((page_text(what) for what in named if _kind(what) == _PAGE), "")
        self._files = {what: ResultFile(path, what) for what, path in named.items()}
        refuse_one_for_two({what: file.path for what, file in self._files.items()}, others)
        self._lost: dict[str, str] = {}

    @property
    def has_page(self) -> bool:
        """Whether one of them is the page, for which a run has to be kept."""
        return bool(self._page)

    def name(self, kind: str) -> str | None:
        """The path of the file of this kind, ``report`` for one; none that was not asked for, or was lost."""
        found = [what for what in self._files if _kind(what) == kind and what not in self._lost]
        return str(self._files[found[0]].path) if found else None

    def write(self, run: Finished, say: Callable[[], list[str]] = list) -> list[str]:
        """Write all; which of them could not be written, and why.

        Something that is not written is an error where nothing else is: then all that can be written anew
        says so.

        Args:
            run: What they are of.
            say: Prints what is to be printed, and returns what of it could not be.
        """
        told = run.exit_code
        # The files first: whatever becomes of the terminal, they are there.
        self._write(run, is_stream=False)
        unsaid = say()
        if unsaid or self._lost:
            run.not_written()
        # These stay as they are written, as does the recording: they come when all else is known.
        self._write(run, is_stream=True)
        if self._lost:
            run.not_written()
        run.finish()
        # The last numbers are in the page once all of the run was told.
        self._write_page(run)
        if self._lost:
            run.not_written()
        if run.exit_code != told:
            self._write(run, is_stream=False)
            self._write_page(run)
        return [*unsaid, *(f"{what} ({why})" for what, why in self._lost.items())]

    def _write(self, run: Finished, *, is_stream: bool) -> None:
        """Write those of one kind but for the page."""
        for what, file in self._files.items():
            make = _TEXTS.get(_kind(what))
            if make is not None and file.is_stream is is_stream and what not in self._lost:
                self._take_note(what, file.write(make(run.result())))

    def _write_page(self, run: Finished) -> None:
        for what, file in self._files.items():
            if _kind(what) == _PAGE and what not in self._lost:
                try:
                    text = with_data(self._page, run.page())
                except K6Error as error:
                    self._take_note(what, str(error))
                else:
                    self._take_note(what, file.write(text))

    def _take_note(self, what: str, trouble: str) -> None:
        if trouble:
            self._lost[what] = trouble


def _kind(what: str) -> str:
    return what.removeprefix("--").replace("-", "_")


def _document_of(result: Result) -> str:
    return json.dumps(result.to_dict(), indent=2)


def _junit_of(result: Result) -> str:
    from k6ws._ui.junit import render_junit  # noqa: PLC0415 - loads XML, which few runs write

    return render_junit(result.to_dict())


_PAGE = "report"
_TEXTS = {"summary_export": _document_of, "junit": _junit_of}
