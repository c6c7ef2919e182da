"""One run from options to result: prepare, run to the end or to a stop, gather."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from greenlet import getcurrent

from k6ws import _core, metrics
from k6ws._loop import current_loop
from k6ws._options import Tier, parse
from k6ws._run import exit_codes, taps
from k6ws._run.control import TestControl
from k6ws._run.crew import Crew, Job
from k6ws._run.exceptions import ScriptExceptions
from k6ws._run.inbox import Inbox
from k6ws._run.judge import Judge, log_verdict
from k6ws._run.lifecycle import Data
from k6ws._run.outputs import Outputs
from k6ws._run.phase import Phase
from k6ws._run.result import Result
from k6ws._run.stages import Stages
from k6ws._run.watchdog import AlarmWatchdog, ThreadWatchdog, Watchdog
from k6ws._script import Script
from k6ws.errors import K6Error

logger = logging.getLogger("k6ws")

_SECOND_MS = 1000.0
_PAUSE_TICK_MS = 20.0
# Cut connections close within 100 ms; a machine under load may take longer to get to it.
_SETTLE_MS = 500.0


@dataclass
class View:
    """How a summary is shown, for the `state` and `options` parts of its data."""

    mode: str = "compact"
    no_color: bool = True
    stdout_is_tty: bool = False
    stderr_is_tty: bool = False


class Runner:
    """A run that is prepared; :meth:`run` runs it, once.

    Raises:
        OptionsError: An option is wrong, a threshold names no metric, or a scenario's function is missing.
        K6Error: A run is already under way on this thread.
    """

    def __init__(self, script: Script, tiers: Sequence[Tier], outputs: Sequence[str] = ()) -> None:
        """Check everything, and open the outputs.

        ``tiers`` are all options, those of the script among them, the lowest first.
        """
        self._loop = current_loop()
        self.phase = Phase.CREATED
        self.taps: taps.Taps | None = None
        """Who shows what passes on some connections, if that is asked for."""
        self.inbox = Inbox()
        """Where other threads ask for something."""
        self.unpaused = threading.Event()
        """Set once the run goes on, where it began with the option ``paused``."""
        if self._loop.current is not self._loop.outside:
            message = "k6ws.run cannot be called inside a run"
            raise K6Error(message)
        self._loop.seed = script.seed
        self._loop.notices.forget()
        self.options = parse(tiers)
        self.warnings = self.options.warnings
        """What the user should know before the run, one line each."""
        if remark := _core.key_log_remark():
            self.warnings.append(remark)
        self.scenarios = self.options.scenarios()
        functions = [script.function(scenario["exec"]) for scenario in self.scenarios]
        self.core = _core.Run(self._loop.core, self.options, list(outputs))
        self.outputs = Outputs(self.core)
        for name, kind, is_time in script.metrics.known():
            # One that clashes with another is refused when it is used.
            with contextlib.suppress(K6Error):
                self.core.declare(name, kind, is_time)
        # Whatever the script declares must be known to the run by now.
        self.core.judge_by_thresholds()
        self._judge = Judge(self._loop, self.core)
        self._control = TestControl(self.options, self.stop)
        self.exceptions = ScriptExceptions()
        self.exit_code = exit_codes.OK
        self._functions = functions
        self._stages = Stages(self._loop, self.core, self.options, script)
        self.view = View()
        """How the summary will be shown; set by who shows it."""
        self.summary: dict[str, str | bytes] | None = None
        """What `handle_summary` made, by path or stream; the default text is wanted without it."""
        self._setup_data: Data | None = None
        self._result: Result | None = None
        self._others = 0
        self._tasks_left_behind = 0
        self._ticked = 0.0
        self._stood_still = 0.0
        self._alarm: int | None = None
        self._is_finished = False
        self._main = getcurrent()
        self._watchdog: Watchdog | None = None
        self.interrupt: KeyboardInterrupt | None = None
        """A Ctrl-C that reached the script or the wait for it, outside the command line."""
        self.on_stuck: Callable[[str], None] | None = None
        """Told where a handler cannot be stopped; set by who owns the process and may end it."""

    def run(
        self,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        progress_ms: float = _SECOND_MS,
    ) -> None:
        """Run to the end. ``on_progress`` is given how far the run is, every ``progress_ms``."""
        loop, core = self._loop, self.core
        loop.control = self._control
        # Those that the program has open stay.
        self._others = loop.core.connections()
        self.inbox.open(loop)
        if self._waits_for_start():
            self._judge.start(self._crossed)
            self.phase = Phase.SETUP
            data = self._stages.set_up(self)
            if data is not None:
                # A run that was stopped while setup slept has nothing left but to tear down.
                if self.exit_code == exit_codes.OK:
                    self._iterate(data, on_progress, progress_ms)
                self.phase = Phase.TEARDOWN
                self._stages.tear_down(self, data)
            self._setup_data = data
        self.phase = Phase.ENDED if self.exit_code == exit_codes.OK else Phase.INTERRUPTED
        self.inbox.close()
        loop.control = None
        self._control.let_go()
        loop.settle(_SETTLE_MS, self._others)
        core.end()
        if self.taps is not None:
            self.taps.tell()
        self._conclude()
        self._keep_outputs()
        self._result = self._gather()
        if self.view.mode != "disabled":
            self.summary = self._stages.summarise(self, self._result.to_dict())
        loop.end_asyncio()
        metrics.release(core)

    def unpause(self) -> None:
        """Let a run go on that waits to be started."""
        self.unpaused.set()

    def figures(self) -> dict[str, Any]:
        """What was measured so far, in the schema of ``handle_summary``; from any thread."""
        return self.core.summary(no_color=True, stdout_is_tty=False, stderr_is_tty=False)

    def _waits_for_start(self) -> bool:
        """Wait while the run is paused; whether it is to begin at all."""
        if self.options.paused:
            self.phase = Phase.PAUSED
            ticks = self._loop.core.add_timer(
                _SECOND_MS, lambda _kind, _data: self.core.sample_vus(), _SECOND_MS
            )
            while not self.unpaused.is_set() and self.exit_code == exit_codes.OK:
                self._loop.sleep(_PAUSE_TICK_MS)
            self._loop.core.cancel_timer(ticks)
        self.unpaused.set()
        return self.exit_code == exit_codes.OK

    def _crossed(self) -> bool:
        """A threshold that asks for it ends the run, unless something else has."""
        is_first = self.exit_code == exit_codes.OK
        if is_first:
            self.stop(exit_codes.THRESHOLDS_FAILED)
        return is_first

    def _conclude(self) -> None:
        """Judge by the thresholds; what ended the run before stays its result."""
        if self._control.has_failed and self.exit_code == exit_codes.OK:
            self.exit_code = exit_codes.MARKED_AS_FAILED
        crossed, without_data = self._judge.verdict()
        is_raised = self.options.fail_on_exceptions and self.exceptions.all()
        if is_raised and self.exit_code == exit_codes.OK:
            logger.error("iterations raised exceptions, and failOnExceptions is on")
            self.exit_code = exit_codes.SCRIPT_EXCEPTION
        if (crossed or without_data) and self.exit_code == exit_codes.OK:
            self.exit_code = exit_codes.THRESHOLDS_FAILED
            log_verdict(crossed, without_data)

    def _iterate(
        self,
        data: Data,
        on_progress: Callable[[dict[str, Any]], None] | None,
        progress_ms: float,
    ) -> None:
        """Run every scenario to its end."""
        loop, core = self._loop, self.core
        self.phase = Phase.RUNNING
        self._main = getcurrent()
        crew = Crew(
            loop,
            core,
            self.options,
            self._jobs(data),
            failed=self.failed,
            left_behind=self._left_behind,
        )
        timers = [
            loop.core.add_timer(_SECOND_MS, lambda _kind, _data: self._each_second(), _SECOND_MS)
        ]
        if on_progress is not None:
            tell = on_progress
            draw = loop.core.add_timer(
                progress_ms, lambda _kind, _data: tell(core.progress()), progress_ms
            )
            timers.append(draw)
        if self.outputs.descriptions:
            look = self.outputs.look
            timers.append(loop.core.add_timer(_SECOND_MS, lambda _kind, _data: look(), _SECOND_MS))
        if self.taps is not None:
            tell_tapped = self.taps.tell
            interval = taps.INTERVAL_MS
            timers.append(
                loop.core.add_timer(interval, lambda _kind, _data: tell_tapped(), interval)
            )
        self._ticked = loop.core.now()
        core.watch(self._watch)
        ends = {scenario["name"]: scenario["max_duration_ms"] for scenario in self.scenarios}
        with self.watched(ends, ends_with_run=True):
            core.begin()
            self._arm()
            while not self._is_finished:
                try:
                    loop.suspend()
                except KeyboardInterrupt as pressed:
                    self._interrupted(pressed)
        self._judge.scenarios_ended()
        self._tell_shortages()
        loop.settle(_SETTLE_MS, self._others)
        # What refers back to the run is let go of by hand, so that nothing waits for the garbage collector.
        crew.dismiss()
        self._functions.clear()
        if self._alarm is not None:
            timers.append(self._alarm)
        for timer in timers:
            loop.core.cancel_timer(timer)

    @contextlib.contextmanager
    def watched(self, ends: Mapping[str, float], *, ends_with_run: bool) -> Generator[None]:
        """Let no code of the script keep the loop away past the end of its scenario, in milliseconds.

        ``ends_with_run`` is true for what a stop of the run is to end; the rest cleans up after it.
        """
        kind = ThreadWatchdog if self.on_stuck is None else AlarmWatchdog
        watchdog = kind(self._loop, self.core, ends, self._stuck)
        if ends_with_run:
            self._watchdog = watchdog
            # Whoever stopped the run before that line could not tell it.
            if self.exit_code != exit_codes.OK:
                watchdog.stopped()
        try:
            with watchdog:
                yield
        finally:
            self._watchdog = None

    def _each_second(self) -> None:
        self.core.sample_vus()
        self._tell_shortages()
        now = self._loop.core.now()
        still = now - self._ticked - _SECOND_MS
        self._ticked = now
        if still > _SECOND_MS:
            self._stood_still = max(self._stood_still, still)
            logger.warning("%s", _still(still))

    def _tell_shortages(self) -> None:
        """Say once of a scenario that its starts find no VU: it is not the load that was asked for."""
        for scenario, vus in self.core.short_of_vus():
            logger.warning(
                "Insufficient VUs in scenario %s: all %d that maxVUs allows are busy, "
                "so iterations are dropped",
                scenario,
                vus,
            )

    def _jobs(self, data: Data) -> list[Job]:
        """What the VUs of each scenario do."""
        return [
            Job(scenario["name"], function, data, scenario["env"], self.core.scenario_tags(index))
            for index, (scenario, function) in enumerate(
                zip(self.scenarios, self._functions, strict=True)
            )
        ]

    def stop(self, exit_code: int) -> None:
        """End the run now: nothing starts any more, what runs is cut. The first reason wins.

        From any thread, and from a signal handler.
        """
        if self.exit_code == exit_codes.OK:
            is_failed = self._control.has_failed
            self.exit_code = exit_codes.MARKED_AS_FAILED if is_failed else exit_code
        watchdog = self._watchdog
        if watchdog is not None:
            watchdog.stopped()
        self.inbox.post(self._stages.stop)
        self.core.stop()

    def summary_lost(self) -> None:
        """What `handle_summary` was to write is not there, or not all of it: that is no success."""
        if self.exit_code == exit_codes.OK:
            self.exit_code = exit_codes.GENERIC
        self._result = self._gather()

    def result(self) -> Result:
        """Everything that was measured; once the run is over, always the same."""
        return self._result or self._gather()

    def _gather(self) -> Result:
        view = self.view
        data = self.core.summary(
            no_color=view.no_color,
            stdout_is_tty=view.stdout_is_tty,
            stderr_is_tty=view.stderr_is_tty,
            mode=view.mode,
        )
        if self._setup_data is not None and self._setup_data.is_given:
            data["setup_data"] = self._setup_data.decoded()
        exceptions = self.exceptions.all()
        data["run"]["exit_code"] = self.exit_code
        data["run"]["exceptions"] = [vars(one) for one in exceptions]
        still = [_still(self._stood_still)] if self._stood_still else []
        data["run"]["warnings"] = [*self.warnings, *data["run"]["warnings"], *still]
        data["run"]["tasks_left_behind"] = self._tasks_left_behind + self._stages.tasks_left
        data["run"]["samples_lost"] = self.outputs.lost
        series = {name: self.core.series(name) for name in data["metrics"]}
        return Result(data, series, exceptions, self.exit_code)

    def _left_behind(self) -> None:
        """A task outlived the iteration that started it."""
        self._tasks_left_behind += 1

    def failed(self, error: BaseException, what: str) -> None:
        """An iteration or a stage raised."""
        if isinstance(error, KeyboardInterrupt):
            self._interrupted(error)
        else:
            self.exceptions.add(error, what)

    def _interrupted(self, pressed: KeyboardInterrupt) -> None:
        """In a program of its own the first Ctrl-C ends the run, and then the program."""
        self.interrupt = pressed
        self.stop(exit_codes.EXTERNAL_ABORT)

    def _stuck(self, place: str) -> None:
        if self.on_stuck is not None:
            self.core.end()
            self._judge.verdict()
            self._keep_outputs()
            self.on_stuck(place)

    def _keep_outputs(self) -> None:
        """Finish the outputs; what they lost must not pass for a success."""
        if not self.outputs.finish() and self.exit_code == exit_codes.OK:
            self.exit_code = exit_codes.GENERIC

    def _arm(self) -> None:
        """Set a timer for the next deadline of the schedule."""
        if self._alarm is not None:
            self._loop.core.cancel_timer(self._alarm)
        wait = self.core.next_wake()
        self._alarm = None if wait is None else self._loop.core.add_timer(wait, self._wake)

    def _wake(self, _kind: int, _data: object) -> None:
        self._alarm = None
        self.core.wake()
        if not self._is_finished:
            self._arm()

    def _watch(self, kind: int, _data: object) -> None:
        if kind == _core.RESTING:
            if not self._is_finished:
                self._arm()
            return
        self._is_finished = True
        self._main.switch()


def _still(ms: float) -> str:
    """Name a gap in which neither events nor starts were looked at."""
    return (
        f"nothing ran for {ms / _SECOND_MS:.1f} s: "
        "the process was stopped, or a handler did not give way"
    )
