"""One run from options to result: prepare, run to the end or to a stop, gather."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent

from k6ws import _core
from k6ws._loop import Vu, current_loop
from k6ws._run import exit_codes
from k6ws._run.exceptions import ScriptExceptions
from k6ws._run.iteration import Iteration
from k6ws._run.lifecycle import Data, Stage
from k6ws._run.outputs import Outputs, wanted
from k6ws._run.result import Result
from k6ws._run.watchdog import AlarmWatchdog, ThreadWatchdog, Watchdog
from k6ws._run.worker import Worker
from k6ws._script import Script
from k6ws.errors import K6Error, OptionsError

if TYPE_CHECKING:
    from k6ws._run.coroutines import CoroutineWorker

logger = logging.getLogger("k6ws")

_SECOND_MS = 1000.0
# Cut connections close within 100 ms; a machine under load may take longer to get to it.
_SETTLE_MS = 500.0


class Runner:
    """A run that is prepared; :meth:`run` runs it, once.

    Raises:
        OptionsError: An option is wrong, or a scenario's function is missing.
        K6Error: A run is already under way on this thread.
    """

    def __init__(self, script: Script, options: Mapping[str, Any], source: str = "cli") -> None:
        """Check everything; ``options`` lie over those of the script and come from ``source``."""
        self._loop = current_loop()
        if self._loop.current is not self._loop.outside:
            message = "k6ws.run cannot be called inside a run"
            raise K6Error(message)
        given = dict(options)
        outputs = wanted(given.pop("out", ()))
        tiers = [("script", script.options), (source, given)]
        self.options = _core.parse_options(_as_json(tiers))
        self.scenarios = self.options.scenarios()
        for stage in ("handle_summary", "handleSummary"):
            if stage in script.functions:
                message = f"{script.name}: `{stage}` is not supported yet"
                raise OptionsError(message, "rename it, and call it where it is needed")
        functions = [script.function(scenario["exec"]) for scenario in self.scenarios]
        self.core = _core.Run(self._loop.core, self.options, outputs)
        self.outputs = Outputs(self.core)
        self.exceptions = ScriptExceptions()
        self.exit_code = exit_codes.OK
        self._functions = functions
        self._setup = None if self.options.no_setup else script.functions.get("setup")
        self._teardown = None if self.options.no_teardown else script.functions.get("teardown")
        self._stage: Stage | None = None
        self._workers: list[Worker | CoroutineWorker] = []
        self._tasks_left_behind = 0
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
        data = self._set_up()
        if data is not None:
            self._iterate(data, on_progress, progress_ms)
            self._tear_down(data)
        loop.settle(_SETTLE_MS)
        loop.end_asyncio()
        core.end()
        self._keep_outputs()

    def _set_up(self) -> Data | None:
        """Run ``setup``; what it returned, or nothing when there is to be no iteration."""
        options = self.options
        stage = self._run_stage("setup", self._setup, options.setup_timeout, None)
        if stage is None:
            return Data(None, is_given=False)
        if stage.is_late:
            self._give_up("setup", options.setup_timeout, exit_codes.SETUP_TIMEOUT)
        elif stage.error is not None:
            self._failed(stage.error, "setup()")
            self.stop(exit_codes.SCRIPT_EXCEPTION)
        elif not stage.is_cut and self.exit_code == exit_codes.OK:
            try:
                return Data(stage.value)
            except K6Error as error:
                self._failed(error, "setup()")
                self.stop(exit_codes.SCRIPT_EXCEPTION)
        return None

    def _tear_down(self, data: Data) -> None:
        options = self.options
        stage = self._run_stage("teardown", self._teardown, options.teardown_timeout, data)
        if stage is not None and stage.is_late:
            self._give_up("teardown", options.teardown_timeout, exit_codes.TEARDOWN_TIMEOUT)
        elif stage is not None and stage.error is not None:
            self._failed(stage.error, "teardown()")
            self.stop(exit_codes.SCRIPT_EXCEPTION)

    def _run_stage(
        self, name: str, function: Callable[..., Any] | None, timeout: float, data: Data | None
    ) -> Stage | None:
        if function is None:
            return None
        stage = Stage(self._loop, self.core, self.options, name, timeout)
        # What stops the run cuts setup, and lets teardown clean up.
        self._stage = stage if name == "setup" else None
        stage.run(function, data)
        self._stage = None
        self._tasks_left_behind += stage.tasks_left
        return stage

    def _give_up(self, name: str, timeout: float, exit_code: int) -> None:
        seconds = timeout / _SECOND_MS
        logger.error("%s() did not end within %g s (option %sTimeout)", name, seconds, name)
        self.stop(exit_code)

    def _iterate(
        self,
        data: Data,
        on_progress: Callable[[dict[str, Any]], None] | None,
        progress_ms: float,
    ) -> None:
        """Run every scenario to its end."""
        loop, core = self._loop, self.core
        self._main = getcurrent()
        self._employ(data)
        timers = [
            loop.core.add_timer(_SECOND_MS, lambda _kind, _data: core.sample_vus(), _SECOND_MS)
        ]
        if on_progress is not None:
            tell = on_progress
            draw = loop.core.add_timer(
                progress_ms, lambda _kind, _data: tell(core.progress()), progress_ms
            )
            timers.append(draw)
        if self.outputs.descriptions:
            look = self.outputs.look
            timers.append(
                loop.core.add_timer(_SECOND_MS, lambda _kind, _data: look(), _SECOND_MS)
            )
        core.watch(self._finished)
        longest = max(scenario["max_duration_ms"] for scenario in self.scenarios)
        kind = ThreadWatchdog if self.on_stuck is None else AlarmWatchdog
        self._watchdog = kind(loop, self.core, longest, self._stuck)
        core.begin()
        self._arm()
        with self._watchdog:
            while not self._is_finished:
                try:
                    loop.suspend()
                except KeyboardInterrupt as pressed:
                    self._interrupted(pressed)
        loop.settle(_SETTLE_MS)
        # What refers back to the run is let go of by hand, so that nothing waits for the garbage collector.
        self._watchdog = None
        for worker in self._workers:
            worker.dismiss()
        self._workers.clear()
        self._functions.clear()
        if self._alarm is not None:
            timers.append(self._alarm)
        for timer in timers:
            loop.core.cancel_timer(timer)

    def stop(self, exit_code: int) -> None:
        """End the run now: nothing starts any more, what runs is cut. The first reason wins."""
        if self.exit_code == exit_codes.OK:
            self.exit_code = exit_code
        if self._watchdog is not None:
            self._watchdog.stopped()
        if self._stage is not None:
            self._stage.stop()
        self.core.stop()

    def result(
        self,
        *,
        no_color: bool = True,
        stdout_is_tty: bool = False,
        stderr_is_tty: bool = False,
    ) -> Result:
        """Everything that was measured."""
        data = self.core.summary(
            no_color=no_color, stdout_is_tty=stdout_is_tty, stderr_is_tty=stderr_is_tty
        )
        exceptions = self.exceptions.all()
        data["run"]["exceptions"] = [vars(one) for one in exceptions]
        data["run"]["warnings"] = list(self.options.warnings)
        data["run"]["tasks_left_behind"] = self._tasks_left_behind
        data["run"]["samples_lost"] = self.outputs.lost
        series = {name: self.core.series(name) for name in data["metrics"]}
        return Result(data, series, exceptions, self.exit_code)

    def _employ(self, data: Data) -> None:
        """Give each VU its function."""
        loop, core = self._loop, self.core
        for index in range(core.vus()):
            vu = Vu(loop)
            vu.index = index
            vu.id = index + 1
            vu.run = core
            vu.defaults = self.options
            iteration = Iteration(loop, core, vu, self._failed, self._left_behind)
            # Tags that a script sets stay for later iterations of the VU, as in k6.
            which = core.scenario_of(index)
            scenario, function = self.scenarios[which], self._functions[which]
            vu.scenario = scenario["name"]
            vu.env = scenario["env"]
            if inspect.iscoroutinefunction(function):
                # asyncio is loaded for scripts that use it.
                from k6ws._run.coroutines import CoroutineWorker  # noqa: PLC0415

                worker = CoroutineWorker(iteration, loop.asyncio(), data.given_to(function))
            else:
                worker = Worker(iteration, loop, data.given_to(function))
            vu.account, vu.tags = core.attach(index, worker.receive)
            self._workers.append(worker)

    def _left_behind(self) -> None:
        """A task outlived the iteration that started it."""
        self._tasks_left_behind += 1

    def _failed(self, error: BaseException, what: str) -> None:
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
            self._keep_outputs()
            self.on_stuck(place)

    def _keep_outputs(self) -> None:
        """Finish the outputs; what they lost must not pass for a success."""
        if not self.outputs.finish() and self.exit_code == exit_codes.OK:
            self.exit_code = exit_codes.GENERIC

    def _arm(self) -> None:
        """Set a timer for the next deadline of the schedule."""
        wait = self.core.next_wake()
        if wait is not None:
            self._alarm = self._loop.core.add_timer(wait, self._wake)

    def _wake(self, _kind: int, _data: object) -> None:
        self.core.wake()
        if not self._is_finished:
            self._arm()

    def _finished(self, _kind: int, _data: object) -> None:
        self._is_finished = True
        self._main.switch()


def _as_json(tiers: list[tuple[str, Mapping[str, Any]]]) -> str:
    try:
        return json.dumps([(source, dict(values)) for source, values in tiers], allow_nan=False)
    except (TypeError, ValueError) as error:
        message = f"the options hold a value that is no option: {error}"
        raise OptionsError(
            message, "options are text, numbers, booleans, lists and mappings"
        ) from None
