"""``k6ws report``: a run told again, from what it said of itself while it lasted."""

from __future__ import annotations

from pathlib import Path

import click

from k6ws import _core
from k6ws._cli import github
from k6ws._cli.command import Switch, Valued
from k6ws._cli.terminal import Terminal
from k6ws._page import page_text
from k6ws._result import Result
from k6ws._run import exit_codes
from k6ws._run.files import ResultFiles


@click.command(cls=Valued)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--summary-export", metavar="FILE", help="Write the summary as JSON.")
@click.option(
    "--junit", metavar="FILE", help="Write thresholds, checks and scenarios as JUnit XML."
)
@click.option(
    "--report", "page", metavar="FILE.html", help="Write the run as one page for a browser."
)
@click.option("--no-color", cls=Switch, help="Print without colour.")
def report(
    *,
    files: tuple[Path, ...],
    summary_export: str | None,
    junit: str | None,
    page: str | None,
    no_color: bool,
) -> None:
    """Tell a run again, from the files of `k6ws run -o snapshots=FILE.k6ws`.

    Several files are those of the processes of one test: their numbers are added up, and thresholds are
    judged over all of them. A file that was cut off is told as far as it goes. The exit code is that of the
    run; 255 if it was cut off and nothing else speaks against it.
    """
    if page is not None:
        # That it is missing is said before files are read that may be long.
        page_text("--report")
    recording = _core.read_snapshots(list(files), with_history=page is not None)
    # Before a report is made anew: what is damaged leaves an older one as it is.
    result = retold(recording)
    # The files first: what cannot be written is no reason to say half of it.
    told = ResultFiles({"--summary-export": summary_export, "--junit": junit, "--report": page})
    lost = told.write(result, recording.page)
    told.close()
    terminal = Terminal(quiet=False, no_color=no_color)
    terminal.summarise(result.to_dict())
    github.tell(result, None, terminal.say)
    for trouble in recording.troubles():
        terminal.say(f"k6ws: {trouble}")
    if lost:
        terminal.say(f"k6ws: could not be written: {', '.join(lost)}")
    missing = ["the end of the run is missing"] if recording.troubles() else []
    missing += [f"not written: {', '.join(lost)}"] if lost else []
    code = result.exit_code or (exit_codes.GENERIC if missing else exit_codes.OK)
    terminal.conclude(result.to_dict(), exit_code=code, missing=" · ".join(missing), report=page)
    click.get_current_context().exit(code)


def retold(recording: _core.Recording) -> Result:
    """The result of a run.

    Raises:
        K6Error: What the files say of that side makes no sense.
    """
    return Result(recording.document(), recording.rows(), recording.silent_metrics())
