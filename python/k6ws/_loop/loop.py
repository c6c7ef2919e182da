"""The loop of one thread: greenlets that wait, VUs, and asyncio where it runs, put together.

It looks for signals on the main thread, follows the plain program from one asyncio loop to the next, and
gives everything back when its thread ends.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, cast

from k6ws import _core
from k6ws._loop import forks
from k6ws._loop.abstract_loop import AbstractLoop
from k6ws._loop.foreign import refuse_gevent, running_asyncio
from k6ws._loop.gone import Gone
from k6ws._loop.tasks import place
from k6ws._loop.vu import Vu
from k6ws.errors import K6Error

if TYPE_CHECKING:
    from k6ws._loop.asyncio_host import AsyncioHost
    from k6ws._loop.embedded import Embedded

# Between two looks at pending signals while nothing happens; Python runs signal handlers only then.
_SIGNAL_TICK_MS = 100.0
_SETTLE_STEP_MS = 5.0
# What sockets that are open when their thread ends have to say goodbye: twice what one of them may take.
_GOODBYE_MS = 200.0


class Loop(AbstractLoop[Vu]):
    """Sockets, timers and VUs of one thread."""

    def __init__(self) -> None:
        refuse_gevent()
        try:
            core = _core.Loop()
        except OSError as error:
            message = f"{error}"
            raise K6Error(
                message, "raise the limits on open files and threads (ulimit -n, -u)"
            ) from None
        forks.forget(core)
        super().__init__(core, Vu(self))
        # How often the core had been polled when the plain program made its last socket or timer.
        self.polls_at_keep = 0
        self._asyncio: AsyncioHost | None = None
        self._embedded: Embedded | None = None
        self.is_main_thread = threading.current_thread() is threading.main_thread()
        self._signal_tick: int | None = None
        self._tick()

    def settle(self, ms: float, others: int = 0) -> None:
        """Wait until all connections but ``others`` are gone, at most this long: cut ones say goodbye."""
        deadline = self.core.now() + ms
        while self.core.connections() > others and self.core.now() < deadline:
            self.sleep(_SETTLE_STEP_MS)

    def asyncio(self) -> AsyncioHost:
        """The asyncio loop that `async def` VUs of this thread run on, made on first use."""
        if self._asyncio is None:
            # Blocking scripts never load asyncio.
            from k6ws._loop.asyncio_host import AsyncioHost  # noqa: PLC0415

            self._asyncio = self._subloop = AsyncioHost(self)
        return self._asyncio

    def is_in_asyncio(self) -> bool:
        """Whether an asyncio loop runs in this thread: then nothing may wait but coroutines."""
        modules = sys.modules
        if "gevent" in modules:
            refuse_gevent()
        if "asyncio" in modules and running_asyncio() is not None:
            return True
        if self._embedded is not None:
            # The program's loop has ended; from now on it is a plain program again.
            self.join_asyncio()
        return False

    def kept_outside(self) -> None:
        """The plain program makes a socket or a timer: it follows the program, which has to wait for it."""
        self.join_asyncio()
        self.polls_at_keep = self.core.polls()

    def join_asyncio(self) -> None:
        """Let handlers of the plain program run on the asyncio loop that runs in this thread, if one does.

        Called by whatever brings events there: programs come and go with their loops (``asyncio.run``).
        """
        running = running_asyncio()
        embedded = self._embedded
        if (None if embedded is None else embedded.asyncio) is running:
            return
        self.core.check_thread()
        if embedded is not None:
            embedded.leave()
        self._embedded = None
        if running is not None:
            from k6ws._loop.embedded import Embedded  # noqa: PLC0415 - imports asyncio

            self._embedded = Embedded(self, running)
        self.outside.host = self._embedded
        if embedded is not None:
            embedded.turns.hand_over()
        self._tick()

    def _tick(self) -> None:
        """Look for signals now and then, on the main thread; an asyncio loop does it itself."""
        wanted = self.is_main_thread and self._embedded is None
        if wanted and self._signal_tick is None:
            self._signal_tick = self.core.add_timer(_SIGNAL_TICK_MS, _look_up, _SIGNAL_TICK_MS)
        elif not wanted and self._signal_tick is not None:
            self.core.cancel_timer(self._signal_tick)
            self._signal_tick = None

    def end_asyncio(self) -> None:
        """Close the loop of `async def` VUs: a run leaves nothing behind."""
        hosted, self._asyncio, self._subloop = self._asyncio, None, None
        if hosted is not None:
            hosted.close()

    def end_pool(self) -> None:
        """Let the threads of blocking calls go."""
        pool, self.pool = self.pool, None
        if pool is not None:
            pool.end()

    def of_task(self) -> Vu:
        """The VU of the task that asyncio is running."""
        stood = place.get()
        if stood is None or stood[0].loop is not self:
            return self.outside
        # Until the next task asks, the VU is in the group of this one.
        vu, vu.who.group, vu.who.tags = stood
        return vu

    def send_off(self) -> None:
        """Have what is queued leave, a Close above all, waiting for nobody: the program ends.

        Without this the guardian would send it, some milliseconds later: one that ends at once has none.
        """
        if self._embedded is None and self.core.connections() > 0:
            self.core.poll_events(0.0)

    def close(self) -> None:
        """Give up everything; called when the thread ends."""
        self.end_asyncio()
        self.end_pool()
        embedded, self._embedded = self._embedded, None
        if embedded is not None:
            embedded.leave()
        self.end_greenlets()
        for source in list(self.outside.sources):
            # One that cannot even be left must not keep the others.
            with contextlib.suppress(Exception):
                source.abandon()
        self.outside.sources.clear()
        core, self.core = self.core, cast("_core.Loop", Gone())
        core.close(_GOODBYE_MS)


def _look_up(_kind: int, _data: object) -> None:
    """Receive the signal tick: being back in Python is all that is wanted."""
