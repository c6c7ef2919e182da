"""A file descriptor of Python's whose readiness is an event."""

from typing import final

from k6ws._core.event_loop import Loop
from k6ws._core.receivers import Receiver

def watch(owner: Loop, fd: int, receiver: Receiver) -> Watched:
    """Have `receiver(READABLE, None)` called when a descriptor is ready, once until `rearm`.

    Args:
        owner: Whose event it is.
        fd: An open descriptor that can be polled; it is duplicated, so it may be closed at any time.
        receiver: Who is told.
    """

@final
class Watched:
    """A descriptor whose readiness is an event; made by `watch`."""

    def rearm(self) -> None:
        """Ask for the next readiness; call before looking at the descriptor."""

    def close(self) -> None:
        """Watch no more."""
