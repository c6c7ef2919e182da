"""What stands in for a connection that a session does not have, yet or any more."""

from __future__ import annotations

from k6ws.errors import K6Error


def ignore(_message: object) -> None:
    """Take a message of a session that is over."""


def is_over(*_: object) -> int:
    """Stand in for a connection that is gone: nothing is accepted."""
    return 1


def not_open(*_: object) -> int:
    """Stand in for a connection that is not there yet."""
    message = "the socket is not connected"
    raise K6Error(message)
