"""A thread of ours whose end can be waited for again, after something struck the wait."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Background(threading.Thread):
    """A thread that ends what it does before :meth:`join` returns, whatever struck an earlier one.

    Before CPython 3.13 a thread counts as ended as soon as a signal handler raises in ``Thread.join``.
    """

    def __init__(self, work: Callable[[], object], name: str, *, daemon: bool) -> None:
        """``work`` is done by the thread, once it is started."""
        super().__init__(target=work, name=name, daemon=daemon)
        self._is_done = threading.Event()

    def run(self) -> None:
        """Do the work; called by the thread."""
        try:
            super().run()
        finally:
            self._is_done.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the work is done, and the thread gone."""
        if self._is_done.wait(timeout):
            super().join(timeout)
