"""Who wants to speak while a session is down, or while its ``on_open`` speaks: in order, and bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from k6ws._conversation.states import CLOSED, OPEN
from k6ws._conversation.waits import Wait
from k6ws._socket.send_room import DOWN as NOT_NOW
from k6ws._socket.send_room import FULL, NOT_OPEN

MOST = 10_000
"""Of messages that wait for a session to come back: past them a request has failed at its call."""


class Speakers(Protocol):
    """Who may speak just now."""

    def holds(self) -> bool:
        """Whether what is said now has to wait."""
        ...

    def is_inside(self) -> bool:
        """Whether ``on_open`` asks."""
        ...

    def is_lost_inside(self) -> bool:
        """Whether it does, and its connection is lost."""
        ...


class Waiting(NamedTuple):
    """A request that was not sent yet."""

    again: Callable[[], int]
    lost: Callable[[], object]
    # So many messages of coroutines were told to wait before it: they go first.
    behind: int


class Standby:
    """Of one session."""

    __slots__ = ("_source", "_waiters", "_waiting", "_who")

    def __init__(self, source: Any, who: Speakers) -> None:
        self._source = source
        self._who = who
        # Requests, the oldest first.
        self._waiting: deque[Waiting] = deque()
        # Blocking code that sends.
        self._waiters: tuple[Wait, ...] = ()

    def keep(
        self, again: Callable[[], int], lost: Callable[[], object], full: Callable[[], object]
    ) -> None:
        """Have a request go out when the session is back; it has failed if that is not to be."""
        if self._who.is_inside() or self._source.state == CLOSED:
            lost()
        elif len(self._waiting) >= MOST:
            full()
        else:
            backlog = self._source.backlog
            self._waiting.append(Waiting(again, lost, 0 if backlog is None else backlog.added))

    def outlast(self, again: Callable[[], int], ms: float) -> int:
        """Send as soon as the session is back, in blocking code; what the core answers to that.

        ``FULL`` also says that it did not come back within so many milliseconds.
        """
        source = self._source
        core = source.vu.loop.core
        until = core.now() + ms
        while True:
            if source.state == CLOSED or self._who.is_lost_inside():
                return NOT_OPEN
            status = NOT_NOW if self._who.holds() else again()
            left = until - core.now()
            if status != NOT_NOW or left <= 0:
                return status
            wait = Wait(source.vu)
            self._waiters = (*self._waiters, wait)
            try:
                wait.block(left)
            finally:
                self._waiters = tuple(one for one in self._waiters if one is not wait)

    def unsent(self) -> int:
        """What a send is answered that found no connection where the session has heard of no end yet."""
        is_open = self._source.state == OPEN and not self._who.is_inside()
        return NOT_NOW if is_open else NOT_OPEN

    def __len__(self) -> int:
        return len(self._waiting)

    def flush(self) -> bool:
        """Send what waits, and what the backlog has of before it, while there is room; whether all went."""
        backlog = self._source.backlog
        while self._waiting and not self._who.holds():
            one = self._waiting[0]
            if backlog is not None and not backlog.flush(one.behind):
                return False
            if one.again() in {FULL, NOT_NOW}:
                return False
            if self._waiting and self._waiting[0] is one:
                self._waiting.popleft()
        return not self._waiting

    def wake(self) -> None:
        """The session is back, or over: whoever waits to send goes on."""
        for wait in self._waiters:
            wait.end()

    def clear(self) -> None:
        """The session is over, and its requests have failed."""
        self._waiting.clear()

    def waiters(self) -> tuple[Wait, ...]:
        """Who waits to send: nobody will."""
        waiters, self._waiters = self._waiters, ()
        return waiters
