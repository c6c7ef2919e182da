"""The scenarios of a run, from the first start to the last end.

The schedule of the core says what is due. It is asked in time here, VUs carry it out, and whoever runs the
scenarios waits until each has finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from k6ws import _core
from k6ws._loop import Loop, Signal
from k6ws._run import exit_codes
from k6ws._run.ends import Ends, cut_short
from k6ws._run.holds import Holds
from k6ws._run.job import Functions, Job
from k6ws._run.stage import Data
from k6ws._run.ticks import SECOND_MS, Ticks
from k6ws._run.vus import Vus
from k6ws.errors import Interrupted

if TYPE_CHECKING:
    from k6ws._core.options import Scenario


class Host(Protocol):
    """The run that the scenarios are of."""

    def stop(self, exit_code: int) -> None:
        """End the run."""
        ...

    def failed(self, error: BaseException, what: str, *, ends_it: bool = True) -> None:
        """Count an exception, or only say it."""
        ...

    def scenario_lost(self) -> None:
        """A scenario has no VU left, because none could begin."""
        ...

    def struck(self, pressed: KeyboardInterrupt) -> bool:
        """End the run for a Ctrl-C; false where another one ends it already."""
        ...

    def scenarios_ended(self) -> None:
        """Every one has finished; their VUs are still there."""
        ...

    def watched(
        self, ends: Mapping[str, float], *, ends_with_run: bool
    ) -> AbstractContextManager[None]:
        """Let no code of the script keep the loop away for longer."""
        ...


class Scenarios:
    """The scenarios of one run; refers to no run, so that it goes with it."""

    def __init__(
        self,
        loop: Loop,
        core: _core.Run,
        options: _core.Options,
        described: list[Scenario],
        functions: list[Functions],
    ) -> None:
        """``described`` are the scenarios as the options say, ``functions`` what their VUs call."""
        self._loop = loop
        self._core = core
        self._options = options
        self._described = described
        self._functions = functions
        self.ticks = Ticks(loop, core)
        self.holds = Holds(loop.core)
        self.tasks_left = 0
        """Tasks that outlived the iteration that started them."""
        self.left_open: list[dict[str, Any]] = []
        """Iterations that were cut for their sockets alone: ``where`` those were opened, and ``count``."""
        self._alarm: int | None = None
        self._is_finished = False
        self._ended = Signal(loop)

    def run(
        self, host: Host, data: Data, duties: Iterable[tuple[float, Callable[[], object]]]
    ) -> None:
        """Run each to its end; ``duties`` are done meanwhile, each every so many milliseconds."""
        ticks = self.ticks = Ticks(self._loop, self._core)
        with Ends() as ends:
            vus = Vus(
                self._loop,
                self._core,
                self._options,
                self._jobs(data),
                host,
                self._left_behind,
            )
            # What refers back to the run is let go of by hand: nothing waits for the garbage collector.
            ends.insist(self._functions.clear)
            ends.insist(vus.dismiss)
            ends.insist(self._disarm)
            ends.insist(ticks.end)
            ends.insist(self.holds.end)
            self.holds.begin()
            ticks.each(SECOND_MS, ticks.second)
            for ms, act in duties:
                ticks.each(ms, act)
            self._core.watch(self._progressed)
            hard_ends = {one["name"]: one["max_duration_ms"] for one in self._described}
            with host.watched(hard_ends, ends_with_run=True):
                try:
                    self._core.begin()
                    self._arm()
                    self._await_end(host, vus)
                except BaseException:
                    host.stop(exit_codes.GENERIC)
                    cut_short(self._loop, vus.cut, vus.is_idle)
                    raise
                finally:
                    self.left_open = vus.left_open()
            ticks.tell_shortages()
            host.scenarios_ended()

    def _jobs(self, data: Data) -> list[Job]:
        """What the VUs of each scenario do."""
        return [
            Job(one["name"], functions, data, one["env"], self._core.scenario_tags(index))
            for index, (one, functions) in enumerate(
                zip(self._described, self._functions, strict=True)
            )
        ]

    def _await_end(self, host: Host, vus: Vus) -> None:
        """Wait until every scenario has finished."""
        while not self._is_finished:
            try:
                self._ended.wait()
            except KeyboardInterrupt as pressed:
                if not host.struck(pressed):
                    raise
            except Interrupted:
                # Meant for a script that returned at that very moment: it struck between two lines of ours.
                vus.bury()

    def _left_behind(self) -> None:
        """A task outlived the iteration that started it."""
        self.tasks_left += 1

    # When the schedule is asked -----------------------------------------------------------------------

    def _arm(self) -> None:
        """Set a timer for the next deadline of the schedule."""
        self._disarm()
        wait = self._core.next_wake()
        if wait is not None:
            self._alarm = self._loop.core.add_timer(wait, self._wake)

    def _disarm(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            self._loop.core.cancel_timer(alarm)

    def _wake(self, _kind: int, _data: object) -> None:
        self._alarm = None
        self._core.wake()
        if not self._is_finished:
            self._arm()

    def _progressed(self, kind: int, _data: object) -> None:
        if kind == _core.RESTING:
            if not self._is_finished:
                self._arm()
            return
        self._is_finished = True
        self._ended.fire()
