"""One run from options to result: prepare, run to the end or to a stop, gather."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from k6ws import _core, metrics
from k6ws._loop import current_loop
from k6ws._options import Tier, parse
from k6ws._result import Result
from k6ws._run import exit_codes
from k6ws._run.calls import Calls
from k6ws._run.collector import Collector
from k6ws._run.control import TestControl
from k6ws._run.declared import declare
from k6ws._run.demands import Demands
from k6ws._run.ends import Ends
from k6ws._run.exceptions import ScriptExceptions
from k6ws._run.job import functions_of
from k6ws._run.judging import judge
from k6ws._run.origin import origin
from k6ws._run.outcome import Outcome
from k6ws._run.outputs import Outputs
from k6ws._run.owner import Owner
from k6ws._run.pause import Pause
from k6ws._run.phase import Phase
from k6ws._run.scenarios import Scenarios
from k6ws._run.stage import Data
from k6ws._run.stages import Stages
from k6ws._run.thresholds import Thresholds
from k6ws._run.ticks import SECOND_MS
from k6ws._run.told import Told, as_json, with_counts
from k6ws._run.watch import Watch
from k6ws._run.whose import leaves_the_run
from k6ws._run.wire_log import WIRE_LOG_MS, WireLog
from k6ws._script import Script
from k6ws.errors import K6Error

logger = logging.getLogger("k6ws")

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
        is_kept: bool = False,
        dashboard: _core.Dashboard | None = None,
    ) -> None:
        """Check everything, and open the outputs.

        ``tiers`` are all options, those of the script among them, the lowest first. ``owns_process`` says
        that signals are the run's to use, and that no program waits for what strikes it. ``is_kept`` has all
        that the run says of itself kept in this process as well, as ``core.recording()``; a ``dashboard``
        shows it meanwhile.
        """
        self._loop = current_loop()
        self._owns_process = owns_process
        self._phase = Phase.CREATED
        self._outcome = Outcome()
        self._calls = Calls()
        self._pause = Pause()
        self._wire_log: WireLog | None = None
        self._collector: Collector | None = None
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
        functions = [functions_of(script, scenario) for scenario in self.scenarios]
        self.core = _core.Run(
            self._loop.core, self.options, list(outputs), is_kept=is_kept, dashboard=dashboard
        )
        self.outputs = Outputs(self.core)
        self.warnings += declare(self.core, script)
        # Whatever the script declares must be known to the run by now.
        self.core.judge_by_thresholds()
        if self.outputs.is_told:
            _core.introduce(self.core, as_json(origin(script)))
        self._thresholds = Thresholds(self._loop, self.core)
        self._control = TestControl(self.core, self.options, self.stop)
        self._exceptions = ScriptExceptions()
        self._scenarios = Scenarios(self._loop, self.core, self.options, self.scenarios, functions)
        self._stages = Stages(self._loop, self.core, self.options, script)
        self._watch = Watch(self._loop, self.core, owns_process=owns_process)
        self._owner = Owner()
        self._demands = Demands()
        self.summary: dict[str, str | bytes] | None = None
        """What `handle_summary` made, by path or stream; the default text is wanted without it."""
        self._setup_data: Data | None = None
        self._result: Result | None = None
        # What `handle_summary` is given: it has what setup returned as well.
        self._data: dict[str, Any] = {}
        self.ended_at = ""
        """When it was over, as ISO 8601 writes it; empty before."""
        self._is_over = False
        # Connections that the program has open: they stay.
        self._others = 0

    @property
    def phase(self) -> Phase:
        """How far the run is. From any thread, as what follows."""
        return self._phase

    @property
    def is_paused(self) -> bool:
        """Whether it waits, or will wait, to be started."""
        return self.options.paused and not self._pause.is_over

    @property
    def is_running(self) -> bool:
        """Whether it has been started, and has not ended."""
        return self._pause.is_over and self._phase < Phase.ENDED

    @property
    def exit_code(self) -> int:
        """What speaks against the run, as an exit code."""
        return self._outcome.exit_code

    @property
    def leaving(self) -> BaseException | None:
        """What is to leave the run once it has ended: a Ctrl-C, or what a signal handler raised."""
        return self._outcome.leaving

    def log_wire(self, connections: int) -> None:
        """Have the log show what passes on so many connections, the first ones."""
        self._wire_log = WireLog(self.core, connections)

    def relax(self, collector: Collector) -> None:
        """Have Python look for cyclic garbage less often while VUs run; for who owns the process."""
        self._collector = collector

    def run(self, owner: Owner | None = None) -> None:
        """Run to the end; ``owner`` is told of it meanwhile.

        Whatever leaves it, nothing of the run goes on.
        """
        self._owner = owner or self._owner
        loop, core = self._loop, self.core
        with Ends() as last:
            last.add(lambda: metrics.release(core))
            last.add(loop.end_asyncio)
            last.add(loop.end_pool)
            if self._collector is not None:
                last.insist(self._collector.restore)
            # Whoever asked for the run does it once all is known that is to be told, if it comes to that.
            last.add(lambda: self._is_over or self.finish())
            last.add(self._keep_outputs)
            with Ends() as ends:
                ends.add(core.end)
                ends.add(lambda: loop.settle(_SETTLE_MS, self._others))
                ends.insist(self._let_go)
                self._others = loop.core.connections()
                loop.control = self._control
                self._calls.open(loop)
                self._carry_out()
            if self._wire_log is not None:
                self._wire_log.tell()
            fails = self.options.fail_on_exceptions
            judge(self._outcome, self._control, self._thresholds, self._exceptions, fails=fails)
            self._keep_outputs()
            self._reckon()
            if self._owner.view.mode != "disabled":
                self.summary = self._stages.summarise(self, self._data)
            self._is_over = True

    def _carry_out(self) -> None:
        """Run the stages and what is between them."""
        if self._waits_for_start():
            self._thresholds.start(self._crossed)
            self._phase = Phase.SETUP
            data = self._stages.set_up(self)
            if data is not None:
                # A run that was stopped while setup slept has nothing left but to tear down.
                if self._outcome.is_open:
                    self._phase = Phase.RUNNING
                    if self._collector is not None:
                        self._collector.relax()
                    self._scenarios.run(self, data, self._duties())
                self._phase = Phase.TEARDOWN
                self._stages.tear_down(self, data)
            self._setup_data = data

    def _let_go(self) -> None:
        """Nobody may ask anything of the run any more."""
        self._phase = Phase.ENDED if self._outcome.is_open else Phase.INTERRUPTED
        self._calls.close()
        self._loop.control = None
        self._control.let_go()
        self._thresholds.stop()

    def unpause(self) -> None:
        """Let a run go on that waits to be started."""
        self._pause.end()

    def figures(self) -> dict[str, Any]:
        """What was measured so far, in the schema of ``handle_summary``; from any thread."""
        data, _ = self.core.summary(no_color=True, stdout_is_tty=False, stderr_is_tty=False)
        return data

    def _waits_for_start(self) -> bool:
        """Wait while the run is paused; whether it is to begin at all."""
        if self.options.paused:
            self._phase = Phase.PAUSED
            self._pause.last(self._loop, self.core, lambda: self._outcome.is_open)
        self._pause.end()
        return self._outcome.is_open

    def _duties(self) -> list[tuple[float, Callable[[], object]]]:
        """What is done again and again while scenarios run, and every how many milliseconds."""
        duties: list[tuple[float, Callable[[], object]]] = []
        on_progress = self._owner.on_progress
        if on_progress is not None:
            duties.append((self._owner.progress_ms, lambda: on_progress(self.progress())))
        if self.outputs.descriptions or self.outputs.is_told:
            duties.append((SECOND_MS, self.outputs.look))
        if self.outputs.is_told:
            duties.append((SECOND_MS, lambda: self.outputs.tell(self._told())))
        if self._wire_log is not None:
            duties.append((WIRE_LOG_MS, self._wire_log.tell))
        return duties

    def progress(self) -> dict[str, Any]:
        """How far it is, as a display shows it; a connect that ended its iteration is one error."""
        return self._exceptions.taken_out_of(self.core.progress())

    def scenarios_ended(self) -> None:
        """Judge the scenarios, and let their connections say goodbye."""
        self._thresholds.scenarios_ended()
        self._loop.settle(_SETTLE_MS, self._others)

    def _crossed(self) -> bool:
        """A threshold that asks for it ends the run, unless something else has."""
        is_first = self._outcome.is_open
        if is_first:
            self.stop(exit_codes.THRESHOLDS_FAILED)
        return is_first

    def watched(
        self, ends: Mapping[str, float], *, ends_with_run: bool
    ) -> contextlib.AbstractContextManager[None]:
        """Let no code of the script keep the loop away for longer: see :meth:`Watch.over`."""
        return self._watch.over(ends, self._stuck, ends_with_run=ends_with_run)

    def stop(self, exit_code: int) -> None:
        """End the run now: nothing starts any more, what runs is cut. The first reason wins.

        From any thread, and from a signal handler.
        """
        is_failed = self._control.has_failed
        self._outcome.decide(exit_codes.MARKED_AS_FAILED if is_failed else exit_code)
        self._watch.stopped()
        self._calls.post(self._stages.stop)
        self.core.stop()

    def not_written(self) -> None:
        """Something that was to be written of it is not there, or not all of it: that is no success."""
        if self._outcome.decide(exit_codes.GENERIC):
            self._reckon()

    def result(self) -> Result:
        """Everything that was measured; once the run is over, always the same."""
        return self._result or self._gather()

    def page(self) -> str:
        """What the page of the run shows, as JSON; of a run that is kept, once it is over.

        How it ended is said as it is known by now: what was to be written may be lost meanwhile.
        """
        recording = self.core.recording()
        return recording.page(as_json(self._told())) if recording else "{}"

    def _gather(self) -> Result:
        view = self._owner.view
        data, document = self.core.summary(
            no_color=view.no_color,
            stdout_is_tty=view.stdout_is_tty,
            stderr_is_tty=view.stderr_is_tty,
            mode=view.mode,
            told=as_json(self._told()),
        )
        if self._setup_data is not None and self._setup_data.is_given:
            data["setup_data"] = self._setup_data.decoded()
        assert document is not None, "it was told all"  # noqa: S101
        self._data = data
        return Result(document, self.core.rows(), self.core.silent_metrics())

    def _told(self) -> Told:
        """What only this side knows, as far as the run is."""
        ticks = self._scenarios.ticks
        return {
            "exit_code": self.exit_code,
            "end_message": self._control.end_message,
            "exceptions": [vars(one) for one in self._exceptions.all()],
            "marks": self._control.marks,
            "warnings": [*self._control.warnings(), *self.warnings],
            "later_warnings": ticks.warnings(),
            "tasks_left_behind": self._scenarios.tasks_left + self._stages.tasks_left,
            "left_open": self._scenarios.left_open,
            "gap_ms": ticks.gap_ms,
            "samples_lost": self.outputs.lost,
            "held": self._scenarios.holds.longest(),
            "scenarios": with_counts(self.scenarios, self.core.iteration_counts()),
            "view": asdict(self._owner.view),
            "generated_at": self.ended_at,
        }

    def _reckon(self) -> None:
        """Take what came of the run, which is over, and ask whether that is what was wanted."""
        self.ended_at = self.ended_at or datetime.now(UTC).isoformat()
        self._result = self._gather()
        if self._outcome.demand(*self._demands.unmet(self._owner, self._result)):
            self._result = self._gather()

    def finish(self) -> None:
        """Say the last of the run to whoever keeps it; what is missing there must not pass for a success.

        For whoever asked for it, once it is known what of the run could be written.
        """
        if self.outputs.is_told and not self.outputs.finish_snapshots(self._told()):
            self.not_written()

    def failed(self, error: BaseException, what: str, *, ends_it: bool = True) -> None:
        """An iteration or a stage raised; or a handler did while another exception ended its iteration."""
        if leaves_the_run(error) and (
            isinstance(error, KeyboardInterrupt) or not self._owns_process
        ):
            self.leave_with(error)
        elif ends_it:
            self._exceptions.add(error, what)
        else:
            self._exceptions.tell(error, what)

    def leave_with(self, error: BaseException) -> None:
        """End the run now; this leaves it then. In a program of its own a Ctrl-C ends the program, too."""
        self._outcome.leave_with(error)
        self.stop(exit_codes.EXTERNAL_ABORT)

    def scenario_lost(self) -> None:
        """A scenario has no VU left, because none could begin: the others go on."""
        self._outcome.decide(exit_codes.SCRIPT_EXCEPTION)

    def struck(self, pressed: KeyboardInterrupt) -> bool:
        """End the run for a Ctrl-C; false where something else ends it already."""
        if self.leaving is not None and pressed is not self.leaving:
            return False
        self.leave_with(pressed)
        return True

    def hasten(self) -> None:
        """End what cleans up as well: the run was told a second time to end. As :meth:`stop`."""
        self._calls.post(self._stages.cut)

    def _stuck(self, place: str) -> None:
        """Something cannot be ended: whoever owns the process ends that."""
        if self._owner.on_stuck is not None:
            self._outcome.overrule(exit_codes.STUCK)
            self.core.end()
            self._thresholds.verdict()
            self._keep_outputs()
            self._reckon()
            self._owner.on_stuck(place)

    def _keep_outputs(self) -> None:
        """Finish the outputs; what they lost must not pass for a success."""
        if not self.outputs.finish():
            self._outcome.decide(exit_codes.GENERIC)
