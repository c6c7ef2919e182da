"""k6ws inside a program's own asyncio loop: a notebook, a service, ``asyncio.run``.

Nothing may block there. The guardian drives the sockets on its own thread and rings a bell, a file
descriptor that the asyncio loop watches; the handlers then run on that loop, batch by batch.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from k6ws._loop.asyncio_host import awaited
from k6ws._loop.contexts import run_in
from k6ws._loop.turns import Turns

if TYPE_CHECKING:
    from k6ws._loop.source import Source
    from k6ws._loop.vu import Vu
    from k6ws._loop.waiting import Waiting


class Embedded:
    """The loop of a thread, embedded in the asyncio loop that runs there."""

    def __init__(self, loop: Waiting[Any], running: asyncio.AbstractEventLoop) -> None:
        """Move in with ``running``; with uvloop as well."""
        # Not its core: scripts may keep what refers to this, and a loop lets go of its core when it ends.
        self._loop = loop
        self.asyncio = running
        self._bell = loop.core.host()
        self._is_over = False
        self._escaped: BaseException | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.turns = Turns(self.dispatch)
        running.add_reader(self._bell, self._take)

    def leave(self) -> None:
        """Move out: the asyncio loop is over."""
        if not self.asyncio.is_closed():
            self.asyncio.remove_reader(self._bell)
        self._is_over = True
        self._loop.core.unhost()

    def _take(self) -> None:
        """Run the handlers of a batch; what is left rings again.

        Ctrl-C and ``SystemExit`` leave the program's loop when the whole batch is with its sockets: the
        program may let the loop go on, to clean up.
        """
        if self._is_over:
            return
        core = self._loop.core
        is_taken = is_done = False
        while not is_done:
            try:
                if not is_taken:
                    # First: a signal may strike right behind the call, and what was taken rings no more.
                    is_taken = True
                    core.take_events()
                for receive, kind, data, _ in core:
                    receive(kind, data)
                is_done = True
            except BaseException as error:  # noqa: BLE001 - raised below: a signal, between two handlers
                self._escaped = error if self._escaped is None else self._escaped
        escaped, self._escaped = self._escaped, None
        if escaped is not None:
            raise escaped

    def deliver(self, vu: Vu, source: Source, kind: int, data: Any) -> None:
        """Run the handlers of an event, once its turn has come."""
        if not self.turns.defers(source, kind, data):
            self.dispatch(vu, source, kind, data)

    def dispatch(self, vu: Vu, source: Source, kind: int, data: Any) -> None:
        """Have a source take an event, whatever is under way."""
        context = source.context
        try:
            if context is None:
                source.dispatch(kind, data)
            else:
                run_in(context, source.dispatch, kind, data)
        except BaseException as error:  # noqa: BLE001 - it goes to the loop's exception handler
            vu.failed(error)

    def stir(self) -> None:
        """The program's loop sees by itself what was settled for a task."""

    def start_handler(
        self, vu: Vu, source: Source | None, awaitable: Any, *, holds_events: bool
    ) -> asyncio.Task[Any]:
        """Run what a handler returned as a task of the program's loop."""
        task = self.asyncio.create_task(awaited(awaitable))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda task: self._ended(vu, task))
        self.turns.begin(vu, source, task, holds_events=holds_events)
        return task

    @staticmethod
    def _ended(vu: Vu, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        # These two have left the loop already, as they do from every task.
        if error is not None and not isinstance(error, (KeyboardInterrupt, SystemExit)):
            vu.failed(error)

    def changed(self, vu: Vu) -> None:
        """Report what a handler raised: there is no iteration that it could end."""
        error, vu.failure = vu.failure, None
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            self._escaped = error if self._escaped is None else self._escaped
        elif error is not None:
            message = "exception in a handler of a k6ws socket or timer"
            self.asyncio.call_exception_handler({"message": message, "exception": error})
