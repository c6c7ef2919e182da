"""``k6ws report``: a run told again, from what it said of itself while it lasted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import click

from k6ws import _core
from k6ws._cli.command import Switch, Valued
from k6ws._cli.reports import exported, junit_of, open_report
from k6ws._cli.terminal import Terminal
from k6ws._run import exit_codes, told
from k6ws._run.result import Result
from k6ws.errors import K6Error


@click.command(cls=Valued)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--summary-export", metavar="FILE", help="Write the summary as JSON.")
@click.option("--junit", metavar="FILE", help="Write checks and thresholds as JUnit XML.")
@click.option("--no-color", cls=Switch, help="Print without colour.")
def report(
    *, files: tuple[Path, ...], summary_export: str | None, junit: str | None, no_color: bool
) -> None:
    """Tell a run again, from the files of `k6ws run -o snapshots=FILE.k6ws`.

    Several files are those of the processes of one test: their numbers are added up, and thresholds are
    judged over all of them. A file that was cut off is told as far as it goes. The exit code is that of the
    run; 255 if it was cut off and nothing else speaks against it.
    """
    recording = _core.read_snapshots(list(files))
    # Before a report is made anew: what is damaged leaves an older one as it is.
    result, known = retold(recording)
    # The files first: what cannot be written is no reason to say half of it.
    flags = (("--summary-export", summary_export), ("--junit", junit))
    opened = {flag: open_report(path, flag) for flag, path in flags if path is not None}
    for flag, file in opened.items():
        with file:
            is_junit = flag == "--junit"
            file.write(
                junit_of(result)
                if is_junit
                else exported(
                    result, known["scenarios"], known["generated_at"] or _until(recording)
                )
            )
    terminal = Terminal(quiet=False, no_color=no_color)
    terminal.summarise(result.to_dict())
    for trouble in recording.troubles():
        terminal.say(f"k6ws: {trouble}")
    is_cut = bool(recording.troubles())
    code = result.exit_code or (exit_codes.GENERIC if is_cut else exit_codes.OK)
    click.get_current_context().exit(code)


def _until(recording: _core.Recording) -> str:
    """When a run was told last that never said that it was over."""
    return datetime.fromtimestamp(recording.until() / 1000, UTC).isoformat()


def retold(recording: _core.Recording) -> tuple[Result, told.Told]:
    """The result of a run, and what only its own side knew of it.

    Raises:
        K6Error: What the files say of that side makes no sense.
    """
    try:
        return _retold(recording)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"the files are damaged: what the script's side says makes no sense ({error})"
        raise K6Error(message) from None


def _retold(recording: _core.Recording) -> tuple[Result, told.Told]:
    known = told.merged([{**told.NOTHING, **json.loads(one or "{}")} for one in recording.told()])
    view = cast("dict[str, Any]", known["view"])
    mode = str(view["mode"])
    data = recording.summary(
        view["no_color"],
        view["stdout_is_tty"],
        view["stderr_is_tty"],
        "compact" if mode == "disabled" else mode,
    )
    if known["exit_code"] == exit_codes.OK and _is_crossed(data):
        known["exit_code"] = exit_codes.THRESHOLDS_FAILED
    told.set_into(data, known)
    code = int(known["exit_code"])
    return Result(data, {}, [], code, recording.silent_metrics()), known


def _is_crossed(data: dict[str, Any]) -> bool:
    """Whether a threshold does not hold."""
    metrics = cast("dict[str, dict[str, Any]]", data["metrics"])
    return any(
        not stands["ok"]
        for one in metrics.values()
        for stands in one.get("thresholds", {}).values()
    )
