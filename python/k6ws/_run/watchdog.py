"""A handler that never returns must not keep a run from ending.

The loop cannot run while a handler hogs its thread, so somebody else has to get in: past the hard end, or
soon after a stop, :class:`Interrupted` is raised inside the handler. On the command line, which owns its
process, a signal does it, so that a ``time.sleep`` ends as well as a busy loop. In a program of somebody
else's a thread does it, which leaves that program's signals alone but cannot end a call into C.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

from k6ws import _core
from k6ws._loop import Loop, Vu
from k6ws._run.background import Background
from k6ws._run.whose import calling_script, place, script_frame
from k6ws.errors import Interrupted

_PATIENCE_S = 0.5
_NEXT_S = 0.05
_MAX_BITES = 4
_MOST_WITHIN = 4
_DEBUGGERS = {"bdb", "pdb", "ipdb", "pudb", "pydevd", "debugpy", "_pydevd_bundle"}


class Watchdog:
    """Watches one run, from :meth:`begin` to :meth:`end`."""

    def __init__(
        self, loop: Loop, run: _core.Run, ends: Mapping[str, float], give_up: Callable[[str], None]
    ) -> None:
        """Bite VUs of a scenario that is past its hard end, and any soon after :meth:`stopped`.

        ``ends`` are in milliseconds from :meth:`begin`; stages have one for the scenario "".
        ``give_up`` is told the place of a handler that swallows what is raised in it.
        """
        self._loop = loop
        self._run = run
        self._ends = ends
        self._first_s = min(ends.values(), default=0.0) / 1000.0
        self._began = 0.0
        self._give_up = give_up
        self._polls = -1
        # Who stops a run may be a signal handler, or another thread.
        self._lock = threading.RLock()
        self._is_watching = False
        self._is_hurried = False
        self._is_debugged = False
        # Looks in a row at which the script was within a call of ours.
        self._within = 0
        # How often each VU has been bitten: a run of many busy VUs is not one that cannot be stopped.
        self._bites: dict[Vu | None, int] = {}

    def begin(self) -> None:
        """Begin to watch."""
        raise NotImplementedError

    def end(self) -> None:
        """Watch no more; before :meth:`begin` as well."""
        raise NotImplementedError

    def stopped(self) -> None:
        """Look soon: the run has been told to end. Before :meth:`begin` and after :meth:`end` too."""
        raise NotImplementedError

    def _is_due(self, frame: FrameType | None) -> bool:
        """Whether the code in ``frame`` has kept the loop away since the last look, and must be ended."""
        polls = self._loop.core.polls()
        has_moved = polls != self._polls
        self._polls = polls
        vu = self._loop.current
        at = script_frame(frame) or calling_script(frame)
        if at is None or has_moved or self._loop.core.is_polling():
            self._within = 0
            return False
        # Whoever steps through a handler sits there, and takes time; and goes on in it afterwards.
        self._is_debugged = self._is_debugged or _is_in_debugger(frame)
        if self._is_debugged:
            return False
        if not self._is_past(vu):
            return False
        # A line of the script is the better place, and mostly it is at one soon; a loop that does nothing but
        # call us never is for long.
        self._within = 0 if script_frame(frame) is not None else self._within + 1
        if 0 < self._within < _MOST_WITHIN:
            return False
        # The loop does not get to run, so the schedule learns here that time is up: every VU is cut, and
        # what is still queued for them is not begun.
        self._run.wake()
        # None is a task of asyncio's: its VU is cut by the loop, as soon as that runs.
        if vu is not None:
            vu.is_cut = True
        self._bites[vu] = self._bites.get(vu, 0) + 1
        if self._bites[vu] > _MAX_BITES:
            import traceback  # noqa: PLC0415 - once in a process that ends

            self._give_up(f"{place(at)}\n{''.join(traceback.format_stack(frame, limit=3))}")
        return True

    def _is_past(self, vu: Vu | None) -> bool:
        """Whether the time of this VU is up; of a task of asyncio's, whether everybody's is."""
        last = max(self._ends.values(), default=0.0)
        end = last if vu is None else self._ends.get(vu.who.scenario, last)
        return self._is_hurried or self._loop.core.now() - self._began >= end


class AlarmWatchdog(Watchdog):
    """Bites by SIGALRM; for a process of our own, on its main thread."""

    _previous: Any = None

    def begin(self) -> None:
        """Arm the alarm."""
        with self._lock:
            self._previous = signal.signal(signal.SIGALRM, self._alarm)
            self._began = self._loop.core.now()
            first_s = 0.0 if self._is_hurried else self._first_s
            signal.setitimer(signal.ITIMER_REAL, first_s + _PATIENCE_S)
            self._is_watching = True

    def end(self) -> None:
        """Disarm it."""
        with self._lock:
            self._is_watching = False
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            if self._previous is not None:
                signal.signal(signal.SIGALRM, self._previous)

    def stopped(self) -> None:
        """Look soon: the run has been told to end."""
        with self._lock:
            self._is_hurried = True
            # An alarm that nobody waits for ends the process.
            if self._is_watching:
                signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)

    def _alarm(self, _signal: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
        is_due = self._is_due(frame)
        if is_due or self._within:
            # The next VU in the same batch may be just as busy.
            signal.setitimer(signal.ITIMER_REAL, _NEXT_S)
        if is_due:
            raise Interrupted


class ThreadWatchdog(Watchdog):
    """Bites by an asynchronous exception, from a thread that sleeps until the first hard end."""

    _thread: Background | None = None
    _runner_id = 0
    _has_bitten = False

    def __init__(
        self, loop: Loop, run: _core.Run, ends: Mapping[str, float], give_up: Callable[[str], None]
    ) -> None:
        """As for every watchdog; the thread is started later."""
        super().__init__(loop, run, ends, give_up)
        self._nudge = threading.Event()
        self._is_over = False

    def begin(self) -> None:
        """Start the thread."""
        self._runner_id = threading.get_ident()
        self._began = self._loop.core.now()
        self._thread = Background(self._watch, "k6ws-watchdog", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the thread."""
        self._is_over = True
        self._nudge.set()
        thread = self._thread
        while thread is not None:
            # A bite that comes too late is none.
            with suppress(Interrupted):
                thread.join()
                break
        if self._has_bitten:
            self._raise_there(None)

    def stopped(self) -> None:
        """Look soon: the run has been told to end."""
        self._is_hurried = True
        self._nudge.set()

    def _watch(self) -> None:
        wait = min(self._first_s + _PATIENCE_S, threading.TIMEOUT_MAX)
        while not self._is_over:
            self._nudge.wait(wait)
            self._nudge.clear()
            wait = _PATIENCE_S
            if self._is_over:
                return
            is_due = self._is_due(sys._current_frames().get(self._runner_id))  # noqa: SLF001 - the way to see another thread's line
            if is_due or self._within:
                wait = _NEXT_S
            if not is_due:
                continue
            self._has_bitten = True
            self._raise_there(Interrupted)

    def _raise_there(self, kind: type[BaseException] | None) -> None:
        """Have an exception strike the thread of the run, or none that has not struck yet."""
        import ctypes  # noqa: PLC0415 - few handlers never return

        struck = None if kind is None else ctypes.py_object(kind)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._runner_id), struck)


def _is_in_debugger(frame: FrameType | None) -> bool:
    """Whether a line of a debugger is being run: it shows its prompt, or waits for an editor."""
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if isinstance(name, str) and name.partition(".")[0] in _DEBUGGERS:
            return True
        frame = frame.f_back
    return False
