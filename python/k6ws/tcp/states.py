"""What a TCP socket may be, and what may happen to it."""

from __future__ import annotations

from k6ws import _core

Failure = tuple[str, str, str]
"""Text, cause and hint, as the core tells them."""

DISCONNECTED, OPENING, OPEN, DESTROYED = "disconnected", "opening", "open", "destroyed"
EVENTS = {"connect": 0, "data": 1, "close": 0, "error": 1, "timeout": 0}
"""Those of scripts, and how many arguments their handlers are given."""

LOCAL_ERROR, IDLE, GONE = -1, -2, -3
"""Events of our own, beside those of the core."""
SILENT = frozenset({_core.WRITTEN, _core.WRITABLE})
"""Those that no handler is told of."""
OUTCOMES = frozenset({_core.OPENED, _core.REFUSED, _core.TLS_STARTED, _core.WRITE_FAILED})
"""Those that end an operation."""


def not_open(_data: bytes, _tags: object) -> int:
    """Stand in for the write of a connection that is not there."""
    return 0
