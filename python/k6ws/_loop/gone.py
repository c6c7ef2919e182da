"""Stands in for the core of a thread that has ended: scripts may still hold the sockets of that thread."""

from __future__ import annotations

from typing import NoReturn

from k6ws.errors import K6Error


class Gone:
    """Refuses whatever needs the core, so that a socket can be asked what has become of it."""

    @staticmethod
    def is_own_thread() -> bool:
        """It is nobody's."""
        return False

    def __getattr__(self, _name: str) -> NoReturn:
        """Refuse."""
        message = "this k6ws object belongs to a thread that has ended"
        raise K6Error(message, "each thread has its own loop: make the socket where it is used")
