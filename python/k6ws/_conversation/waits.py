"""One who waits for something of a session: a greenlet, or a task; for ever, or for a time at most.

Whatever ends a wait (what it is for, its time, a cut, Ctrl-C, a cancellation) ends it once, and leaves
nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet

from k6ws._conversation.inbox import Message
from k6ws._core import Matcher
from k6ws._loop import Vu

if TYPE_CHECKING:
    from asyncio import Future


_LONGEST_MS = 1e11


class Wait:
    """Made by whoever waits: by ``block``, or awaiting ``arrival``; ended by whoever has what it is for."""

    __slots__ = ("_future", "_had_its_time", "_sleeper", "_timer", "_vu", "is_over")

    def __init__(self, vu: Vu) -> None:
        self._vu = vu
        self._sleeper: greenlet | None = None
        self._future: Future[None] | None = None
        self._timer: int | None = None
        self._had_its_time = False
        self.is_over = False

    def block(self, ms: float | None = None) -> None:
        """Wait until it is ended, or for so many milliseconds; the VU gets nothing else meanwhile."""
        vu = self._vu
        context = vu.lend_context()
        self._sleeper = getcurrent()
        self._begin(ms)
        try:
            while not self.is_over:
                vu.loop.suspend()
        finally:
            self._finish()
            vu.take_context(context)

    async def arrival(self, ms: float | None = None) -> None:
        """The same, in a coroutine."""
        if self.is_over:
            return
        from asyncio import get_running_loop  # noqa: PLC0415 - blocking scripts never load it

        self._future = get_running_loop().create_future()
        self._begin(ms)
        try:
            await self._future
        finally:
            self._finish()

    def end(self) -> None:
        """Have whoever waits go on. The last thing that an event does: a greenlet goes on at once."""
        if self.is_over:
            return
        self.is_over = True
        if self._sleeper is not None:
            self._vu.loop.resume(self._sleeper)
        elif self._future is not None and not self._future.done():
            self._future.set_result(None)
            if self._vu.host is not None:
                self._vu.host.stir()

    def _begin(self, ms: float | None) -> None:
        if ms is not None:
            self._timer = self._vu.loop.core.add_timer(min(ms, _LONGEST_MS), self._expire)

    def _finish(self) -> None:
        self.is_over = True
        self._sleeper = self._future = None
        if self._timer is not None:
            self._vu.loop.core.cancel_timer(self._timer)
            self._timer = None

    def _expire(self, _kind: int, _data: object) -> None:
        if self.is_over:
            return
        if self._had_its_time:
            self.end()
            return
        # What lies behind this event was there in time: however late the script looks, the peer was not.
        self._had_its_time = True
        self._timer = self._vu.loop.core.add_timer(0.0, self._expire)


class MessageWait(Wait):
    """One who waits for a message."""

    __slots__ = ("error", "is_bound", "matcher", "message")

    def __init__(self, vu: Vu, matcher: Matcher | None) -> None:
        """``matcher`` says which message; ``None`` is the next one."""
        super().__init__(vu)
        self.matcher = matcher
        self.message: Message | None = None
        self.error: BaseException | None = None
        """What the matcher raised."""
        self.is_bound = False
        """Whether it ends with the connection, and waits for no other one."""
