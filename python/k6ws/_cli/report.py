"""``k6ws report``: a run told again, from what it said of itself while it lasted."""

from __future__ import annotations

from pathlib import Path

import click

from k6ws import _core
from k6ws._cli.command import Switch, Valued
from k6ws._cli.reports import Reports
from k6ws._cli.retold import Retold
from k6ws._cli.terminal import Terminal


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
    run; 255 if it was cut off, or something could not be written, and nothing else speaks against it.
    """
    asked = {"--summary-export": summary_export, "--junit": junit, "--report": page}
    reports = Reports.looked_at("compact", asked, [("FILE", str(file)) for file in files])
    run = Retold(_core.read_snapshots(list(files), with_history=reports.has_page))
    terminal = Terminal(quiet=False, no_color=no_color)
    for trouble in run.troubles:
        terminal.say(f"k6ws: {trouble}")
    missing = ["the end of the run is missing"] if run.troubles else []
    click.get_current_context().exit(reports.write(run, terminal, missing))
