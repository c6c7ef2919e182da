"""The files that tell of a run: its document, JUnit, its page. Made anew before it runs, written after it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from k6ws._page import page_text, with_data
from k6ws._result import Result
from k6ws._run.plain_text import ERRORS
from k6ws.errors import OptionsError


class ResultFiles:
    """Files of one run, open: a run whose result cannot be kept is not worth starting."""

    def __init__(self, asked: Mapping[str, str | None]) -> None:
        """``asked`` has the path of each file by how it was asked for: ``--junit``, or ``junit``.

        Raises:
            OptionsError: One of them cannot be written, two would be one file, or there is no page to put the
                data into.
        """
        named = {what: path for what, path in asked.items() if path is not None}
        self._page = ""
        for what, path in named.items():
            if _kind(what) == "report":
                if path == "-":
                    message = f"invalid value for {what}: a page goes to a file"
                    raise OptionsError(message, "name one, such as run.html")
                self._page = page_text(what)
        _check_apart(named)
        self._files: dict[str, IO[str]] = {}
        # Written, and cannot be written over: a pipe, a terminal.
        self._said: set[str] = set()
        try:
            for what, path in named.items():
                self._files[what] = _opened(path, what)
        except OptionsError:
            self.close()
            raise

    @property
    def has_page(self) -> bool:
        """Whether one of them is the page, for which a run has to be kept."""
        return bool(self._page)

    def name(self, kind: str) -> str | None:
        """The path of the file of this kind, ``report`` for one; none that was not asked for."""
        for what, file in self._files.items():
            if _kind(what) == kind:
                return file.name
        return None

    def write(self, result: Result, page: Callable[[], str]) -> list[str]:
        """Write all, over what was written before; which of them could not be written, and why.

        ``page`` gives the data of the page, as JSON.
        """
        texts: dict[str, Callable[[], str]] = {
            "summary_export": lambda: json.dumps(result.to_dict(), indent=2),
            "junit": lambda: _junit_of(result),
            "report": lambda: with_data(self._page, page()),
        }
        lost: list[str] = []
        for what, file in self._files.items():
            if what in self._said:
                continue
            try:
                can_be_anew = file.seekable()
                if can_be_anew and file.tell():
                    file.seek(0)
                    file.truncate()
                file.write(texts[_kind(what)]())
                file.flush()
                if not can_be_anew:
                    self._said.add(what)
            except OSError as error:
                lost.append(f"{what} ({error.strerror or error})")
        return lost

    def close(self) -> None:
        """Let go of them all."""
        for file in self._files.values():
            with contextlib.suppress(OSError):
                file.close()


def _kind(what: str) -> str:
    return what.removeprefix("--").replace("-", "_")


def _check_apart(named: Mapping[str, str]) -> None:
    by_file: dict[str, str] = {}
    for what, path in named.items():
        other = by_file.setdefault(os.path.realpath(path), what)
        # A device takes what comes, from whom ever.
        if other != what and (not Path(path).exists() or Path(path).is_file()):
            message = f"{other} and {what} name one file, {path!r}: one would be lost"
            raise OptionsError(message, "give each a name of its own")


def _opened(path: str, what: str) -> IO[str]:
    try:
        return open(path, "w", encoding="utf-8", errors=ERRORS)  # noqa: PTH123 - closed by `close`
    except OSError as error:
        message = f"cannot write {what} {path!r}: {error.strerror}"
        raise OptionsError(message) from None


def _junit_of(result: Result) -> str:
    from k6ws._ui.junit import render_junit  # noqa: PLC0415 - loads XML, which few runs write

    return render_junit(result.to_dict())
