"""A thread of ours that is begun wholly or not at all, and whose end can be waited for after a strike."""

from __future__ import annotations

import threading
from collections.abc import Callable

# What a thread takes at most to see that it is not to work.
_CALLED_OFF_S = 1.0


class Background(threading.Thread):
    """A thread that ends what it does before :meth:`join` returns, whatever struck :meth:`start` or a join.

    A signal handler may raise in the midst of ``Thread.start``, when nobody can tell whether the thread is
    there: it works only when `start` has returned. And before CPython 3.13 a thread counts as ended as soon
    as one raises in ``Thread.join``.
    """

    def __init__(self, work: Callable[[], object], name: str, *, daemon: bool) -> None:
        """``work`` is done by the thread, once it is started."""
        super().__init__(target=work, name=name, daemon=daemon)
        self._may_work = threading.Event()
        self._is_called_off = False
        self._is_done = threading.Event()

    def start(self) -> None:
        """Begin the work."""
        super().start()
        self._may_work.set()

    def run(self) -> None:
        """Do the work; called by the thread."""
        try:
            self._may_work.wait()
            if not self._is_called_off:
                super().run()
        finally:
            self._is_done.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the work is done, and the thread gone; one whose start was struck does not begin."""
        if not self._may_work.is_set():
            self._is_called_off = True
            self._may_work.set()
            timeout = _CALLED_OFF_S
        if self._is_done.wait(timeout):
            super().join(timeout)
