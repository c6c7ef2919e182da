"""A timer of a session: gone with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from k6ws._loop import returned

if TYPE_CHECKING:
    from asyncio import Task

    from k6ws.ws.session import Session


class Timer:
    """Calls a function once or at a fixed rate while the session lives."""

    __slots__ = ("_function", "_repeats", "_session", "_task", "id")

    def __init__(self, session: Session, function: Callable[[], Any], *, repeats: bool) -> None:
        self._session = session
        self._repeats = repeats
        self._function = function
        self._task: Task[Any] | None = None
        self.id = 0

    def due(self, kind: int, _last: object) -> None:
        """Take the timer's event."""
        session = self._session
        if not self._repeats:
            session._timers.discard(self)  # noqa: SLF001 - a timer is a part of its session
        session._receive(kind, self)

    def call(self) -> None:
        """Call the function, unless it is a coroutine function whose last call is still at work."""
        if self._task is not None and not self._task.done():
            return
        result = self._function()
        if result is not None:
            session = self._session
            self._task = returned(session._vu, session, "timer", result, holds_events=False)  # noqa: SLF001 - as below

    def cancel(self) -> None:
        """Disarm it."""
        self._session._loop.core.cancel_timer(self.id)  # noqa: SLF001 - as above
