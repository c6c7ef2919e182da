"""A handler that never returns must not keep a run from ending.

The loop cannot run while a handler hogs its thread, so a signal has to get in: past the hard end, or after a
stop, an alarm raises :class:`Interrupted` inside the handler, which ends a busy loop and a ``time.sleep``
alike. A handler that even swallows that ends the process, with its place named.

Works on the main thread only, where Python runs signal handlers; that is where the command line runs.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import traceback
from types import FrameType, TracebackType
from typing import Any, Self

from k6ws import _core
from k6ws._loop import Loop
from k6ws._run import exit_codes
from k6ws.errors import Interrupted

_PATIENCE_S = 0.5
_MAX_ATTEMPTS = 4


class Watchdog:
    """Watches one run from :meth:`__enter__` to :meth:`__exit__`."""

    def __init__(self, loop: Loop, run: _core.Run, longest_ms: float) -> None:
        """Bite after ``longest_ms``, the last hard end, or soon after :meth:`stopped`."""
        self._loop = loop
        self._run = run
        self._longest_s = longest_ms / 1000.0
        self._polls = -1
        self._attempts = 0
        self._previous: Any = None

    def __enter__(self) -> Self:
        """Arm the alarm."""
        if self._loop.is_main_thread:
            self._previous = signal.signal(signal.SIGALRM, self._alarm)
            signal.setitimer(signal.ITIMER_REAL, self._longest_s + _PATIENCE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disarm it."""
        if self._loop.is_main_thread:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, self._previous)

    def stopped(self) -> None:
        """Look soon: the run has been told to end."""
        if self._loop.is_main_thread:
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)

    def _alarm(self, _signal: int, frame: FrameType | None) -> None:
        polls = self._loop.core.polls()
        is_stuck = polls == self._polls
        self._polls = polls
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
        if not is_stuck or self._loop.core.is_polling():
            return
        vu = self._loop.current
        self._attempts += 1
        if self._attempts > _MAX_ATTEMPTS:
            self._give_up(frame)
        # Cut by the clock, not by the loop, which does not get to run: the VU learns of it here.
        vu.is_cut = True
        for socket in list(vu.sockets):
            socket.abandon()
        raise Interrupted

    def _give_up(self, frame: FrameType | None) -> None:
        place = "".join(traceback.format_stack(frame, limit=3)) if frame else "unknown\n"
        progress = self._run.progress()
        sys.stderr.write(
            "k6ws: a handler cannot be stopped; the run ends without it.\n"
            f"{place}"
            f"iterations: {progress['iterations']} complete, {progress['interrupted']} interrupted\n"
        )
        faulthandler.dump_traceback(all_threads=False)
        sys.stderr.flush()
        os._exit(exit_codes.STUCK)
