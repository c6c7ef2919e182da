"""``every``: a message that a session sends again and again."""

from __future__ import annotations

from typing import Any


class Every:
    """One of them; ends with its session, or by :meth:`stop`."""

    __slots__ = ("_message", "_source", "_timer")

    def __init__(self, source: Any, ms: float, message: Any) -> None:
        """Made by ``session.every``."""
        if not callable(message):
            # What cannot be sent is said here.
            source.encoded(message)
        self._source = source
        self._message = message
        core = source.vu.loop.core
        self._timer: int | None = core.add_timer(ms, self._due, ms)
        source.beats = (*source.beats, self)

    def stop(self) -> None:
        """Send it no more."""
        source = self._source
        if self._timer is not None:
            source.vu.loop.core.cancel_timer(self._timer)
            self._timer = None
        source.beats = tuple(one for one in source.beats if one is not self)

    def _due(self, _kind: int, _data: object) -> None:
        source, message = self._source, self._message
        if source.connection is None or not source.is_speaking():
            self.stop()
            return
        try:
            if callable(message):
                message = source.ask_script(message)
                if message is None:
                    return
            # Where the peer does not read there is no room: the next one may find some.
            source.send(message)
        except Exception as error:  # noqa: BLE001 - the script's: it ends the iteration, not the loop
            self.stop()
            source.vu.failed(error)
