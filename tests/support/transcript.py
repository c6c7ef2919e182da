"""Everything a socket told its handlers, in order, so that a test can assert the whole story."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from k6ws import WSError, ws

Event = tuple[object, ...]


class Transcript:
    """`events` holds `(name, *arguments)`; an error is noted by its text and kept in `errors`."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.errors: list[WSError] = []
        self.times: list[float] = []

    def follow(self, socket: ws.Socket) -> None:
        """Register a handler for every event; call it first, so that it runs before others."""
        socket.on("open", lambda: self._note("open"))
        socket.on("message", lambda message: self._note("message", message))
        socket.on("binaryMessage", lambda data: self._note("binaryMessage", data))
        socket.on("ping", lambda: self._note("ping"))
        socket.on("pong", lambda: self._note("pong"))
        socket.on("error", self._note_error)
        socket.on("close", lambda code: self._note("close", code))

    def before(self, session: Callable[[ws.Socket], object]) -> Callable[[ws.Socket], None]:
        """The session with this transcript following along."""

        def followed(socket: ws.Socket) -> None:
            self.follow(socket)
            session(socket)

        return followed

    def note(self, *event: object) -> None:
        """Add an event of the test's own."""
        self._note(*event)

    def time_of(self, *event: object) -> float:
        """When the first such event was noted, on the monotonic clock."""
        return self.times[self.events.index(event)]

    def _note(self, *event: object) -> None:
        self.events.append(event)
        self.times.append(time.monotonic())

    def _note_error(self, error: WSError) -> None:
        self.errors.append(error)
        self._note("error", error.error())
