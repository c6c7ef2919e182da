"""A handler that never returns must not keep a run from ending.

The loop cannot run while a handler hogs its thread, so a signal has to get in: past the hard end, or after a
stop, an alarm raises :class:`Interrupted` inside the handler, which ends a busy loop and a ``time.sleep``
alike. A handler that even swallows that ends the process, with its place named.

Works on the main thread only, where Python runs signal handlers; that is where the command line runs.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from k6ws import _core
from k6ws._loop import Loop, Vu
from k6ws._run import exit_codes
from k6ws.errors import Interrupted

_PATIENCE_S = 0.5
_NEXT_S = 0.05
_MAX_BITES = 4
_PACKAGE = str(Path(__file__).resolve().parents[1])


class Watchdog:
    """Watches one run from :meth:`__enter__` to :meth:`__exit__`."""

    def __init__(
        self, loop: Loop, run: _core.Run, longest_ms: float, give_up: Callable[[], None]
    ) -> None:
        """Bite after ``longest_ms``, the last hard end, or soon after :meth:`stopped`.

        ``give_up`` has the numbers told before the process ends.
        """
        self._tell_numbers = give_up
        self._loop = loop
        self._run = run
        self._longest_s = longest_ms / 1000.0
        self._polls = -1
        # How often each VU has been bitten: a run of many busy VUs is not one that cannot be stopped.
        self._bites: dict[Vu, int] = {}
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
        has_moved = polls != self._polls
        self._polls = polls
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
        if has_moved or self._loop.core.is_polling() or not _is_script(frame):
            return
        # The loop does not get to run, so the schedule learns here that time is up: every VU is cut, and
        # what is still queued for them is not begun.
        self._run.wake()
        vu = self._loop.current
        self._bites[vu] = self._bites.get(vu, 0) + 1
        if self._bites[vu] > _MAX_BITES:
            self._give_up(frame)
        vu.is_cut = True
        for socket in list(vu.sockets):
            socket.abandon()
        # The next VU in the same batch may be just as busy.
        signal.setitimer(signal.ITIMER_REAL, _NEXT_S)
        raise Interrupted

    def _give_up(self, frame: FrameType | None) -> None:
        place = "".join(traceback.format_stack(frame, limit=3)) if frame else "unknown\n"
        text = f"k6ws: a handler cannot be stopped; the run ends without it.\n{place}"
        os.write(2, text.encode("utf-8", "replace"))
        try:
            self._tell_numbers()
        finally:
            os._exit(exit_codes.STUCK)


def _is_script(frame: FrameType | None) -> bool:
    """Whether a line of the user's is being run, and not the loop between two of them."""
    while frame is not None:
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return True
        frame = frame.f_back
    return False
