"""A timer of a session: gone with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from k6ws._loop import Source, Vu, returned

if TYPE_CHECKING:
    from asyncio import Task


class Timer:
    """Calls a function once or at a fixed rate while the session lives."""

    __slots__ = ("_armed", "_function", "_id", "_is_due", "_session", "_task", "_vu")

    def __init__(self, vu: Vu, session: Source, function: Callable[[], Any]) -> None:
        """``session`` is whose it is: its events wait in line with those of the connection."""
        self._vu = vu
        self._session = session
        self._function = function
        self._task: Task[Any] | None = None
        # Where it stands while it is armed for one call.
        self._armed: set[Timer] | None = None
        self._id = 0
        # Its event waits to be delivered.
        self._is_due = False

    def arm(self, ms: float, among: set[Timer], *, repeats: bool) -> None:
        """Be due after ``ms``, or again and again; until then it stands in ``among``."""
        self._armed = None if repeats else among
        self._id = self._vu.loop.core.add_timer(ms, self._due, ms if repeats else None)
        among.add(self)

    def call(self) -> None:
        """Call the function, unless it is a coroutine function whose last call is still at work."""
        self._is_due = False
        if self._task is not None and not self._task.done():
            return
        result = self._function()
        if result is not None:
            self._task = returned(self._vu, self._session, "timer", result, holds_events=False)

    def cancel(self) -> None:
        """Disarm it."""
        self._vu.loop.core.cancel_timer(self._id)

    def _due(self, kind: int, _last: object) -> None:
        """Take the timer's event."""
        if self._armed is not None:
            self._armed.discard(self)
        # A tick of an interval that is still waiting stands for this one too.
        if not self._is_due:
            self._is_due = True
            self._session.receive(kind, self)
