"""What the listeners of a WebSocket are given; one object for all listeners of a dispatch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k6ws.errors import WSError


class Event:
    """Something happened: ``open``, ``ping`` or ``pong``; the root of the others.

    Attributes:
        type: Its name.
        target: The socket.
        timestamp: When, in milliseconds since 1970; pings and pongs say when they arrived.
    """

    __slots__ = ("target", "timestamp", "type")

    target: Any
    type: str

    def __init__(self, name: str, target: Any, timestamp: float | None = None) -> None:
        """Made by the socket."""
        self.type = name
        self.target = target
        self.timestamp = time.time() * 1000.0 if timestamp is None else timestamp

    @property
    def timeStamp(self) -> float:  # noqa: N802 - the DOM's spelling
        """The DOM's name of ``timestamp``."""
        return self.timestamp

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.type} of {self.target.url}>"


class ErrorEvent(Event):
    """A connection could not be made, failed, or was closed by its peer for a reason other than being done.

    Attributes:
        error: What went wrong, as text. In ``k6/ws`` it is ``e.error()``.
        exception: The same as an exception, with ``cause`` and ``hint``.
    """

    __slots__ = ("error", "exception")

    def __init__(self, target: Any, exception: BaseException | WSError) -> None:
        """Made by the socket."""
        super().__init__("error", target)
        self.error = str(exception)
        self.exception = exception


class CloseEvent(Event):
    """The connection is closed; the last event of a socket.

    Attributes:
        code: RFC 6455 section 7.4; 1005 when the peer gave none, 1006 without a Close frame.
        reason: What the peer said, often empty.
        was_clean: Whether both sides sent a Close frame.
    """

    __slots__ = ("code", "reason", "was_clean")

    def __init__(self, target: Any, code: int, reason: str, *, was_clean: bool) -> None:
        """Made by the socket."""
        super().__init__("close", target)
        self.code = code
        self.reason = reason
        self.was_clean = was_clean

    @property
    def wasClean(self) -> bool:  # noqa: N802 - the DOM's spelling
        """The DOM's name of ``was_clean``."""
        return self.was_clean
