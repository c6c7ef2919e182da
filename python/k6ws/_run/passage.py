"""One call of `vu_start` or `vu_stop`: a VU enters its scenario or leaves it.

It runs as an iteration does, with the same worker, and counts as none. What is opened while a VU enters is
its own from then on; when it leaves, all of that closes.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from k6ws._loop import Loop, Vu, check_result, is_coroutine_function
from k6ws._loop.belongings import Belongings
from k6ws._loop.between import disown
from k6ws._run.iteration import Failed
from k6ws._run.worker import Worker


class Passage:
    """One VU on its way in or out."""

    __slots__ = (
        "_ended",
        "_failed",
        "_left_behind",
        "_worker",
        "is_cut",
        "is_entrance",
        "is_failed",
        "is_over",
        "vu",
        "what",
    )

    def __init__(
        self,
        vu: Vu,
        *,
        is_entrance: bool,
        failed: Failed,
        left_behind: Callable[[], None],
        ended: Callable[[Passage], object],
    ) -> None:
        """``ended`` is told of its end, once."""
        self.vu = vu
        self.what = "vu_start()" if is_entrance else "vu_stop()"
        self.is_entrance = is_entrance
        self.is_failed = False
        self.is_cut = False
        self._failed = failed
        self._left_behind = left_behind
        self._ended = ended
        self.is_over = False
        self._worker: Any = None

    def start(self, function: Callable[[], Any] | None, loop: Loop, *, is_async: bool) -> None:
        """Call ``function``; without one it only leaves, as a VU whose iterations are async or not."""
        if function is not None:
            is_async = is_coroutine_function(function)
        call: Callable[[], Any] = function or (_nothing_async if is_async else _nothing)
        if not self.is_entrance:
            call = self._closing_after(call) if is_async else self._closing(call)
        if is_async:
            from k6ws._run.coroutines import CoroutineWorker  # noqa: PLC0415 - imports asyncio

            self._worker = CoroutineWorker(self, loop.asyncio())
        else:
            self._worker = Worker(self, loop)
        self._worker.start(call)

    def bury(self) -> None:
        """End it where something struck its greenlet dead between two lines of ours."""
        if isinstance(self._worker, Worker):
            self._worker.bury()

    def dismiss(self) -> None:
        """Let go of what ran it."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.dismiss()

    def _closing(self, call: Callable[[], Any]) -> Callable[[], None]:
        def leave() -> None:
            try:
                check_result(self.what, call())
            finally:
                self._close()

        return leave

    def _closing_after(
        self, call: Callable[[], Coroutine[Any, Any, Any]]
    ) -> Callable[[], Coroutine[Any, Any, None]]:
        async def leave() -> None:
            try:
                check_result(self.what, await call())
            finally:
                self._close()

        return leave

    def _close(self) -> None:
        """Close what the VU owns, each within its own bounds; handlers of its closing run."""
        vu = self.vu
        disown(vu)
        vu.is_ending = True
        for source in list(vu.sources):
            source.wind_down()

    # What a worker calls, as for an iteration ---------------------------------------------------------

    def begin(self) -> None:
        """It begins."""
        vu = self.vu
        vu.renew()
        if self.is_entrance:
            if vu.belongings is None:
                vu.belongings = Belongings(vu.who)
            vu.belongings.takes_new = True
        vu.is_cut = vu.who.account is not None and vu.who.account.is_cut()

    def failed(self, error: BaseException) -> None:
        """It raised."""
        self.is_failed = True
        self._failed(error, f"{self.what} of scenario {self.vu.who.scenario}")

    def failed_also(self, first: BaseException, second: BaseException) -> None:
        """A handler raised as well, while its sockets closed."""
        del first
        what = f"a handler that ran after a failed {self.what}"
        self._failed(second, what, ends_it=False)

    def failed_between(self, error: BaseException) -> None:
        """A handler raised behind it, before an iteration has begun."""
        self._failed(error, f"a handler behind {self.what} of scenario {self.vu.who.scenario}")

    def left_behind(self) -> None:
        """A task outlived it."""
        self._left_behind()

    def end(self) -> None:
        """It is over. Again, this does nothing."""
        if not self.is_over:
            self.is_over = True
            self.is_cut |= self.vu.is_cut
            self._ended(self)


def _nothing() -> None:
    """Stand in where a script has no `vu_stop`."""


async def _nothing_async() -> None:
    """The same for a VU of coroutines."""
