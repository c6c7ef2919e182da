"""Rows beside the echo loads: each kind of row is a file of `bench/` that measures its rows once a round.

A kind compares within its own round: what a ratio divides was measured one after the other. What a kind
cannot measure it says, as a `RunError` or as a row that is missing; the other rows are unharmed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .bars import Spread, Verdict
from .measure import RunError


@dataclass(frozen=True)
class Row:
    """One figure, and what it may be at most."""

    title: str
    unit: str
    limit: float | None = None


@dataclass(frozen=True)
class Effort:
    """How long a kind may measure: seconds of load, or connections."""

    seconds: float
    conns: int
    counts_instructions: bool
    """Whether to count them under valgrind: once is enough, as they are the same in each round."""


@dataclass(frozen=True)
class Kind:
    """What measures some rows; `measure` is one round of them, by title."""

    name: str
    rows: Sequence[Row]
    measure: Callable[[Effort], Mapping[str, float]]


@dataclass
class Found:
    """One row over the rounds."""

    row: Row
    values: list[float] = field(default_factory=list[float])

    @property
    def spread(self) -> Spread | None:
        return Spread.of(self.values)


@dataclass
class Rows:
    """All of them, and what could not be measured, each reason once."""

    found: list[Found]
    failures: list[str]

    def verdicts(self) -> list[Verdict]:
        """Of the rows that have a bar."""
        return [_judge(one) for one in self.found if one.row.limit is not None]


def measure_rows(kinds: Sequence[Kind], rounds: int, effort: Effort) -> Rows:
    """Every kind once in each round."""
    found = {row.title: Found(row) for kind in kinds for row in kind.rows}
    failures: dict[str, None] = {}
    for number in range(1, rounds + 1):
        for kind in kinds:
            try:
                figures = kind.measure(
                    effort if number == 1 else replace(effort, counts_instructions=False)
                )
            except (RunError, OSError, ValueError, subprocess.SubprocessError) as error:
                failures[f"{kind.name}: {error}"] = None
                told = f"FAILED: {error}"
            else:
                for title, figure in figures.items():
                    found[title].values.append(figure)
                told = ", ".join(f"{figure:.4g}" for figure in figures.values())
            print(f"round {number}  {kind.name}: {told}", file=sys.stderr)
    return Rows(list(found.values()), list(failures))


def _judge(one: Found) -> Verdict:
    limit, found = one.row.limit, one.spread
    assert limit is not None, "asked of rows with a bar"
    text = f"{one.row.title}: ≤ {limit:,g} {one.row.unit}"
    if found is None:
        return Verdict(text, None, "not measured")
    crosses = ", range crosses the bar" if found.low <= limit < found.high else ""
    return Verdict(text, found.median <= limit, f"{shown(found)}{crosses}")


def shown(found: Spread) -> str:
    """Median and range: hundredths below ten, tenths below a hundred, else whole."""
    return f"{_figure(found.median)} ({_figure(found.low)}–{_figure(found.high)})"


def _figure(value: float) -> str:
    decimals = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{decimals}f}"
