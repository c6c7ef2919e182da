"""Wakes whoever waits for something to happen, be it a greenlet or a coroutine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent

if TYPE_CHECKING:
    from k6ws._loop.waiting import Waiting


class Signal:
    """One waiter at a time; a signal that nobody waits for is gone."""

    __slots__ = ("_loop", "_wake")

    def __init__(self, loop: Waiting[Any]) -> None:
        self._loop = loop
        self._wake: Callable[[], object] | None = None

    def wait(self) -> None:
        """Suspend this VU until the signal; what may be delivered meanwhile is the caller's to arrange."""
        sleeper = getcurrent()
        self._wake = lambda: self._loop.resume(sleeper)
        try:
            self._loop.suspend()
        finally:
            self._wake = None

    async def arrival(self) -> None:
        """Wait for the signal in a coroutine."""
        from asyncio import get_running_loop  # noqa: PLC0415 - blocking scripts never load it

        future = get_running_loop().create_future()
        self._wake = lambda: None if future.done() else future.set_result(None)
        try:
            await future
        finally:
            self._wake = None

    def fire(self) -> None:
        """Wake whoever waits. Let it be the last thing that an event does: a greenlet goes on at once."""
        if self._wake is not None:
            self._wake()
