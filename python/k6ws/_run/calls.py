"""What other threads ask of a run, done on the run's own thread."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

from k6ws import _core
from k6ws._loop import Loop


class Calls:
    """Calls from any thread, made by the loop between two events."""

    def __init__(self) -> None:
        """Calls are kept until :meth:`open`."""
        # A signal handler may post while this very thread holds it.
        self._lock = threading.RLock()
        self._calls: deque[Callable[[], object]] = deque()
        self._bell: int | None = None
        self._watched: _core.Watched | None = None

    def post(self, call: Callable[[], object]) -> None:
        """Have the loop make this call. After :meth:`close` nothing is made any more."""
        with self._lock:
            self._calls.append(call)
            if self._bell is not None:
                os.eventfd_write(self._bell, 1)

    def open(self, loop: Loop) -> None:
        """Begin: what was posted so far is made at the loop's next turn."""
        with self._lock:
            self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            self._watched = _core.watch(loop.core, self._bell, self._rung)
            # Looked at last: a signal handler may have posted between any two lines.
            if self._calls:
                os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        """End, on the loop's thread."""
        with self._lock:
            bell, self._bell = self._bell, None
            watched, self._watched = self._watched, None
        if watched is not None:
            watched.close()
        if bell is not None:
            os.close(bell)

    def _rung(self, _kind: int, _data: object) -> None:
        with self._lock:
            if self._bell is None or self._watched is None:
                return
            self._watched.rearm()
            try:
                os.eventfd_read(self._bell)
            except BlockingIOError:
                return
            # Not copied and cleared: what a signal handler posts in between would be lost.
            calls, self._calls = self._calls, deque()
        for call in calls:
            call()
