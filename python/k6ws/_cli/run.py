"""``k6ws run``: load, check, run, report, exit."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Generator
from typing import Any

import click

from k6ws import _core
from k6ws._cli.command import Optional, Switch, Valued
from k6ws._cli.exits import OWN_PROCESS, exit_code, message, wait_for_threads
from k6ws._cli.flags import global_flags, options_of_the_test
from k6ws._cli.limits import warn_of_limits
from k6ws._cli.logs import Logs, open_for_appending
from k6ws._cli.prepare import fill_environment, loaded, tiers
from k6ws._cli.reports import Reports
from k6ws._cli.shared_flags import variables
from k6ws._cli.signals import Signals
from k6ws._cli.terminal import Terminal
from k6ws._run import exit_codes
from k6ws._run.collector import Collector
from k6ws._run.dashboard import served
from k6ws._run.outputs import files_of
from k6ws._run.owner import Owner, View
from k6ws._run.runner import Runner
from k6ws.errors import K6Error, OptionsError

logger = logging.getLogger("k6ws")


@click.command(cls=Valued)
@click.argument("script", type=click.Path())
@options_of_the_test
@click.option(
    "--console-output",
    metavar="FILE",
    envvar=variables("CONSOLE_OUTPUT"),
    help="Where what the script prints goes.",
)
@click.option(
    "-o",
    "--out",
    metavar="TYPE[=WHERE]",
    multiple=True,
    help="Write every sample: json=FILE, csv=FILE; a name ending in .gz is compressed, - is stdout. "
    "Or what `k6ws report` tells again: snapshots=FILE.k6ws.",
)
@click.option(
    "--summary-export",
    metavar="FILE",
    envvar=variables("SUMMARY_EXPORT"),
    help="Write the summary as JSON.",
)
@click.option(
    "--summary-mode",
    type=click.Choice(["compact", "full", "disabled"]),
    default="compact",
    envvar=variables("SUMMARY_MODE"),
    help="How much the summary says; full adds every scenario and group.",
)
@click.option(
    "--junit",
    metavar="FILE",
    envvar="K6WS_JUNIT",
    help="Write thresholds, checks and scenarios as JUnit XML.",
)
@click.option(
    "--strict",
    cls=Switch,
    envvar="K6WS_STRICT",
    help="Exit with 113 unless all went well: no exceptions, no failed connections, no iterations cut or "
    "missing, no failed checks, numbers that are the target's.",
)
@click.option(
    "--fail-on-untrustworthy",
    cls=Switch,
    envvar="K6WS_FAIL_ON_UNTRUSTWORTHY",
    help="Exit with 112 if the numbers are this process's own rather than the target's.",
)
@click.option(
    "--report",
    metavar="FILE.html",
    envvar="K6WS_REPORT",
    help="Write the run as one page for a browser.",
)
@click.option(
    "-l",
    "--linger",
    cls=Switch,
    envvar=variables("LINGER"),
    help="Do not exit when the run is over: wait for Ctrl-C.",
)
@click.option(
    "--ws-debug",
    cls=Optional,
    metavar="[N]",
    type=click.IntRange(1, 1_000_000),
    is_flag=False,
    flag_value=1,
    envvar=variables("WS_DEBUG"),
    help="Log handshakes and frames of the first N WebSockets (1), with secrets masked.",
)
@click.option(
    "-a",
    "--address",
    metavar="HOST:PORT",
    envvar=variables("ADDRESS"),
    help="Serve the REST API there: status, metrics, start and stop.",
)
@click.option(
    "--dashboard",
    cls=Optional,
    metavar="[=HOST:PORT]",
    is_flag=False,
    flag_value="true",
    envvar="K6WS_DASHBOARD",
    help="Show the run on a page while it lasts (127.0.0.1:5665); elsewhere than on loopback with a token.",
)
@click.option(
    "--no-gc-tuning",
    cls=Switch,
    envvar=variables("NO_GC_TUNING"),
    help="Leave Python's garbage collector as it is, instead of asking for it less often.",
)
@global_flags
@click.pass_context
def run(
    context: click.Context,
    *,
    script: str,
    console_output: str | None,
    out: tuple[str, ...],
    summary_export: str | None,
    summary_mode: str,
    junit: str | None,
    strict: bool,
    fail_on_untrustworthy: bool,
    report: str | None,
    linger: bool,
    address: str | None,
    ws_debug: int | None,
    dashboard: str | None,
    no_gc_tuning: bool,
    log_output: str,
    log_format: str,
    no_color: bool,
    quiet: bool,
    verbose: bool,
    **_options: Any,
) -> None:
    """Run a load test script: a file, an archive of `k6ws archive`, or - for standard input.

    Options come from a JSON file (-c), the script, variables (K6WS_VUS, or K6_VUS as in k6) and flags; the
    later ones win.

    Exit codes are k6's: 0 done, 99 a threshold failed, 100 and 101 setup or teardown took too long, 104
    wrong options, 105 stopped by a signal, 107 the script failed to load or its setup or teardown raised,
    109 a handler could not be stopped, 112 and 113 what two flags demand is not so, 255
    anything else, such as samples that an output lost.
    """
    terminal = Terminal(quiet=quiet, no_color=no_color)
    collector = Collector()
    logs = Logs(terminal, log_output, log_format, is_verbose=verbose)
    try:
        with (
            Signals(owns_process=context.find_root().obj is OWN_PROCESS) as signals,
            _prints_go_to(console_output),
        ):
            fill_environment(context, has_process=True)
            out = out or _outputs_of_environment()
            asked = {"--summary-export": summary_export, "--junit": junit, "--report": report}
            others = [("--console-output", console_output), ("--log-output", logs.path)]
            others += [(f"-o {one}", path) for one, path in files_of(out)]
            used = [(what, path) for what, path in others if path]
            reports = Reports.looked_at(summary_mode, asked, used, script)
            with served(dashboard, terminal.say) as shown, loaded(script, logs) as found:
                logs.adopt_handlers()
                given, remarks = tiers(context, found)
                runner = Runner(
                    found,
                    given,
                    out,
                    owns_process=True,
                    is_kept=reports.has_page,
                    dashboard=shown,
                )
                signals.protect(runner)
                for remark in [*remarks, *runner.warnings]:
                    logger.warning("%s", remark)
                if ws_debug is not None:
                    runner.log_wire(ws_debug)
                if not no_gc_tuning:
                    runner.relax(collector)
                warn_of_limits(runner.options)
                with _rest(address, runner):
                    terminal.introduce(
                        script,
                        runner.scenarios,
                        runner.outputs.descriptions,
                        segment=runner.options.segment_size,
                        max_vus=runner.options.max_vus,
                    )
                    demands = {"is_strict": strict, "needs_trust": fail_on_untrustworthy}
                    code = _carry_out(
                        runner, terminal, reports, demands, shows_prints=console_output is None
                    )
                if linger and code != exit_codes.EXTERNAL_ABORT:
                    signals.wait(
                        lambda: terminal.say("k6ws: the run is over; Ctrl-C ends --linger")
                    )
    except K6Error as error:
        terminal.say(message(error))
        code = exit_code(error)
    wait_for_threads(code, terminal.say)
    sys.exit(code)


def _carry_out(
    runner: Runner,
    terminal: Terminal,
    reports: Reports,
    demands: dict[str, bool],
    *,
    shows_prints: bool,
) -> int:
    """Run and report; returns the exit code."""

    def stuck(place: str) -> None:
        terminal.say(f"k6ws: a handler cannot be stopped; the run ends without it.\n{place}")
        try:
            reports.write(runner, terminal)
        finally:
            os._exit(exit_codes.STUCK)

    view = View(reports.mode, not terminal.out_color, terminal.out_is_tty, terminal.err_is_tty)
    with terminal.display(runner.progress, shows_prints=shows_prints) as display:
        runner.run(Owner(display, terminal.progress_ms, stuck, view, **demands))
    return reports.write(runner, terminal)


def _outputs_of_environment() -> tuple[str, ...]:
    names = variables("OUT")
    text = next((value for name in names if (value := os.environ.get(name))), "")
    return tuple(_core.split_outputs(text))


def _rest(address: str | None, runner: Runner) -> contextlib.AbstractContextManager[object]:
    """The REST API, if it is asked for."""
    if address:
        from k6ws._cli.rest import RestApi  # noqa: PLC0415 - a server of HTTP, for who asks

        api = RestApi(address, runner)
        logger.info("REST API on port %d", api.port)
        return api
    if runner.options.paused:
        message = "option 'paused' needs the REST API: nobody could start the run"
        raise OptionsError(message, "add --address localhost:6565")
    return contextlib.nullcontext()


@contextlib.contextmanager
def _prints_go_to(path: str | None) -> Generator[None]:
    """Let what the script prints go to a file; the summary does not."""
    if path is None:
        yield
        return
    with open_for_appending(path, "--console-output") as file, contextlib.redirect_stdout(file):
        yield
