"""Messages of a coroutine that found no room: they go on their way in order, as soon as there is some."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from typing import TypeAlias

from k6ws._loop import Vu
from k6ws._socket.send_room import ACCEPTED, DOWN, FULL
from k6ws.errors import K6Error

MOST = 1024
"""Of sends that nobody awaits: past them a send fails at its call."""


Then: TypeAlias = Callable[[K6Error | None], object]


class Entry:
    """One message that waits."""

    __slots__ = ("number", "send", "then", "timer")

    def __init__(self, number: int, send: Callable[[], int], then: Then) -> None:
        """``then`` is told of its end."""
        self.number = number
        self.send = send
        self.then = then
        self.timer = 0


class Backlog:
    """The messages of one session that wait, each with who is told of its end."""

    __slots__ = ("_blocked", "_vu", "_waiting", "added")

    def __init__(self, vu: Vu, blocked: Callable[[int], K6Error]) -> None:
        """``blocked`` says what is raised of the core's last answer to a send."""
        self._vu = vu
        self._blocked = blocked
        self._waiting: deque[Entry] = deque()
        # How many there have ever been: who waits elsewhere knows by it which go before.
        self.added = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, send: Callable[[], int], patience: float, then: Then) -> None:
        """Have a message wait for so many milliseconds at most.

        Args:
            send: Tries it, and answers as the core does.
            patience: Milliseconds.
            then: Told of its end: what it failed with, or nothing.
        """
        if len(self._waiting) >= MOST:
            raise self._blocked(FULL)
        entry = Entry(self.added, send, then)
        self.added += 1
        entry.timer = self._vu.loop.core.add_timer(
            patience, lambda _kind, _data: self._expire(entry)
        )
        self._waiting.append(entry)

    def flush(self, before: float = inf) -> bool:
        """Send what may go, of those with numbers below ``before``; what never can fails.

        Returns:
            Whether all of these have gone.
        """
        while self._waiting and self._waiting[0].number < before:
            entry = self._waiting[0]
            status = entry.send()
            if status in {FULL, DOWN}:
                return False
            self._waiting.popleft()
            # It would keep the message until then.
            self._vu.loop.core.cancel_timer(entry.timer)
            entry.then(None if status == ACCEPTED else self._blocked(status))
        self._stir()
        return True

    def _expire(self, entry: Entry) -> None:
        if entry in self._waiting:
            self._waiting.remove(entry)
            entry.then(self._blocked(FULL))
            self._stir()

    def _stir(self) -> None:
        if self._vu.host is not None:
            self._vu.host.stir()
