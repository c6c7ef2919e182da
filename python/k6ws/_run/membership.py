"""Who has entered a scenario, and who is on the way in or out: `vu_start`, `vu_stop`, and what VUs own.

The core says who enters and who leaves, and waits until it is told; what is called then is the script's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from k6ws import _core
from k6ws._loop import Loop, Vu
from k6ws._run import exit_codes
from k6ws._run.iteration import Failed
from k6ws._run.job import Job
from k6ws._run.passage import Passage

logger = logging.getLogger("k6ws")


class Host(Protocol):
    """The run that the VUs are of."""

    def stop(self, exit_code: int) -> None:
        """End the run."""
        ...

    def failed(self, error: BaseException, what: str, *, ends_it: bool = True) -> None:
        """Count an exception, or only say it."""
        ...

    def scenario_lost(self) -> None:
        """A scenario has no VU left, because none could begin."""
        ...


class Standing:
    """Where one VU stands: outside, inside the scenario of a job, or on its way."""

    __slots__ = ("inside", "passage")

    def __init__(self) -> None:
        self.inside: Job | None = None
        self.passage: Passage | None = None


class Membership:
    """Has VUs enter and leave, from being made until :meth:`end`."""

    def __init__(
        self,
        loop: Loop,
        run: _core.Run,
        host: Host,
        left_behind: Callable[[], None],
        timeout: float,
    ) -> None:
        """``timeout`` bounds, in milliseconds, what is done before the clock of a scenario starts."""
        self._loop = loop
        self._run = run
        self._failed: Failed = host.failed
        self._stop = host.stop
        self._lost = host.scenario_lost
        self._left_behind = left_behind
        self._timeout = timeout
        # Those that enter before their scenario starts, and what ends their time.
        self._before: dict[Job, set[Vu]] = {}
        self._timers: dict[Job, int] = {}
        self._is_over = False

    def enter(
        self,
        vu: Vu,
        standing: Standing,
        job: Job,
        done: Callable[[], object],
        cut: Callable[[], object],
    ) -> None:
        """Have a VU enter the scenario of ``job``: ``done`` when it has, ``cut`` when it was cut.

        One that cannot enter leaves again, and is none any more.
        """
        # A place of its own for each stay: what an earlier one left there is not this one's.
        vu.who.renew_state()
        if job.begin is None:
            standing.inside = job
            _core.vu_entered(self._run, vu.who.index)
            done()
            return

        def ended(passage: Passage) -> None:
            standing.inside = None if passage.is_cut else job
            if passage.is_cut:
                cut()
            elif passage.is_failed:
                self._leave(vu, standing, lambda: self._give_up(vu, job))
            else:
                done()

        self._pass(vu, standing, job.begin, ended, is_entrance=True, is_async=job.is_async)

    def enter_before(self, vu: Vu, standing: Standing, job: Job) -> None:
        """The same before the scenario starts: the core waits for it, within the time that `setup` has."""
        if job not in self._timers:
            self._timers[job] = self._loop.core.add_timer(
                self._timeout, lambda _kind, _data: self._is_late(job)
            )
        self._before.setdefault(job, set()).add(vu)

        def ready() -> None:
            self._before[job].discard(vu)
            _core.vu_ready(self._run, vu.who.index)

        self.enter(vu, standing, job, ready, ready)

    def leave(self, vu: Vu, standing: Standing) -> None:
        """Have a VU leave: the core waits for it."""
        self._leave(vu, standing, lambda: _core.vu_left(self._run, vu.who.index))

    def _leave(self, vu: Vu, standing: Standing, done: Callable[[], object]) -> None:
        job, standing.inside = standing.inside, None
        end = None if job is None else job.end
        if end is None and vu.belongings is None:
            done()
        else:
            is_async = vu.host is not None
            self._pass(vu, standing, end, lambda _: done(), is_entrance=False, is_async=is_async)

    def _give_up(self, vu: Vu, job: Job) -> None:
        self._before.get(job, set()).discard(vu)
        if _core.vu_failed(self._run, vu.who.index):
            logger.error("scenario %s has no VU left: vu_start() failed in all of them", job.name)
            self._lost()

    def _is_late(self, job: Job) -> None:
        self._timers[job] = 0
        if self._before[job]:
            text = (
                "vu_start() of %d VUs of scenario %s did not end within %g s (option setupTimeout)"
            )
            logger.error(text, len(self._before[job]), job.name, self._timeout / 1000.0)
            self._stop(exit_codes.SETUP_TIMEOUT)

    def cut(self, standing: Standing) -> bool:
        """A VU has been cut; whether it was on its way, of which the end is still to come."""
        standing.inside = None
        passage = standing.passage
        if passage is None:
            return False
        if passage.is_entrance and (passage.is_cut or not passage.is_over):
            scenario = passage.vu.who.scenario
            self._loop.notices.warn(
                (Membership, scenario),
                f"vu_start() of scenario {scenario} had not ended when its VU was cut, which "
                "has run no iteration",
            )
        # It may have ended already, and be told of next.
        passage.is_cut = True
        passage.bury()
        return True

    def end(self) -> None:
        """The run is over: what is still to be told of somebody on the way is told to nobody."""
        self._is_over = True
        for timer in filter(None, self._timers.values()):
            self._loop.core.cancel_timer(timer)
        self._timers.clear()
        self._before.clear()

    def _pass(
        self,
        vu: Vu,
        standing: Standing,
        function: Callable[[], Any] | None,
        then: Callable[[Passage], object],
        *,
        is_entrance: bool,
        is_async: bool,
    ) -> None:
        def go_on(passage: Passage) -> None:
            passage.dismiss()
            standing.passage = None
            if not self._is_over:
                then(passage)

        def ended(passage: Passage) -> None:
            # Not from within it: its greenlet is about to be let go.
            self._loop.core.add_timer(0.0, lambda _kind, _data: go_on(passage))

        standing.passage = Passage(
            vu,
            is_entrance=is_entrance,
            failed=self._failed,
            left_behind=self._left_behind,
            ended=ended,
        )
        standing.passage.start(function, self._loop, is_async=is_async)
