"""Messages of a coroutine that found no room: they go on their way in order, as soon as there is some."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from k6ws._loop import Operation, Vu
from k6ws._socket.send_room import ACCEPTED, FULL
from k6ws.errors import K6Error

MOST = 1024
"""Of sends that nobody awaits: past them a send fails at its call."""


class Backlog:
    """The messages of one session that wait, each with the operation that its ``send`` has returned."""

    __slots__ = ("_blocked", "_send", "_vu", "_waiting")

    def __init__(
        self, vu: Vu, send: Callable[[Any], int], blocked: Callable[[int], K6Error]
    ) -> None:
        """``send`` answers as the core does; ``blocked`` says what is raised of its last answer."""
        self._vu = vu
        self._send = send
        self._blocked = blocked
        self._waiting: deque[tuple[Any, Operation[None]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, message: Any, patience: float) -> Operation[None]:
        """Have a message wait for so many milliseconds at most."""
        if len(self._waiting) >= MOST:
            raise self._blocked(FULL)
        operation: Operation[None] = Operation(self._vu, "session.send(…)")
        entry = (message, operation)
        self._waiting.append(entry)
        self._vu.loop.core.add_timer(patience, lambda _kind, _data: self._expire(entry))
        return operation

    def flush(self) -> None:
        """Send what may go; what never can fails."""
        while self._waiting:
            message, operation = self._waiting[0]
            status = self._send(message)
            if status == FULL:
                return
            self._waiting.popleft()
            if status == ACCEPTED:
                operation._settle(None)
            else:
                operation._fail(self._blocked(status))
        self._stir()

    def _expire(self, entry: tuple[Any, Operation[None]]) -> None:
        if entry in self._waiting:
            self._waiting.remove(entry)
            entry[1]._fail(self._blocked(FULL))
            self._stir()

    def _stir(self) -> None:
        if self._vu.host is not None:
            self._vu.host.stir()
