"""One run from options to result: prepare, run to the end or to a stop, gather."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from k6ws import _core, metrics
from k6ws._loop import Signal, current_loop
from k6ws._options import Tier, parse
from k6ws._run import exit_codes, verdict
from k6ws._run.calls import Calls
from k6ws._run.control import TestControl
from k6ws._run.ends import Ends, cut_short
from k6ws._run.exceptions import ScriptExceptions
from k6ws._run.holds import Holds
from k6ws._run.outputs import Outputs
from k6ws._run.phase import Phase
from k6ws._run.result import Result
from k6ws._run.stage import Data
from k6ws._run.stages import Stages
from k6ws._run.thresholds import Thresholds, log_verdict
from k6ws._run.ticks import SECOND_MS, Ticks
from k6ws._run.view import View
from k6ws._run.vus import Job, Vus
from k6ws._run.watch import Watch
from k6ws._run.whose import leaves_the_run
from k6ws._run.wire_log import WIRE_LOG_MS, WireLog
from k6ws._script import Script
from k6ws.errors import Interrupted, K6Error

logger = logging.getLogger("k6ws")

_PAUSE_TICK_MS = 20.0
# Cut connections close within 100 ms; a machine under load may take longer to get to it.
_SETTLE_MS = 500.0


class Runner:
    """A run that is prepared; :meth:`run` runs it, once.

    Raises:
        OptionsError: An option is wrong, a threshold names no metric, or a scenario's function is missing.
        K6Error: A run is already under way on this thread.
    """

    def __init__(
        self,
        script: Script,
        tiers: Sequence[Tier],
        outputs: Sequence[str] = (),
        *,
        owns_process: bool = False,
    ) -> None:
        """Check everything, and open the outputs.

        ``tiers`` are all options, those of the script among them, the lowest first. ``owns_process`` says
        that signals are the run's to use, and that no program waits for what strikes it.
        """
        self._loop = current_loop()
        self._owns_process = owns_process
        self.phase = Phase.CREATED
        self.wire_log: WireLog | None = None
        """Who shows what passes on some connections, if that is asked for."""
        self.calls = Calls()
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
        self.warnings += _declare(self.core, script)
        # Whatever the script declares must be known to the run by now.
        self.core.judge_by_thresholds()
        self._thresholds = Thresholds(self._loop, self.core)
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
        self._others = self._tasks_left_behind = 0
        self._ticks = Ticks(self._loop, self.core)
        self._holds = Holds(self._loop.core)
        self._alarm: int | None = None
        self._is_finished = False
        self._ended = Signal(self._loop)
        self._watch = Watch(self._loop, self.core, owns_process=owns_process)
        self.leaving: BaseException | None = None
        """What is to leave the run once it has ended: a Ctrl-C, or what a signal handler raised."""
        self.on_stuck: Callable[[str], None] | None = None
        """Told where a handler cannot be stopped; set by who owns the process and may end it."""

    def run(
        self,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        progress_ms: float = SECOND_MS,
    ) -> None:
        """Run to the end. ``on_progress`` is given how far the run is, every ``progress_ms``.

        Whatever leaves it, nothing of the run goes on.
        """
        loop, core = self._loop, self.core
        with Ends() as last:
            last.add(lambda: metrics.release(core))
            last.add(loop.end_asyncio)
            last.add(self._keep_outputs)
            with Ends() as ends:
                ends.add(core.end)
                ends.add(lambda: loop.settle(_SETTLE_MS, self._others))
                ends.add(self._let_go)
                # Those that the program has open stay.
                self._others = loop.core.connections()
                loop.control = self._control
                self.calls.open(loop)
                self._carry_out(on_progress, progress_ms)
            if self.wire_log is not None:
                self.wire_log.tell()
            self._conclude()
            self._keep_outputs()
            self._result = self._gather()
            if self.view.mode != "disabled":
                self.summary = self._stages.summarise(self, self._result.to_dict())

    def _carry_out(
        self, on_progress: Callable[[dict[str, Any]], None] | None, progress_ms: float
    ) -> None:
        """Run the stages and what is between them."""
        if self._waits_for_start():
            self._thresholds.start(self._crossed)
            self.phase = Phase.SETUP
            data = self._stages.set_up(self)
            if data is not None:
                # A run that was stopped while setup slept has nothing left but to tear down.
                if self.exit_code == exit_codes.OK:
                    self._iterate(data, on_progress, progress_ms)
                self.phase = Phase.TEARDOWN
                self._stages.tear_down(self, data)
            self._setup_data = data

    def _let_go(self) -> None:
        """Nobody may ask anything of the run any more."""
        self.phase = Phase.ENDED if self.exit_code == exit_codes.OK else Phase.INTERRUPTED
        self.calls.close()
        self._loop.control = None
        self._control.let_go()
        self._thresholds.stop()

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
            with Ends() as ends:
                ends.add(self._ticks.end)
                self._ticks.each(SECOND_MS, self.core.sample_vus)
                while not self.unpaused.is_set() and self.exit_code == exit_codes.OK:
                    self._loop.sleep(_PAUSE_TICK_MS)
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
        crossed, without_data = self._thresholds.verdict()
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
        self.phase = Phase.RUNNING
        ticks = self._ticks = Ticks(self._loop, self.core)
        with Ends() as ends:
            vus = Vus(
                self._loop,
                self.core,
                self.options,
                self._jobs(data),
                failed=self.failed,
                left_behind=self._left_behind,
            )
            # What refers back to the run is let go of by hand: nothing waits for the garbage collector.
            ends.add(self._functions.clear)
            ends.add(vus.dismiss)
            ends.add(self._disarm)
            ends.add(ticks.end)
            ends.add(self._holds.end)
            self._holds.begin()
            ticks.each(SECOND_MS, ticks.second)
            if on_progress is not None:
                tell, core = on_progress, self.core
                ticks.each(progress_ms, lambda: tell(core.progress()))
            if self.outputs.descriptions:
                ticks.each(SECOND_MS, self.outputs.look)
            if self.wire_log is not None:
                ticks.each(WIRE_LOG_MS, self.wire_log.tell)
            self.core.watch(self._progressed)
            scenarios = {one["name"]: one["max_duration_ms"] for one in self.scenarios}
            with self.watched(scenarios, ends_with_run=True):
                try:
                    self.core.begin()
                    self._arm()
                    self._await_end(vus)
                except BaseException:
                    self.stop(exit_codes.GENERIC)
                    cut_short(self._loop, vus.cut, vus.is_idle)
                    raise
            self._thresholds.scenarios_ended()
            ticks.tell_shortages()
            self._loop.settle(_SETTLE_MS, self._others)

    def _await_end(self, vus: Vus) -> None:
        """Wait until every scenario has finished."""
        while not self._is_finished:
            try:
                self._ended.wait()
            except KeyboardInterrupt as pressed:
                if self.leaving is not None and pressed is not self.leaving:
                    raise
                self.leave_with(pressed)
            except Interrupted:
                # Meant for a script that returned at that very moment: it struck between two lines of ours.
                vus.bury()

    def watched(
        self, ends: Mapping[str, float], *, ends_with_run: bool
    ) -> contextlib.AbstractContextManager[None]:
        """Let no code of the script keep the loop away for longer: see :meth:`Watch.over`."""
        return self._watch.over(ends, self._stuck, ends_with_run=ends_with_run)

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
        self._watch.stopped()
        self.calls.post(self._stages.stop)
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
        warnings = [*self.warnings, *data["run"]["warnings"], *self._ticks.warnings()]
        data["run"]["warnings"] = warnings
        data["run"]["tasks_left_behind"] = self._tasks_left_behind + self._stages.tasks_left
        verdict.complete(data["run"], self._holds, self._ticks.gap_ms, self.outputs.lost)
        series = {name: self.core.series(name) for name in data["metrics"]}
        return Result(data, series, exceptions, self.exit_code, self.core.silent_metrics())

    def _left_behind(self) -> None:
        """A task outlived the iteration that started it."""
        self._tasks_left_behind += 1

    def failed(self, error: BaseException, what: str, *, ends_it: bool = True) -> None:
        """An iteration or a stage raised; or a handler did while another exception ended its iteration."""
        if leaves_the_run(error) and (
            isinstance(error, KeyboardInterrupt) or not self._owns_process
        ):
            self.leave_with(error)
        elif ends_it:
            self.exceptions.add(error, what)
        else:
            self.exceptions.tell(error, what)

    def leave_with(self, error: BaseException) -> None:
        """End the run now; this leaves it then. In a program of its own a Ctrl-C ends the program, too."""
        if self.leaving is None:
            self.leaving = error
        self.stop(exit_codes.EXTERNAL_ABORT)

    def hasten(self) -> None:
        """End what cleans up as well: the run was told a second time to end. As :meth:`stop`."""
        self.calls.post(self._stages.cut)

    def _stuck(self, place: str) -> None:
        """Something cannot be ended: whoever owns the process ends that."""
        if self.on_stuck is not None:
            self.core.end()
            self._thresholds.verdict()
            self._keep_outputs()
            self.on_stuck(place)

    def _keep_outputs(self) -> None:
        """Finish the outputs; what they lost must not pass for a success."""
        if not self.outputs.finish() and self.exit_code == exit_codes.OK:
            self.exit_code = exit_codes.GENERIC

    def _arm(self) -> None:
        """Set a timer for the next deadline of the schedule."""
        self._disarm()
        wait = self.core.next_wake()
        if wait is not None:
            self._alarm = self._loop.core.add_timer(wait, self._wake)

    def _disarm(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            self._loop.core.cancel_timer(alarm)

    def _wake(self, _kind: int, _data: object) -> None:
        self._alarm = None
        self.core.wake()
        if not self._is_finished:
            self._arm()

    def _progressed(self, kind: int, _data: object) -> None:
        if kind == _core.RESTING:
            if not self._is_finished:
                self._arm()
            return
        self._is_finished = True
        self._ended.fire()


def _declare(core: _core.Run, script: Script) -> list[str]:
    """Make the metrics of a script known to its run; what is to be said of their names."""
    remarks: list[str] = []
    for name, kind, is_time in script.metrics.known():
        # One that clashes with another is refused when it is used.
        with contextlib.suppress(K6Error):
            remarks.append(core.declare(name, kind, is_time))
    return [remark for remark in remarks if remark]
