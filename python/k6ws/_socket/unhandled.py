"""Messages that arrive and find no handler: counted, and told once where they are binary."""

from __future__ import annotations

from typing import Any

from k6ws import _core
from k6ws._loop import Vu


class Unhandled:
    """Stands where the handlers of a session's messages would; as soon as there is one, that one does."""

    __slots__ = ("_count", "_register", "_vu")

    def __init__(self, vu: Vu, register: str) -> None:
        """``register`` is what a script writes to get binary messages."""
        self._vu = vu
        self._register = register
        self._count = 0

    def __call__(self, message: Any) -> None:
        """Take a message, as ``bytes`` or text, or the event of one."""
        self._count += 1
        if type(getattr(message, "data", message)) is not str:
            self._vu.loop.notices.warn(
                Unhandled,
                f"binary messages arrive and nothing handles them: register {self._register}; "
                "ws_msgs_unhandled counts them",
            )

    def tell(self, connection: _core.Connection) -> None:
        """Count them: the session ends."""
        count, self._count = self._count, 0
        if count:
            connection.unhandled(count)
