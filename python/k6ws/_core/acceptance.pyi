"""What the hand-out of events reads of a VU, and of a source of its events."""

from collections.abc import Callable
from typing import Any

from k6ws._core.connection import Connection

class VuBase:
    """What a VU accepts."""

    accepts: object | None
    """Whose events may be delivered now; `None` for nobody's."""
    is_unsettled: bool
    """Something must be looked at when a handler has run."""

class SourceBase:
    """Whose events these are, and what messages among them are given to."""

    def belong(self, vu: VuBase, scope: object) -> None:
        """Say whose they are, and what that VU accepts while they are delivered."""

    def send_by(self, connection: Connection | None, takes_bytes: bool) -> None:
        """Say which connection sockets send through from now on, without asking Python; `None` for none."""

    scope: object
    """What the VU accepts while events of this source are delivered."""
    on_text: Callable[[Any], object] | None
    """What is called with a text message, where that is one handler; else the receiver is."""
    on_binary: Callable[[Any], object] | None
    """The same for a binary message, or for data of TCP."""
