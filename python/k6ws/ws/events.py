"""What the events of a session are to it, and what stands in for a connection that it does not have."""

from __future__ import annotations

from typing import Any

from k6ws import _core
from k6ws.errors import K6Error

GOING_AWAY = 1001
EMPTY_CLOSE = 1005
CLEAN = (1000, GOING_AWAY)
"""How a session ends well."""

NO_HANDLER = frozenset({_core.OPENED, _core.REFUSED, _core.ENDED, _core.WRITABLE})
"""What nobody but the session itself is told."""

BOUNDED = frozenset({_core.TEXT, _core.BINARY, _core.PING, _core.PONG})
"""What counts as undelivered while it is held."""


def size_of(kind: int, data: Any) -> int:
    """Payload bytes of an event; pings and pongs have none that count."""
    return len(data) if kind in {_core.TEXT, _core.BINARY} else 0


def ignore(_message: object) -> None:
    """Take a message of a session that is over."""


def is_over(*_: object) -> int:
    """Stand in for a connection that is gone: nothing is accepted."""
    return 1


def not_open(*_: object) -> int:
    """Stand in for a connection that is not there yet."""
    message = "the socket is not connected"
    raise K6Error(message)
