"""What a server saw, kept so that a test can wait for it without sleeping.

Servers write from their own thread; a test reads through `wait_until`, which blocks on a condition
and fails with a sentence when the thing did not happen in time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PATIENCE_S = 5.0


@dataclass
class Session:
    """One connection as the server saw it."""

    path: str
    headers: dict[str, list[str]]
    messages: list[str | bytes] = field(default_factory=list[str | bytes])
    pongs: list[bytes] = field(default_factory=list[bytes])
    close_code: int | None = None
    """Code of the Close frame the client sent, 1005 for an empty one, None without a Close."""
    ended: bool = False

    def header(self, name: str) -> str | None:
        """The header's values joined with a comma, None if it was not sent."""
        values = self.headers.get(name.lower())
        return None if values is None else ", ".join(values)


class Journal:
    """The sessions of one server in order of arrival."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.sessions: list[Session] = []
        self.refused: list[str] = []
        """Paths of requests answered with plain HTTP, in order."""

    def change(self, act: Callable[[], object]) -> None:
        """Apply a change as the server and wake whoever waits."""
        with self._changed:
            act()
            self._changed.notify_all()

    def wait_until(
        self, holds: Callable[[], bool], promise: str, patience: float = PATIENCE_S
    ) -> None:
        """Block until `holds()`; fail with `promise` after `patience` seconds."""
        deadline = time.monotonic() + patience
        with self._changed:
            while not holds():
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise AssertionError(f"after {patience} s the server had not seen: {promise}")
                self._changed.wait(remaining)

    def session(self, index: int = 0, *, ended: bool = True) -> Session:
        """The session with this index, by default once it is over."""
        self.wait_until(lambda: len(self.sessions) > index, f"connection number {index}")
        if ended:
            self.wait_until(lambda: self.sessions[index].ended, f"the end of connection {index}")
        return self.sessions[index]
