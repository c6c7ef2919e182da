"""Whether the script lets its run end: a watchdog for each stage, and what is said where none helps."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Generator, Mapping

from k6ws import _core
from k6ws._loop import Loop
from k6ws._run.watchdog import AlarmWatchdog, ThreadWatchdog, Watchdog

logger = logging.getLogger("k6ws")


class Watch:
    """Watches the stages of one run, one after the other; refers to no run, so that it goes with it."""

    def __init__(self, loop: Loop, core: _core.Run, *, owns_process: bool) -> None:
        """Nothing is watched before :meth:`over`."""
        self._loop = loop
        self._core = core
        self._owns_process = owns_process
        self._watchdog: Watchdog | None = None
        self._is_stopped = False
        self._told: set[str] = set()

    @contextlib.contextmanager
    def over(
        self, ends: Mapping[str, float], give_up: Callable[[str], object], *, ends_with_run: bool
    ) -> Generator[None]:
        """Let no code of the script keep the loop away past the end of its scenario, in milliseconds.

        ``give_up`` is told where something does not end; in a program of somebody else's the log is.
        ``ends_with_run`` is true for what a stop of the run is to end; the rest cleans up after it.
        """

        def stuck(place: str) -> None:
            self._tell(place)
            give_up(place)

        kind = AlarmWatchdog if self._owns_process else ThreadWatchdog
        watchdog = kind(self._loop, self._core, ends, stuck)
        if ends_with_run:
            self._watchdog = watchdog
            # Whoever stopped the run before that line could not tell it.
            if self._is_stopped:
                watchdog.stopped()
        try:
            # Not a `with`: what strikes while it begins is to end it as well.
            watchdog.begin()
            yield
        finally:
            self._watchdog = None
            watchdog.end()

    def stopped(self) -> None:
        """Look soon: the run has been told to end. From any thread, and from a signal handler."""
        self._is_stopped = True
        watchdog = self._watchdog
        if watchdog is not None:
            watchdog.stopped()

    def _tell(self, place: str) -> None:
        """Say once where the run is held up, to a program: the command line says it as it ends."""
        if not self._owns_process and place not in self._told:
            self._told.add(place)
            logger.error(
                "the run cannot end: this does not give way, and every VU shares its thread "
                "(a lock held over a wait, a call that blocks)\n%s",
                place.rstrip(),
            )
