"""What must hold, and whether it did.

Bars are ratios of two clients within the same round, so that a slow minute of the machine slows
both; the median over the rounds is judged, and a range that reaches across the bar is said. They
are the project's promises about speed: a change of a number here is a decision, not a repair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from .k6 import K6
from .measure import Sample
from .peers import CLASS, FLOOR, K6WS, PICOWS
from .workloads import PING_PONG_10, PING_PONG_100, PING_PONG_1000, PIPELINED, Workload


@dataclass(frozen=True)
class Bar:
    """CPU per message of k6ws is at most `limit` times that of `reference`."""

    workload: Workload
    reference: str
    limit: float
    peer: str = K6WS

    @property
    def text(self) -> str:
        load = self.workload
        return f"{load.id} at {load.conns}: {self.peer} ≤ {self.limit:g} × {self.reference}"


BARS = (
    Bar(PING_PONG_10, FLOOR, 1.15),
    Bar(PING_PONG_100, FLOOR, 1.1),
    Bar(PING_PONG_1000, FLOOR, 1.12),
    Bar(PIPELINED, FLOOR, 2.4),
    Bar(PING_PONG_100, PICOWS, 1.0),
    Bar(PING_PONG_1000, PICOWS, 1.0),
    Bar(PING_PONG_100, K6, 0.5),
    Bar(PING_PONG_1000, K6, 0.5),
    Bar(PIPELINED, PICOWS, 0.2),
    Bar(PING_PONG_100, K6WS, 1.05, CLASS),
    Bar(PING_PONG_1000, K6WS, 1.05, CLASS),
)


@dataclass(frozen=True)
class Spread:
    """Median and range of one figure over the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        found = list(values)
        return cls(median(found), min(found), max(found)) if found else None


def spread(
    samples: Sequence[Sample], workload: Workload, peer: str, figure: Callable[[Sample], float]
) -> Spread | None:
    """A figure of one peer in one workload over its valid rounds."""
    return Spread.of(figure(sample) for sample in _valid(samples, workload, peer).values())


def ratio(
    samples: Sequence[Sample], workload: Workload, peer: str, reference: str
) -> Spread | None:
    """CPU per message over that of a reference in the same round; None without a common round."""
    ours, theirs = _valid(samples, workload, peer), _valid(samples, workload, reference)
    return Spread.of(
        sample.us_per_message / theirs[number].us_per_message
        for number, sample in ours.items()
        if number in theirs
    )


def _valid(samples: Sequence[Sample], workload: Workload, peer: str) -> dict[int, Sample]:
    return {
        sample.round: sample
        for sample in samples
        if sample.workload == workload and sample.peer == peer and not sample.void
    }


@dataclass(frozen=True)
class Verdict:
    """A bar and what was found: `ok` is None when it was not measured."""

    text: str
    ok: bool | None
    found: str


def judge(samples: Sequence[Sample]) -> list[Verdict]:
    """All bars of echo loads in order; those of other rows stand with these rows."""
    return [_judge_ratio(bar, samples) for bar in BARS]


def _judge_ratio(bar: Bar, samples: Sequence[Sample]) -> Verdict:
    found = ratio(samples, bar.workload, bar.peer, bar.reference)
    if found is None:
        absent = [
            peer for peer in (bar.peer, bar.reference) if not _valid(samples, bar.workload, peer)
        ]
        return Verdict(
            bar.text, None, f"no figure of {' and '.join(absent) or 'both in one round'}"
        )
    crosses = found.low <= bar.limit < found.high
    text = f"{found.median:.2f} ({found.low:.2f}–{found.high:.2f})"
    return Verdict(
        bar.text, found.median <= bar.limit, text + (", range crosses the bar" if crosses else "")
    )
