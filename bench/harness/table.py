"""Figures to text. Pure: it reads no clock, no file and no terminal."""

from __future__ import annotations

from collections.abc import Sequence

from .bars import Spread, Verdict, ratio, spread
from .measure import Failure, Sample
from .peers import FLOOR, PICOWS
from .rows import Rows, shown
from .workloads import Workload

_MARKS = {True: "ok", False: "MISSED", None: "not measured"}


def render_workload(
    workload: Workload,
    peers: Sequence[str],
    samples: Sequence[Sample],
    failures: Sequence[Failure],
) -> str:
    """One table: a line per peer that was asked, whether or not it delivered."""
    lines = [
        workload.title,
        (
            f"  {'client':<28}{'CPU µs/msg':>11}{'msg/s':>12}{'× floor':>20}{'× picows':>10}"
            f"{'server busy':>13}"
        ),
    ]
    for peer in peers:
        cpu = spread(samples, workload, peer, lambda sample: sample.us_per_message)
        rate = spread(samples, workload, peer, lambda sample: sample.messages_per_second)
        busy = spread(samples, workload, peer, lambda sample: sample.server_busy)
        if cpu and rate and busy:
            lines.append(
                f"  {peer:<28}{cpu.median:>11.2f}{rate.median:>12,.0f}"
                f"{_with_range(ratio(samples, workload, peer, FLOOR)):>20}"
                f"{_median(ratio(samples, workload, peer, PICOWS)):>10}{busy.median:>13.0%}"
            )
        else:
            lines.append(f"  {peer:<28}{'–':>11}")
        lines += [f"    ! {note}" for note in _notes(workload, peer, samples, failures)]
    return "\n".join(lines)


def render_rows(rows: Rows) -> str:
    """One table of the rows that are no echo load: median and range over the rounds."""
    lines = [f"  {'row':<62}{'median (min–max)':<32}unit"]
    for one in rows.found:
        found = one.spread
        lines.append(f"  {one.row.title:<62}{shown(found) if found else '–':<32}{one.row.unit}")
    return "\n".join(lines + [f"    ! {why}" for why in rows.failures])


def render_bars(verdicts: Sequence[Verdict]) -> str:
    lines = ["Bars (medians; echo and fan-in are same-round ratios of CPU per message)"]
    lines += [
        f"  {_MARKS[verdict.ok]:<13}{verdict.text:<74}{verdict.found}" for verdict in verdicts
    ]
    missed = sum(verdict.ok is False for verdict in verdicts)
    unmeasured = sum(verdict.ok is None for verdict in verdicts)
    held = len(verdicts) - missed - unmeasured
    lines.append(f"  {held} held, {missed} missed, {unmeasured} not measured")
    return "\n".join(lines)


def _notes(
    workload: Workload, peer: str, samples: Sequence[Sample], failures: Sequence[Failure]
) -> list[str]:
    notes = [
        f"round {sample.round} VOID: server {sample.server_busy:.0%} busy, client waited"
        for sample in samples
        if sample.workload == workload and sample.peer == peer and sample.void
    ]
    return notes + [
        f"round {failure.round} FAILED: {failure.reason}"
        for failure in failures
        if failure.workload == workload and failure.peer == peer
    ]


def _median(found: Spread | None) -> str:
    return _ratio(found.median) if found else "–"


def _with_range(found: Spread | None) -> str:
    if found is None:
        return "–"
    return f"{_ratio(found.median)} ({_ratio(found.low)}–{_ratio(found.high)})"


def _ratio(value: float) -> str:
    """Three figures: nobody needs hundredths of a ratio of 200."""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"
