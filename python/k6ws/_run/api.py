"""Runs inside a program: ``k6ws.run`` and ``k6ws.arun``."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from k6ws import _core
from k6ws._environment import env
from k6ws._loop import current_loop
from k6ws._options import Tier
from k6ws._params import named
from k6ws._result import Result
from k6ws._run import exit_codes, summary
from k6ws._run.background import Background
from k6ws._run.dashboard import served
from k6ws._run.ends import Ends
from k6ws._run.files import ResultFiles
from k6ws._run.interrupts import Interrupts
from k6ws._run.keywords import OURS, Keywords
from k6ws._run.outputs import files_of
from k6ws._run.owner import Owner
from k6ws._run.runner import Runner
from k6ws._run.whose import leaves_the_run
from k6ws._script import Script, ScriptError, from_file, from_function
from k6ws.errors import K6Error, OptionsError

if TYPE_CHECKING:
    from k6ws._run.showing import Showing
    from k6ws._typed.run import RunKeywords

logger = logging.getLogger("k6ws")

Subject: TypeAlias = str | PathLike[str] | Callable[..., Any]
_OPTIONS = [*(ours for ours, _, _ in _core.option_names()), *OURS]


@named(_OPTIONS)
def run(script: Subject, **options: Unpack[RunKeywords]) -> Result:
    """Run a load test inside this program and return what it measured.

    Where an asyncio loop runs (a notebook), the test runs in a thread of its own and this call still waits
    for its end, so the loop stands still: ``await k6ws.arun(…)`` there.

    Args:
        script: The path of a script, or a function to use as its ``default``, plain or `async def`.
        **options: k6's options, in either spelling; they lie over the script's own. ``env`` are variables
            that the script reads from ``k6ws.env``, for this run; ``seed`` is as ``random_seed`` in the body
            of a script. ``out`` is a list of outputs, such as ``["json=samples.json", "csv=samples.csv.gz"]``
            for single samples, or ``["snapshots=run.k6ws"]`` for what ``k6ws report`` tells again. ``report``
            is a path, to which the run is written as one page for a browser, ``junit`` one for JUnit XML,
            ``summary_export`` one for the summary as JSON. ``dashboard`` is where that page shows the run
            while it lasts, such as ``"127.0.0.1:5665"``, or ``True`` for just that; the URL is said on
            standard error. ``progress=True`` shows how far the run is, on standard error: in a terminal and
            in a notebook as a block that changes, elsewhere a line each second; the first failure of each
            kind is logged at once.

    Returns:
        The result; ``result.passed`` is false when the run was aborted or a threshold failed, and
        ``result.assert_ok()`` raises for all else that was not in order.

    Raises:
        OptionsError: An option is wrong.
        K6Error: The script cannot be loaded, or a run is already under way on this thread.

    Example:
        >>> import k6ws
        >>> result = k6ws.run(lambda: k6ws.check(1, {"is one": 1}), vus=2, iterations=4)
        >>> result.metrics["iterations"].count
        4
    """
    if not current_loop().is_in_asyncio():
        return _Here(script, options).run()
    logger.warning(
        "k6ws.run() holds up the asyncio loop of this thread until the run ends: await k6ws.arun() instead"
    )
    job = _InThread(_Here(script, options), lambda: None)
    return job.waited_for()


@named(_OPTIONS)
async def arun(script: Subject, **options: Unpack[RunKeywords]) -> Result:
    """Run a load test in a thread of its own, while the asyncio loop of this program goes on.

    Args:
        script: As for :func:`run`.
        **options: As for :func:`run`.

    Returns:
        The result. Cancelling the call stops the run and waits for its end.

    Raises:
        OptionsError: An option is wrong.
        K6Error: The script cannot be loaded.

    Example:
        >>> import asyncio, k6ws
        >>> test = k6ws.arun(lambda: k6ws.check(1, {"is one": 1}), iterations=3)
        >>> asyncio.run(test).metrics["iterations"].count
        3
    """
    import asyncio  # noqa: PLC0415 - programs without asyncio do not load it

    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell() -> None:
        # A loop that is closed has nobody who waits: the call was thrown away half-way.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)

    job = _InThread(_Here(script, options, is_alone=False), tell)
    try:
        job.begin()
        await ended.wait()
    except asyncio.CancelledError:
        job.stop()
        await ended.wait()
        raise
    except BaseException:
        # Thrown away half-way, or struck: nobody will await it any more.
        job.stop()
        raise
    finally:
        # Over already, or about to be: the event is the last thing that it does.
        job.join()
    return job.result()


def run_prepared(
    script: Subject, prepare: Callable[[Script], Script], options: Mapping[str, Any]
) -> Result:
    """As :func:`run`, of what ``prepare`` makes of the script that was loaded."""
    return _Here(script, options, prepare=prepare).run()


class _Here:
    """One run on the thread that calls :meth:`run`."""

    def __init__(
        self,
        script: Subject,
        options: Mapping[str, Any],
        *,
        is_alone: bool = True,
        prepare: Callable[[Script], Script] = lambda loaded: loaded,
    ) -> None:
        """``is_alone`` where the rest of the program waits for the end; ``prepare`` may change the script."""
        self._prepare = prepare
        self._script = script
        self._is_alone = is_alone
        # A program says what it means: neither a file nor the environment changes it.
        self._given = Keywords.of(options)
        # Here, because the run may be on another thread than what shows it.
        self._showing = _showing() if self._given.progress else None
        # A signal handler may stop the run while this very thread holds it.
        self._lock = threading.RLock()
        self._runner: Runner | None = None
        self._is_stopped = False

    def run(self) -> Result:
        """Run to the end."""
        with env.also(self._given.env):
            return self._run_loaded()

    def _run_loaded(self) -> Result:
        script = self._script
        if callable(script):
            return self._run(from_function(script))
        try:
            with from_file(fspath(script), is_alone=self._is_alone) as loaded:
                return self._run(loaded)
        except ScriptError as error:
            # What struck while it was loaded is the program's.
            struck = error.__context__
            if struck is None or not leaves_the_run(struck):
                raise
        raise struck

    def _run(self, script: Script) -> Result:
        given, script = self._given, self._prepare(script)
        if given.seed is not None:
            script = replace(script, seed=given.seed)
        source = () if callable(self._script) else [("the script", fspath(self._script))]
        outputs = [(f"out {one}", path) for one, path in files_of(given.outputs)]
        files = ResultFiles(given.files, [*source, *outputs])
        with served(given.dashboard, _say) as dashboard:
            tiers: list[Tier] = [("script", script.options), ("program", given.options)]
            is_kept = files.has_page
            runner = Runner(script, tiers, given.outputs, is_kept=is_kept, dashboard=dashboard)
            return self._run_told(runner, files)

    def _run_told(self, runner: Runner, files: ResultFiles) -> Result:
        for warning in runner.warnings:
            logger.warning("%s", warning)
        if runner.options.paused:
            message = "option 'paused' is for the command line: nobody could start the run"
            raise OptionsError(message)
        with self._lock:
            self._runner = runner
            if self._is_stopped:
                message = "the run was stopped before it began"
                raise K6Error(message)
        try:
            with Interrupts(runner), self._shown(runner) as owner:
                runner.run(owner)
        finally:
            # What is raised may keep this long after; the run is to go with its thread.
            with self._lock:
                self._runner = None
        if runner.leaving is not None:
            runner.finish()
            raise runner.leaving
        if lost := files.write(runner, lambda: _unwritten(runner.summary)):
            logger.error("cannot be written: %s", ", ".join(lost))
        result = runner.result()
        if page := files.name("report"):
            result.report = Path(page)
        return result

    @contextmanager
    def _shown(self, runner: Runner) -> Generator[Owner]:
        """Show how far the run is, if that is wanted."""
        if self._showing is None:
            yield Owner()
            return
        with self._showing.watched(runner.progress) as update:
            yield Owner(on_progress=update, progress_ms=self._showing.ms)

    def stop(self) -> None:
        """End the run now, from whichever thread."""
        with self._lock:
            self._is_stopped = True
            if self._runner is not None:
                self._runner.stop(exit_codes.EXTERNAL_ABORT)

    def hasten(self) -> None:
        """End what cleans up after the run as well, from whichever thread."""
        with self._lock:
            if self._runner is not None:
                self._runner.hasten()


def _say(line: str) -> None:
    """Where a program would look for it; whoever has no standard error has no use for it."""
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison] - nothing under pythonw
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def _showing() -> Showing:
    """What shows a run, where that is wanted."""
    from k6ws._run.showing import Showing  # noqa: PLC0415 - few programs show anything

    return Showing()


def _unwritten(made: Mapping[str, str | bytes] | None) -> list[str]:
    """Write what `handle_summary` made; what of it could not be."""
    try:
        return [] if made is None or summary.write(made) else ["what handle_summary() returned"]
    except OSError as error:
        return [f"what handle_summary() returned ({error.strerror or error})"]


class _InThread:
    """A run on a thread of its own."""

    def __init__(self, here: _Here, ended: Callable[[], None]) -> None:
        self._here = here
        self._ended = ended
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._is_interrupted = False
        self._thread = Background(self._work, "k6ws-run", daemon=False)

    def begin(self) -> None:
        """Start the run; whatever strikes here, :meth:`stop` and :meth:`join` end it."""
        self._thread.start()

    def stop(self) -> None:
        """End the run now."""
        self._here.stop()

    def join(self) -> None:
        """Wait for its end, if it has begun."""
        self._thread.join()

    def waited_for(self) -> Result:
        """Wait for its end here, where the thread stands still; whatever strikes the wait ends the run."""
        with Ends() as ends:
            ends.add(self.join)
            ends.add(self.stop)
            with Interrupts(self):
                self.begin()
                self.join()
        if self._is_interrupted:
            raise KeyboardInterrupt
        return self.result()

    def leave_with(self, error: BaseException) -> None:
        """End the run now; called for a Ctrl-C."""
        self._is_interrupted = True
        del error
        self._here.stop()

    def hasten(self) -> None:
        """End what cleans up as well."""
        self._here.hasten()

    def result(self) -> Result:
        """What it measured; raises what it raised."""
        if self._error is not None:
            raise self._error
        assert self._result is not None, "the run is over"  # noqa: S101
        return self._result

    def _work(self) -> None:
        try:
            self._result = self._here.run()
        except BaseException as error:  # noqa: BLE001 - it is raised where the run was asked for
            self._error = error
        finally:
            self._ended()
