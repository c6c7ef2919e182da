"""``every``: a message that a session sends again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k6ws._conversation import requests as _requests
from k6ws._conversation.asked import Asked

_PLAIN = Asked()
# Times of the loop are sums of intervals: two of one instant differ by less, in milliseconds.
_SAME = 1e-6


class Every:
    """One of them; ends with its session, or by :meth:`stop`."""

    __slots__ = ("_message", "_ms", "_name", "_next", "_source", "_timer")

    def __init__(self, source: Any, ms: float, message: Any, name: str | None) -> None:
        """Made by ``session.every``."""
        if not callable(message):
            # What cannot be sent is said here.
            source.encoded(message)
        self._source = source
        self._message = message
        self._name = name
        self._ms = ms
        # When the next request is to be made, once the first is due.
        self._next: float | None = None
        receive = self._due if name is None else self._planned
        self._timer: int | None = source.vu.loop.core.add_timer(ms, receive, ms)
        source.beats = (*source.beats, self)
        source.undoes(self.stop)

    def stop(self) -> None:
        """Send it no more."""
        source = self._source
        if self._timer is not None:
            source.vu.loop.core.cancel_timer(self._timer)
            self._timer = None
        source.beats = tuple(one for one in source.beats if one is not self)

    def _due(self, _kind: int, _data: object) -> None:
        # Where the peer does not read there is no room: the next one may find some.
        self._say(self._source.send)

    def _planned(self, _kind: int, _data: object) -> None:
        """Make every request that has come due, however late the loop looks, each with its own plan."""
        core = self._source.vu.loop.core
        due = core.arrived()
        now = max(core.now(), due + _SAME)
        planned: float = due if self._next is None else self._next
        while planned <= now and self._timer is not None:
            self._ask(planned)
            planned += self._ms
        self._next = planned

    def _ask(self, planned: float) -> None:
        source, name = self._source, self._name

        def start(message: Any) -> None:
            waits = source.awaits_room
            _requests.start(source, message, name or "", _PLAIN, planned, waits=waits)

        self._say(start)

    def _say(self, send: Callable[[Any], object]) -> None:
        source, message = self._source, self._message
        if source.is_held():
            # Nothing is sent while a session is down, and nothing is made up for.
            return
        if source.connection is None or not source.is_speaking():
            self.stop()
            return
        try:
            if callable(message):
                message = source.ask_script(message)
                if message is None:
                    return
            send(message)
        except Exception as error:  # noqa: BLE001 - the script's: it ends the iteration, not the loop
            self.stop()
            source.vu.failed(error)
