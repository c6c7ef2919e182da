"""The loop of each thread: made on first use, closed when the thread ends."""

from __future__ import annotations

import sys
import threading

from k6ws._loop import forgotten, forks
from k6ws._loop.loop import Loop
from k6ws._loop.stray import enrol
from k6ws._loop.vu import Vu


class _OfThread(threading.local):
    """The loop of each thread, closed when the thread ends."""

    def __init__(self) -> None:
        self.owner = _Owner()


class _Owner:
    """Goes with its thread, and closes the loop as it goes: greenlets alone would keep it alive."""

    def __init__(self) -> None:
        self.loop: Loop | None = None

    def __del__(self) -> None:
        if self.loop is not None and not sys.is_finalizing():
            forgotten.tell(self.loop)
            self.loop.close()


_local = _OfThread()
_orphans: list[_Owner] = []


def _in_child() -> None:
    # Kept for good: closing what belongs to the parent is not the child's business.
    _orphans.append(_local.owner)
    _local.owner = _Owner()


forks.in_child(_in_child)


def current_loop() -> Loop:
    """The loop of this thread, made on first use."""
    owner = _local.owner
    if owner.loop is None:
        owner.loop = Loop()
        forgotten.at_exit(_of_this_thread)
        enrol(owner.loop)
    return owner.loop


def _of_this_thread() -> Loop | None:
    return _local.owner.loop


def current() -> Vu:
    """The VU whose code is running on this thread."""
    # Every call of a script asks: it is one call cheaper to look first.
    loop = _local.owner.loop or current_loop()
    return loop.current or loop.of_task()
