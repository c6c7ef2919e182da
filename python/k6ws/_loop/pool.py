"""Threads that make blocking calls, made when they are needed and there are not too many.

They keep no process from its end: a call that hangs is left to itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Pool:
    """The threads of one loop. Calls begin in the order in which they were given."""

    def __init__(self, name: str, patience_s: float = 2.0) -> None:
        """``patience_s`` is how long a thread without work stays."""
        self._name = name
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._calls: deque[Callable[[], object]] = deque()
        self._threads = 0
        self._idle = 0
        self._is_over = False

    def submit(self, call: Callable[[], object], most: int) -> None:
        """Have a thread make this call, which raises nothing; ``most`` is how many there may be."""
        with self._changed:
            self._calls.append(call)
            if len(self._calls) <= self._idle:
                self._changed.notify()
                return
            if self._threads >= most:
                return
            self._threads += 1
        try:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        except RuntimeError:
            # No more threads can be made: those that there are make the call.
            with self._changed:
                self._threads -= 1
                if not self._threads:
                    self._calls.remove(call)
                    raise

    def end(self) -> None:
        """Let threads without work go; each of the others goes when its call has ended."""
        with self._changed:
            self._is_over = True
            self._calls.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while (call := self._next()) is not None:
            call()
            # What it refers to shall not wait for the next one.
            del call

    def _next(self) -> Callable[[], object] | None:
        """The next call; nothing for a thread that is to go."""
        with self._changed:
            self._idle += 1
            is_late = False
            while not self._calls and not self._is_over and not is_late:
                is_late = not self._changed.wait(self._patience_s)
            self._idle -= 1
            if self._calls:
                return self._calls.popleft()
            self._threads -= 1
            return None
