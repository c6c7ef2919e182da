"""A VU whose function is `async def`: each iteration is a task, with those that it starts.

An iteration ends when its function has returned and no socket or timer of the VU is left. Then tasks that
are still there are cancelled and counted. One that fails, or is cut, is cancelled with all its tasks: their
``finally`` blocks run, for at most a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from k6ws._loop import check_result
from k6ws._loop.asyncio_host import AsyncioHost
from k6ws._loop.between import rest
from k6ws._run.iteration import Accounted
from k6ws.errors import Interrupted

logger = logging.getLogger("k6ws")

Function: TypeAlias = Callable[[], Coroutine[Any, Any, Any]]

_CLEAN_UP_S = 1.0


class CoroutineWorker:
    """Runs the iterations of one async VU."""

    __slots__ = ("_host", "_is_over", "_iteration", "_vu")

    def __init__(self, iteration: Accounted, host: AsyncioHost) -> None:
        self._iteration = iteration
        self._host = host
        self._vu = iteration.vu
        self._is_over = False

    def start(self, function: Function) -> None:
        """Start an iteration that runs the coroutine that ``function`` makes."""
        if not self._is_over:
            self._vu.host = self._host
            self._host.supervise(self._iterate(function))

    def dismiss(self) -> None:
        """The run is over."""
        self._is_over = True

    async def _iterate(self, function: Function) -> None:
        try:
            await self._attempt(function)
        finally:
            self._iteration.end()
            if self._vu.belongings is not None:
                rest(self._vu, self._iteration.failed_between)

    async def _attempt(self, function: Function) -> None:
        vu, iteration = self._vu, self._iteration
        iteration.begin()
        self._host.adopt(vu)
        try:
            vu.check_alive()
            await self._run(function())
        except Interrupted:
            # Not every one comes with a cut: the next iteration must not wait for these sockets.
            vu.give_up()
        except BaseException as error:  # noqa: BLE001 - one bad iteration stops nothing else
            if not vu.is_cut:
                iteration.failed(error)
                await self._wind_down(error)
        await self._cancel_what_is_left()
        self._host.leave(vu)

    async def _run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run the function until it has returned and every socket and timer is done."""
        vu = self._vu
        main = self._host.start(vu, coroutine)
        main.add_done_callback(lambda _: self._host.changed(vu))
        while not main.done() or vu.sources:
            if vu.is_cut:
                raise Interrupted
            if vu.failure is not None or (main.done() and _failure(main) is not None):
                break
            await self._host.change(vu)
        if vu.is_cut:
            raise Interrupted
        vu.raise_failure(_failure(main) if main.done() else None)
        check_result(self._iteration.what, main.result())

    async def _wind_down(self, error: BaseException) -> None:
        """Close every socket of an iteration that failed; each bounds its own closing."""
        vu = self._vu
        vu.is_ending = True
        for task in list(vu.tasks):
            task.cancel()
        for source in list(vu.sources):
            source.wind_down()
        while vu.sources and not vu.is_cut:
            await self._host.change(vu)
            second, vu.failure = vu.failure, None
            if second is not None and not isinstance(second, Interrupted):
                self._iteration.failed_also(error, second)

    async def _cancel_what_is_left(self) -> None:
        """Cancel the tasks that outlived the iteration, and give them a second to clean up."""
        left = [task for task in self._vu.tasks if not task.done()]
        if not left:
            return
        for task in left:
            if not task.cancelling():
                self._iteration.left_behind()
            task.cancel()
        _, stuck = await asyncio.wait(left, timeout=_CLEAN_UP_S)
        for task in stuck:
            logger.warning(
                "a task did not end within %g s of being cancelled: %r", _CLEAN_UP_S, task
            )
            if isinstance(self._vu.tasks, set):
                self._vu.tasks.discard(task)


def _failure(main: asyncio.Task[Any]) -> BaseException | None:
    """What the function of the VU raised."""
    if main.cancelled():
        return asyncio.CancelledError("the task of the iteration was cancelled by the script")
    return main.exception()
