"""Whether one target is slower than another: the paired difference of rounds, with an interval. Arithmetic.

Rounds of both targets alternate, so what the machine does meanwhile happens to both. Of each round one figure
is taken, and of each pair the ratio. How much slower b is, is the Hodges-Lehmann estimate of these ratios,
and its interval is that of Wilcoxon's signed ranks, exact, from a table that is counted here. It asks of the
ratios that they lie evenly about their middle, not that they are normal, and bears a round that something
disturbed. It draws no random numbers: the same figures always give the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, log

from k6ws.errors import K6Error, RunNotOk

LEAST_ROUNDS = 6
"""Fewer pairs can give no interval of 95 %."""
_ALPHA = 0.05


@dataclass(frozen=True)
class Comparison:
    """How target b compares with target a."""

    metric: str
    figure: str
    a: tuple[float, ...]
    """The figure of each round of a, in milliseconds."""
    b: tuple[float, ...]
    at_most: float
    """By how much b may be slower, as a share: 0.1 for 10 %."""
    ratio: float
    """How many times as long b takes."""
    low: float
    """The interval of ``ratio`` begins here."""
    high: float
    confidence: float
    """What share of such intervals holds the true ratio."""
    untrustworthy: int = 0
    """Rounds whose numbers may not be the targets'."""

    @classmethod
    def of(
        cls,
        a: list[float],
        b: list[float],
        *,
        metric: str,
        figure: str,
        at_most: float,
        untrustworthy: int = 0,
    ) -> Comparison:
        """Compare figures, pair by pair.

        Raises:
            K6Error: There are too few, or one is 0: there is no ratio then.
        """
        if len(a) != len(b) or len(a) < LEAST_ROUNDS:
            message = f"{len(a)} and {len(b)} figures are no {LEAST_ROUNDS} pairs"
            raise K6Error(message)
        if not all(isfinite(one) and one > 0 for one in (*a, *b)):
            message = f"{metric} {figure} is 0 in a round, and there is no ratio to that"
            raise K6Error(message, "compare another figure, or let the target do more")
        middle, low, high, confidence = signed_ranks(
            [log(y / x) for x, y in zip(a, b, strict=True)]
        )
        return cls(
            metric,
            figure,
            tuple(a),
            tuple(b),
            at_most,
            exp(middle),
            exp(low),
            exp(high),
            confidence,
            untrustworthy,
        )

    @property
    def passed(self) -> bool:
        """Whether b is surely not slower than it may be: the whole interval says so."""
        return self.high <= 1 + self.at_most

    @property
    def is_slower(self) -> bool:
        """Whether b is surely slower than it may be. Where this and ``passed`` are false, nobody can say."""
        return self.low > 1 + self.at_most

    def assert_ok(self) -> None:
        """Raise unless b is surely not slower than it may be.

        Raises:
            RunNotOk: An ``AssertionError`` that says by how much it is, or that the rounds cannot tell.
        """
        __tracebackhide__ = True  # of pytest: it shows the line of the test
        if not self.passed:
            raise RunNotOk(str(self), self.hint)

    @property
    def hint(self) -> str:
        """What to do where nobody can say."""
        if self.passed or self.is_slower:
            return ""
        return "more or longer rounds make the interval narrower, and so does a quieter machine"

    def __str__(self) -> str:
        word = "slower" if self.is_slower else "undecided"
        word = "not slower than it may be" if self.passed else word
        interval = f"{self.confidence:.0%} interval {_percent(self.low)} to {_percent(self.high)}"
        return (
            f"b is {word}: {self.metric} {self.figure} {_percent(self.ratio)}, {interval}, "
            f"may be {_percent(1 + self.at_most)}\n"
            f"  a: {_times(self.a)}\n  b: {_times(self.b)}"
        )


def signed_ranks(differences: list[float]) -> tuple[float, float, float, float]:
    """The Hodges-Lehmann estimate of the middle of differences, its interval, and how sure that is.

    The estimate is the median of the means of all pairs, each difference paired with itself too. The interval
    leaves out as many of these means at both ends as the distribution of Wilcoxon's signed ranks allows.
    """
    number = len(differences)
    means = sorted(
        (differences[i] + differences[j]) / 2 for i in range(number) for j in range(i, number)
    )
    count = len(means)
    middle = (means[(count - 1) // 2] + means[count // 2]) / 2
    # How many of the 2^n ways to sign the ranks have each sum of positive ones.
    ways = [1] + [0] * count
    for rank in range(1, number + 1):
        for total in range(count, rank - 1, -1):
            ways[total] += ways[total - rank]
    left_out, tail = 0, ways[0]
    while 2 * (tail + ways[left_out + 1]) <= _ALPHA * 2**number:
        left_out += 1
        tail += ways[left_out]
    confidence = 1 - 2 * tail / 2**number
    return middle, means[left_out], means[count - 1 - left_out], confidence


def _percent(ratio: float) -> str:
    return f"{(ratio - 1) * 100:+.1f} %"


def _times(figures: tuple[float, ...]) -> str:
    return " ".join(f"{one:.3g}" for one in figures) + " ms"
