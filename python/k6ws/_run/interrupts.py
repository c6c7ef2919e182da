"""Ctrl-C while a program waits in ``k6ws.run``.

Python would raise KeyboardInterrupt wherever the main thread happens to be, between two lines of ours as
well. Here the first Ctrl-C stops the run in order, and is raised in a line of the script alone, so that a
``time.sleep`` in a handler ends as well. The next one is for what cleans up, and leaves the run at once.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Protocol, Self

from k6ws._loop import is_leading
from k6ws._run.whose import script_frame


class Interruptible(Protocol):
    """A run, on this thread or another."""

    def leave_with(self, error: BaseException) -> None:
        """End in order, and let this leave then."""
        ...

    def hasten(self) -> None:
        """End what cleans up as well."""
        ...


class Interrupts:
    """Takes SIGINT over for the length of a block, where nobody but Python itself handles it."""

    def __init__(self, run: Interruptible) -> None:
        """The run is told of each Ctrl-C."""
        self._run = run
        self._previous: Any = None
        self._count = 0

    def __enter__(self) -> Self:
        """Take it over; only the main thread may, and only there it would be raised."""
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if previous is signal.default_int_handler or _is_of_asyncio(previous):
                self._previous = previous
                signal.signal(signal.SIGINT, self._received)
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back, unless the script has put a handler of its own there."""
        if self._previous is not None and signal.getsignal(signal.SIGINT) == self._received:
            signal.signal(signal.SIGINT, self._previous)

    def _received(self, _number: int, frame: FrameType | None) -> None:
        self._count += 1
        pressed = KeyboardInterrupt()
        self._run.leave_with(pressed)
        if self._count > 1:
            self._run.hasten()
            if is_leading(frame):
                raise pressed
        if script_frame(frame) is not None:
            raise pressed


def _is_of_asyncio(handler: Any) -> bool:
    """Whether it is that of ``asyncio.run``: cancelling a task ends nothing while that stands still."""
    function = getattr(handler, "func", None)
    return getattr(function, "__module__", "") == "asyncio.runners"
