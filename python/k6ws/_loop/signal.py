"""Wakes whoever waits for something to happen, be it a greenlet or a coroutine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    from asyncio import Future

    from k6ws._loop.waiting import Waiting


class Signal:
    """One waiter at a time; a signal that nobody waits for is gone."""

    __slots__ = ("_loop", "_waiter")

    def __init__(self, loop: Waiting[Any]) -> None:
        self._loop = loop
        self._waiter: greenlet | Future[None] | None = None

    def wait(self) -> None:
        """Suspend this VU until the signal; what may be delivered meanwhile is the caller's to arrange."""
        self._waiter = getcurrent()
        try:
            self._loop.suspend()
        finally:
            self._waiter = None

    async def arrival(self) -> None:
        """Wait for the signal in a coroutine."""
        from asyncio import get_running_loop  # noqa: PLC0415 - blocking scripts never load it

        self._waiter = future = get_running_loop().create_future()
        try:
            await future
        finally:
            self._waiter = None

    def fire(self) -> None:
        """Wake whoever waits. Let it be the last thing that an event does: a greenlet goes on at once."""
        waiter = self._waiter
        if isinstance(waiter, greenlet):
            self._loop.resume(waiter)
        elif waiter is not None and not waiter.done():
            waiter.set_result(None)
