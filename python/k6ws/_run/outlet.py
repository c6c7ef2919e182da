"""A standard stream as a run writes to it, and what it is like."""

from __future__ import annotations

import os
from typing import TextIO

from k6ws._run.plain_text import say

__all__ = ["Outlet", "is_color_refused", "is_dumb", "terminal_size"]


# Of a stream that is full, closed, or somebody's own and not all that a stream should be.
_FAILURES = (OSError, ValueError, AttributeError, TypeError)


class Outlet:
    """A standard stream that may be missing and may fail: then it swallows what is written to it."""

    def __init__(self, stream: TextIO | None, *, owns_process: bool = True) -> None:
        """``owns_process`` where the stream is nobody else's, who might look at what is still buffered."""
        self._stream = stream
        self._owns_process = owns_process
        self.failure: Exception | None = None

    def write(self, text: str) -> int:
        """Write, unless writing has failed before."""
        if self._stream is not None and self.failure is None:
            try:
                say(self._stream, text)
            except _FAILURES as error:
                self._fail(error)
        return len(text)

    def flush(self) -> None:
        """Pass on what is buffered."""
        if self._stream is not None and self.failure is None:
            try:
                self._stream.flush()
            except _FAILURES as error:
                self._fail(error)

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        try:
            return self._stream is not None and bool(self._stream.isatty())
        except _FAILURES:
            # It is closed, or somebody's own that has no such thing.
            return False

    def _fail(self, error: Exception) -> None:
        self.failure = error
        if self._owns_process and self._stream and not getattr(self._stream, "closed", True):
            # What is still buffered goes nowhere, so that Python does not complain at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def is_dumb() -> bool:
    """Whether the terminal says that nothing can be drawn on it."""
    return os.environ.get("TERM") == "dumb"


def is_color_refused() -> bool:
    """Whether the environment asks for text without colours."""
    refused = os.environ.get("NO_COLOR") or any(map(_is_set, ("K6WS_NO_COLOR", "K6_NO_COLOR")))
    return bool(refused) or is_dumb()


def terminal_size() -> tuple[int, int]:
    """Columns and lines of the terminal, now."""
    import shutil  # noqa: PLC0415 - files have no size

    size = shutil.get_terminal_size((120, 24))
    return size.columns, size.lines


def _is_set(variable: str) -> bool:
    """Whether a variable says yes: anything but nothing, `0` and `false`."""
    return os.environ.get(variable, "").lower() not in {"", "0", "false"}
