"""A display that may fail: then nothing is shown any more, and the run goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from k6ws import _ui
from k6ws._run.whose import leaves_the_run

logger = logging.getLogger("k6ws")


class Guarded(_ui.Display):
    """Passes on to a display until that raises, which is logged once."""

    def __init__(self, display: _ui.Display) -> None:
        """``display`` is the one that may fail."""
        self._display: _ui.Display | None = display

    def __enter__(self) -> Self:
        """Begin to show."""
        self._try(lambda display: display.__enter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state there."""
        self._try(lambda display: display.__exit__(kind, error, trace))

    def update(self, progress: _ui.Progress) -> None:
        """Show this state."""
        self._try(lambda display: display.update(progress))

    def _try(self, act: Callable[[_ui.Display], object]) -> None:
        display = self._display
        if display is None:
            return
        try:
            act(display)
        except Exception as error:
            if leaves_the_run(error):
                raise
            self._display = None
            # It gives back what it took, as far as it can.
            with suppress(Exception):
                display.__exit__(None, None, None)
            log_failure(error)


def log_failure(error: Exception) -> None:
    """Say why nothing is shown."""
    logger.warning("the progress is not shown: %s: %s", type(error).__name__, error)
