"""What a script does around its iterations: `setup`, `teardown`, `handle_summary`, and how each may fail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from k6ws import _core
from k6ws._loop import Loop
from k6ws._run import exit_codes, summary
from k6ws._run.stage import Data, Stage
from k6ws._script import Script
from k6ws.errors import K6Error

logger = logging.getLogger("k6ws")


class Host(Protocol):
    """The run that the stages are of."""

    def stop(self, exit_code: int) -> None:
        """End the run."""
        ...

    def failed(self, error: BaseException, what: str) -> None:
        """Count an exception, and log it."""
        ...

    def not_written(self) -> None:
        """Something that was to be written is not there, or not all of it."""
        ...

    def watched(
        self, ends: Mapping[str, float], *, ends_with_run: bool
    ) -> AbstractContextManager[None]:
        """Let no code of the script keep the loop away for longer."""
        ...


class Stages:
    """The stages of one run; refers to no run, so that it goes with it."""

    def __init__(self, loop: Loop, core: _core.Run, options: _core.Options, script: Script) -> None:
        """Take the functions of the script that are wanted."""
        self._loop = loop
        self._core = core
        self._options = options
        functions = script.functions
        self._setup = None if options.no_setup else functions.get("setup")
        self._teardown = None if options.no_teardown else functions.get("teardown")
        self._summary = functions.get("handle_summary") or functions.get("handleSummary")
        self._stoppable: Stage | None = None
        self._current: Stage | None = None
        self.tasks_left = 0
        """Tasks that outlived the stage that started them."""

    def set_up(self, host: Host) -> Data | None:
        """Run ``setup``; what it returned, or nothing when there is to be no iteration."""
        timeout = self._options.setup_timeout
        stage = self._run(host, "setup", self._setup, timeout, None)
        if stage is None:
            return Data(None, is_given=False)
        if stage.is_late:
            _log_late("setup", "setup", timeout)
            host.stop(exit_codes.SETUP_TIMEOUT)
        elif stage.error is not None:
            _failed(host, _taken(stage), "setup()")
        elif not stage.is_cut:
            try:
                return Data(stage.value)
            except K6Error as error:
                _failed(host, error, "setup()")
        return None

    def tear_down(self, host: Host, data: Data) -> None:
        """Run ``teardown``."""
        timeout = self._options.teardown_timeout
        stage = self._run(host, "teardown", self._teardown, timeout, data)
        if stage is not None and stage.is_late:
            _log_late("teardown", "teardown", timeout)
            host.stop(exit_codes.TEARDOWN_TIMEOUT)
        elif stage is not None and stage.error is not None:
            _failed(host, _taken(stage), "teardown()")

    def summarise(self, host: Host, data: dict[str, Any]) -> dict[str, str | bytes] | None:
        """Run ``handle_summary``; ``None`` asks for the default text.

        A summary that could not be made must not pass for a success: what it was to write is missing.
        """
        timeout = self._options.handle_summary_timeout
        if self._summary is None:
            return None
        stage = self._run(host, "handle_summary", self._summary, timeout, Data(data))
        if stage is None or stage.is_late:
            _log_late("handle_summary", "handleSummary", timeout)
        elif stage.error is not None:
            host.failed(_taken(stage), "handle_summary()")
        else:
            wrong = summary.refusal(stage.value)
            if not wrong:
                return dict(stage.value or {}) or None
            logger.error("%s", wrong)
        host.not_written()
        return None

    def stop(self) -> None:
        """The run was stopped: ``setup`` is ended, other stages clean up or sum up. Called by the leader."""
        if self._stoppable is not None:
            self._stoppable.stop()

    def cut(self) -> None:
        """The run was told a second time to end: whatever stage it is in is cut. Called by the leader."""
        if self._current is not None:
            self._current.cut()

    def _run(
        self,
        host: Host,
        name: str,
        function: Callable[..., Any] | None,
        timeout: float,
        data: Data | None,
    ) -> Stage | None:
        if function is None:
            return None
        stage = Stage(self._loop, self._core, self._options, name, timeout)
        is_setup = name == "setup"
        self._current, self._stoppable = stage, stage if is_setup else None
        try:
            with host.watched({"": timeout}, ends_with_run=is_setup):
                stage.run(function, data)
        finally:
            self._current = self._stoppable = None
        self.tasks_left += stage.tasks_left
        return stage


def _taken(stage: Stage) -> BaseException:
    """The exception that ended a stage; not kept: its traceback refers to the stage, and that to a loop."""
    error, stage.error = stage.error, None
    assert error is not None, "asked for where there is one"  # noqa: S101
    return error


def _failed(host: Host, error: BaseException, what: str) -> None:
    host.failed(error, what)
    host.stop(exit_codes.SCRIPT_EXCEPTION)


def _log_late(function: str, option: str, timeout: float) -> None:
    seconds = timeout / 1000.0
    logger.error("%s() did not end within %g s (option %sTimeout)", function, seconds, option)
