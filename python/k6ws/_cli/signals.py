"""Ctrl-C and its relatives: the first ends the run with its summary, the second ends the process.

In a process of our own that holds until it is gone: one more that comes while Python already shuts down
ends it at once as well, with the same exit code, and is no death by a signal.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

from k6ws._run import exit_codes
from k6ws._run.runner import Runner

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Watches from before the script is loaded; from :meth:`protect` on there is a run to end in order."""

    def __init__(self, *, owns_process: bool) -> None:
        """``owns_process`` where this process ends after the block, and is the command's alone."""
        self._owns_process = owns_process
        self._is_ending = False
        self._runner: Runner | None = None
        self._previous: dict[signal.Signals, Any] = {}
        self._is_second = False
        self._is_waiting = False
        self._came = threading.Event()

    def __enter__(self) -> Self:
        """Take the signals over."""
        if self._owns_process:
            # Registered before anything of the script: so it is the last that is done.
            atexit.register(_ignore)
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._received)
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back, or keep them while the process ends."""
        self._is_ending = True
        if self._owns_process:
            return
        for number, previous in self._previous.items():
            signal.signal(number, previous)

    def protect(self, runner: Runner) -> None:
        """Name the run that the first signal ends."""
        self._runner = runner

    def wait(self, say: Callable[[], object]) -> None:
        """Wait for a signal, and ``say`` so once it would be noticed: it ends nothing but the wait."""
        self._is_waiting = True
        say()
        self._came.wait()

    def _received(self, number: int, _frame: FrameType | None) -> None:
        if self._is_waiting:
            self._came.set()
            return
        if self._is_ending:
            os._exit(exit_codes.EXTERNAL_ABORT)
        name = signal.Signals(number).name
        if self._is_second or self._runner is None:
            if sys.stderr is not None and not self._is_second:  # pyright: ignore[reportUnnecessaryComparison]
                os.write(2, f"k6ws: {name} before the run had begun\n".encode())
            os._exit(exit_codes.EXTERNAL_ABORT)
        self._runner.stop(exit_codes.EXTERNAL_ABORT)
        self._is_second = True
        logging.getLogger("k6ws").warning(
            "%s: stopping the run; once more ends it without a summary", name
        )


def _ignore() -> None:
    """From here on Python takes its handlers away, and the signal itself would end the process."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
