"""A run that files of snapshots tell again, as its reports see it."""

from __future__ import annotations

import json
from typing import Any

from k6ws import _core
from k6ws._result import Result
from k6ws._run import exit_codes


class Retold:
    """A run that is over, as far as it was told.

    Raises:
        K6Error: What the files say of the side of the script makes no sense.
    """

    def __init__(self, recording: _core.Recording) -> None:
        """Take its figures, and how it ended; where its end is missing, that is no success."""
        self._recording = recording
        self.summary: dict[str, str | bytes] | None = None
        """The default text is wanted."""
        self.troubles = recording.troubles()
        """What is missing of each file whose end is."""
        self._document = recording.document()
        self._rows = recording.rows()
        self._silent = recording.silent_metrics()
        if self.troubles:
            self.not_written()

    @property
    def exit_code(self) -> int:
        """That of the run, or 255."""
        return int(self._document["exit_code"])

    def result(self) -> Result:
        """What it measured."""
        return Result(self._document, self._rows, self._silent)

    def not_written(self) -> None:
        """Something is not there that belongs to it."""
        if self.exit_code == exit_codes.OK:
            _set_exit_code(self._document, exit_codes.GENERIC)

    def finish(self) -> None:
        """It was told already."""

    def page(self) -> str:
        """What the page shows, with the exit code that is known by now."""
        text = self._recording.page()
        page: dict[str, Any] = json.loads(text)
        if page["summary"]["exit_code"] == self.exit_code:
            return text
        _set_exit_code(page["summary"], self.exit_code)
        return json.dumps(page, ensure_ascii=False, separators=(",", ":"))


def _set_exit_code(document: dict[str, Any], code: int) -> None:
    document["exit_code"] = document["run"]["exit_code"] = code
    document["passed"] = code == exit_codes.OK
