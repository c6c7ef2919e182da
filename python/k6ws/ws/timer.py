"""A timer of a session: gone with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k6ws.ws.session import Session


class Timer:
    """Calls a function once or at a fixed rate while the session lives."""

    __slots__ = ("_repeats", "_session", "function", "id")

    def __init__(self, session: Session, function: Callable[[], Any], *, repeats: bool) -> None:
        self._session = session
        self._repeats = repeats
        self.function = function
        self.id = 0

    def due(self, kind: int, _last: object) -> None:
        """Take the timer's event."""
        session = self._session
        if not self._repeats:
            session._timers.discard(self)  # noqa: SLF001 - a timer is a part of its session
        session._receive(kind, self)

    def cancel(self) -> None:
        """Disarm it."""
        self._session._loop.core.cancel_timer(self.id)  # noqa: SLF001 - as above
