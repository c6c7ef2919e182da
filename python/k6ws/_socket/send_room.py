"""Waiting for room: more is queued on a connection than its peer has read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from greenlet import getcurrent, greenlet

from k6ws._loop import Vu

ACCEPTED, NOT_OPEN, FULL, GIVEN_UP, DOWN, UNFIT = 0, 1, 2, 3, 4, 5
"""What a send of the core answers."""

Data = TypeVar("Data")


class Room:
    """Lets a sender wait until its connection has room again; one sender at a time."""

    __slots__ = ("_vu", "_waiter")

    def __init__(self, vu: Vu) -> None:
        self._vu = vu
        self._waiter: greenlet | None = None

    def wait(self, again: Callable[[], int], patience: float) -> int:
        """Wait for room and call ``again``, until it is not refused as full or patience is spent.

        Args:
            again: Sends once more.
            patience: How long a send may wait, in milliseconds.

        Returns:
            ``ACCEPTED``, ``NOT_OPEN``, ``FULL`` when there was no room in time, or ``GIVEN_UP`` when the
            connection has ended for want of it.
        """
        loop = self._vu.loop
        # A coroutine cannot be suspended in a plain call: there it is full at once.
        deadline = loop.core.now() + (patience if self._vu.host is None else 0.0)
        status = FULL
        while status == FULL:
            left = deadline - loop.core.now()
            # One that is hurried sleeps no more, and would ask again and again.
            if left <= 0 or self._vu.is_hurried:
                return FULL
            self._waiter = getcurrent()
            try:
                loop.sleep(left)
            finally:
                self._waiter = None
            status = again()
        return status

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits."""
        return self._waiter is not None

    def opened(self) -> None:
        """Take the event that there is room: whoever waits goes on."""
        if self._waiter is not None:
            self._vu.loop.resume(self._waiter)
