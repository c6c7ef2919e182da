"""asyncio for `async def` VUs: real coroutines, on the same thread as the handlers of the sockets.

asyncio runs in one greenlet of its own. Its selector never blocks: it parks the greenlet, and the leader
resumes it when a file descriptor of asyncio is ready, its next timer is due, or a handler may have given it
something to do. In between it gets one turn after each batch of events, so neither starves the other.

Handlers of an async VU run in the leader while the asyncio loop counts as running, so that ``create_task``
works in them. Only parts of asyncio that are meant for authors of event loops are used.
"""

from __future__ import annotations

import asyncio
import ctypes
import selectors
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from greenlet import GreenletExit, getcurrent, greenlet

from k6ws import _core
from k6ws._loop.contexts import run_in
from k6ws._loop.results import check_result
from k6ws._loop.tasks import place
from k6ws._loop.turns import Turns

if TYPE_CHECKING:
    from contextvars import Context

    from k6ws._loop.abstract_loop import AbstractLoop
    from k6ws._loop.source import Source
    from k6ws._loop.vu import Vu

_LAST_S = 0.1


class AsyncioHost:
    """The asyncio loop of one thread's `async def` VUs."""

    def __init__(self, loop: AbstractLoop[Vu]) -> None:
        """Made by the first `async def` VU."""
        self._loop = loop
        self._selector = _ParkingSelector(self._park)
        self.asyncio = asyncio.SelectorEventLoop(self._selector)
        self.asyncio.set_task_factory(self._make_task)
        self._readiness = _core.watch(loop.core, self._selector.fileno(), self._have_turn)
        self._greenlet = greenlet(self._run, loop.root)
        self._escaped: BaseException | None = None
        self._is_closing = False
        self._supervisors: set[asyncio.Task[None]] = set()
        self.turns = Turns(self.dispatch)
        self.is_due = True
        """asyncio has something to do: it wants a turn after this batch."""

    # What the leader calls ----------------------------------------------------------------------------

    def resume(self) -> None:
        """Give asyncio a turn; returns when it waits again.

        Raises:
            BaseException: It left a task, or struck between two of them: a Ctrl-C, what the program's own
                signal handler raised. It belongs to the program.
        """
        self.is_due = False
        self._readiness.rearm()
        self._greenlet.switch()
        escaped, self._escaped = self._escaped, None
        if escaped is not None:
            raise escaped

    def deliver(self, vu: Vu, source: Source, kind: int, data: Any) -> None:
        """Run the handlers of an event of an async VU, once its turn has come."""
        if not self.turns.defers(source, kind, data):
            self.dispatch(vu, source, kind, data)

    def dispatch(self, vu: Vu, source: Source, kind: int, data: Any) -> None:
        """Run the handlers of an event, from the leader or between two tasks."""
        loop = self._loop
        outer, running = loop.current, asyncio._get_running_loop()  # noqa: SLF001 - documented, for event loops
        asyncio._set_running_loop(self.asyncio)  # noqa: SLF001
        try:
            run_in(source.context or vu.context, self._handle, vu, source, kind, data)
        except BaseException as error:  # noqa: BLE001 - it ends the iteration, not the loop
            vu.failed(error)
        finally:
            asyncio._set_running_loop(running)  # noqa: SLF001
            loop.turn_to(outer)
        self.is_due = True

    def _handle(self, vu: Vu, source: Source, kind: int, data: Any) -> None:
        self._loop.of_task()
        self._loop.turn_to(vu)
        source.dispatch(kind, data)

    # What VUs call ------------------------------------------------------------------------------------

    def start(self, vu: Vu, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine as a task of ``vu``."""
        self.is_due = True
        return self.asyncio.create_task(coroutine, context=vu.context)

    def start_handler(
        self, vu: Vu, source: Source | None, awaitable: Any, *, holds_events: bool
    ) -> asyncio.Task[Any]:
        """Run what a handler returned as a task; what it raises ends the iteration."""
        self.is_due = True
        task = self.asyncio.create_task(awaited(awaitable))
        report_failure(vu, task)
        self.turns.begin(vu, source, task, holds_events=holds_events)
        return task

    def supervise(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine of ours that belongs to no VU."""
        self.is_due = True
        task = self.asyncio.create_task(coroutine, context=self._loop.origin.copy())
        self._supervisors.add(task)
        task.add_done_callback(self._supervised)

    def adopt(self, vu: Vu) -> None:
        """Make what runs in ``vu.context`` the VU's: an iteration begins."""
        vu.context = self._loop.origin.copy()
        vu.context.run(place.set, (vu, vu.who.group, vu.who.tags))

    @staticmethod
    def leave(vu: Vu) -> None:
        """Have the VU stand where its function stood at the end: the iteration is over."""
        stood = vu.context.get(place)
        if stood is not None:
            _, vu.who.group, vu.who.tags = stood

    def changed(self, vu: Vu) -> None:
        """Wake whoever waits for something about ``vu`` to change: see :meth:`change`."""
        signal, vu.signal = vu.signal, None
        if signal is not None and not signal.done():
            signal.set_result(None)
            self.is_due = True

    def stir(self) -> None:
        """Something was settled that a task awaits."""
        self.is_due = True

    async def change(self, vu: Vu, patience: float | None = None) -> None:
        """Wait until the VU failed, was cut, a task of its ended or its last source is gone."""
        vu.signal = self.asyncio.create_future()
        await asyncio.wait([vu.signal], timeout=patience)

    def close(self) -> None:
        """End asyncio after its last VU; called from the thread's own code, never from a task."""
        self._is_closing = True
        self._readiness.close()
        if self._greenlet and not self._greenlet.dead:
            self.asyncio.stop()
            self._greenlet.parent = getcurrent()
            self._greenlet.switch()
        self._loop.turn_to(self._loop.outside)
        self._selector.unpark()
        self.asyncio.run_until_complete(self._shut_down())
        # Threads of `to_thread` end by themselves, each with what it is doing.
        self.asyncio.close()

    async def _shut_down(self) -> None:
        """Give what is still there a last chance to clean up."""
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            _, stuck = await asyncio.wait(left, timeout=_LAST_S)
            for task in stuck:
                # One that swallows every end would swallow that of its coroutine as well, in a busy loop
                # that nobody can leave: it is never finalised.
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(task))
        await self.asyncio.shutdown_asyncgens()

    # Within -------------------------------------------------------------------------------------------

    def _run(self, *_: object) -> None:
        """The body of asyncio's greenlet."""
        self._loop.turn_to(None)
        while not self._is_closing:
            try:
                self.asyncio.run_forever()
            except SystemExit:
                # The task that raised it has kept it, and fails whoever awaits that task.
                continue
            except GreenletExit:
                raise
            except BaseException as struck:  # noqa: BLE001 - a signal's may strike asyncio's own lines
                self._escaped = struck
                self._park(0)

    def _supervised(self, task: asyncio.Task[None]) -> None:
        """What leaves a coroutine of ours belongs to no VU: the program is told."""
        self._supervisors.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._escaped = error

    def _park(self, timeout: float | None) -> None:
        """Wait for a turn, at most ``timeout`` seconds."""
        if self._is_closing:
            return
        core = self._loop.core
        timer = None
        if timeout is not None:
            if timeout <= 0.0:
                self.is_due = True
            else:
                timer = core.add_timer(timeout * 1000.0, self._have_turn)
        running = asyncio._get_running_loop()  # noqa: SLF001 - documented, for event loops
        asyncio._set_running_loop(None)  # noqa: SLF001
        self._loop.turn_to(self._loop.outside)
        try:
            self._loop.to_leader()
        finally:
            asyncio._set_running_loop(running)  # noqa: SLF001
            self._loop.turn_to(None)
        if timer is not None:
            core.cancel_timer(timer)

    def _have_turn(self, _kind: int, _data: object) -> None:
        """Take the event that a timer is due or a file descriptor ready."""
        self.is_due = True

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any
    ) -> asyncio.Task[Any]:
        """Know the tasks of each VU, so that none outlives the iteration that started it."""
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
        context: Context | None = options.get("context")
        stood = context.get(place) if context is not None else place.get()
        if stood is not None:
            vu = stood[0]
            if vu.belongings is not None and vu.belongings.takes_new:
                tasks = vu.belongings.tasks
            else:
                tasks = vu.tasks if isinstance(vu.tasks, set) else set[asyncio.Task[Any]]()
                vu.tasks = tasks
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        return task


async def awaited(awaitable: Any) -> None:
    """Await what a handler returned; what that returns would be lost in its turn."""
    check_result("a coroutine handler", await awaitable)


def report_failure(vu: Vu, task: asyncio.Task[Any]) -> None:
    """Let an exception of a task end the iteration of ``vu``."""

    def ended(task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            vu.failed(error)

    task.add_done_callback(ended)


class _ParkingSelector(selectors.EpollSelector):
    """Looks without waiting; the waiting is done in the dispatcher."""

    def __init__(self, park: Callable[[float | None], None]) -> None:
        super().__init__()
        self._park: Callable[[float | None], None] | None = park

    def unpark(self) -> None:
        """Wait in the kernel from now on, as every selector does."""
        self._park = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready, after a turn for the sockets of k6ws."""
        if self._park is None:
            return super().select(timeout)
        ready = super().select(0)
        self._park(0.0 if ready else timeout)
        return ready or super().select(0)
