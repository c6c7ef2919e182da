"""What a page does with its data, in Python: the block decoded, and windows merged, by the letter.

For tests only, and written without a look at how it is made: what both agree on is what the page shows.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

Cell = dict[str, Any]


class Reader:
    """Bytes of a block, from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def varint(self) -> int:
        """An unsigned LEB128 number."""
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def varints(self, count: int) -> list[int]:
        """A column of so many."""
        return [self.varint() for _ in range(count)]

    def numbers(self, count: int) -> list[float]:
        """A column of numbers, which says how they are written."""
        mode = self.data[self.at]
        self.at += 1
        if mode == 2:
            values = struct.unpack_from(f"<{count}d", self.data, self.at)
            self.at += 8 * count
            return list(values)
        integers = [(one >> 1) ^ -(one & 1) for one in self.varints(count)]
        return [one / 1e6 for one in integers] if mode == 1 else [float(one) for one in integers]

    def buckets(self) -> dict[int, int]:
        """Counts by bucket, of one sign."""
        found: dict[int, int] = {}
        bucket = 0
        for _ in range(self.varint()):
            bucket += self.varint()
            found[bucket] = self.varint()
        return found


def _counter(reader: Reader, n: int) -> list[Cell]:
    sums, samples = reader.numbers(n), reader.varints(n)
    return [{"sum": sums[row], "samples": samples[row]} for row in range(n)]


def _gauge(reader: Reader, n: int) -> list[Cell]:
    value, low, high = reader.numbers(n), reader.numbers(n), reader.numbers(n)
    samples = reader.varints(n)
    return [
        {"value": value[row], "min": low[row], "max": high[row], "samples": samples[row]}
        for row in range(n)
    ]


def _rate(reader: Reader, n: int) -> list[Cell]:
    passes, total = reader.varints(n), reader.varints(n)
    return [{"passes": passes[row], "total": total[row]} for row in range(n)]


def _trend(reader: Reader, n: int) -> list[Cell]:
    counts, sums = reader.varints(n), reader.numbers(n)
    low, high, zeros = reader.numbers(n), reader.numbers(n), reader.varints(n)
    cells: list[Cell] = []
    for row in range(n):
        negative, positive = reader.buckets(), reader.buckets()
        cells.append(
            {
                "count": counts[row],
                "sum": sums[row],
                "min": low[row],
                "max": high[row],
                "zeros": zeros[row],
                "negative": negative,
                "positive": positive,
            }
        )
    return cells


_KINDS = {"counter": _counter, "gauge": _gauge, "rate": _rate, "trend": _trend}


@dataclass
class Line:
    """A series, with what it has by interval."""

    metric: str
    kind: str
    tags: dict[str, str]
    cells: dict[int, Cell] = field(default_factory=dict[int, Cell])

    def window(self, first: int = 0, end: int | None = None) -> Cell | None:
        """What the intervals from ``first`` up to ``end`` add up to, in their order."""
        return merged(self.kind, [self.cells[at] for at in self._within(first, end)])

    def latest(self, first: int = 0, end: int | None = None) -> int:
        """The last of these intervals in which anything came; -1 for none."""
        return max(self._within(first, end), default=-1)

    def _within(self, first: int, end: int | None) -> list[int]:
        return sorted(at for at in self.cells if at >= first and (end is None or at < end))


@dataclass
class Page:
    """The history of a page, as a page sees it."""

    interval_ms: int
    count: int
    metrics: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    texts: list[str] = field(default_factory=list[str])
    lines: list[Line] = field(default_factory=list[Line])

    def named(self, history: dict[str, Any]) -> None:
        """Take in the names of metrics and series that are new."""
        self.metrics += [(one["name"], one["kind"]) for one in history["metrics"]]
        self.texts += history["texts"]
        series: list[list[int]] = history["series"]
        for metric, *numbers in series:
            name, kind = self.metrics[metric]
            texts = [self.texts[number] for number in numbers]
            tags = dict(zip(texts[::2], texts[1::2], strict=True))
            self.lines.append(Line(name, kind, tags))

    def lines_of(self, metric: str, **tags: str) -> list[Line]:
        """The series of a metric that have these tags."""
        return [
            line
            for line in self.lines
            if line.metric == metric and tags.items() <= line.tags.items()
        ]

    def window(
        self, metric: str, first: int = 0, end: int | None = None, **tags: str
    ) -> Cell | None:
        """The window of all of these: each of its own first, then in the order of the series.

        The value of a gauge is the latest of all, not that of the last series; of those that were told
        in one interval it is that of the last series.
        """
        lines = self.lines_of(metric, **tags)
        windows = [
            (line.latest(first, end), window)
            for line in lines
            if (window := line.window(first, end)) is not None
        ]
        if not windows:
            return None
        total = merged(lines[0].kind, [window for _, window in windows])
        if total is not None and "value" in total:
            newest = max(at for at, _ in windows)
            total["value"] = [window["value"] for at, window in windows if at == newest][-1]
        return total


def decoded(page: dict[str, Any]) -> Page:
    """The history of a whole page."""
    history = page["history"]
    found = Page(history["interval_ms"], history["count"])
    found.named(history)
    read(found, history)
    return found


def read(page: Page, history: dict[str, Any]) -> None:
    """Put what a block says in place: an interval that is told again replaces the one before."""
    data = base64.b64decode(history["data"], validate=True)
    if history.get("encoding") == "deflate":
        data = zlib.decompress(data)
    page.count = history["count"]
    reader = Reader(data)
    for line in page.lines:
        for interval, cell in _rows(reader, line.kind):
            assert interval < page.count
            line.cells[interval] = cell
    assert reader.at == len(data)


def _rows(reader: Reader, kind: str) -> Iterator[tuple[int, Cell]]:
    n = reader.varint()
    if n == 0:
        return
    interval, intervals = 0, list[int]()
    for gap in reader.varints(n):
        interval += gap
        intervals.append(interval)
    yield from zip(intervals, _KINDS[kind](reader, n), strict=True)


def updated(page: Page, second: dict[str, Any]) -> None:
    """Take in what changed, as an event of a live page says it."""
    history = second["history"]
    assert history["interval_ms"] == page.interval_ms
    page.named(history)
    read(page, history)


def merged(kind: str, cells: list[Cell]) -> Cell | None:
    """What these add up to, in this order."""
    if not cells:
        return None
    first, *newer = cells
    total = {
        name: dict(cast("dict[int, int]", part)) if isinstance(part, dict) else part
        for name, part in first.items()
    }
    for cell in newer:
        for name, part in cell.items():
            if isinstance(part, dict):
                for bucket, count in cast("dict[int, int]", part).items():
                    total[name][bucket] = total[name].get(bucket, 0) + count
            elif name == "min":
                total[name] = min(total[name], part)
            elif name == "max":
                total[name] = max(total[name], part)
            elif name == "value":
                total[name] = part
            else:
                total[name] += part
    assert kind in _KINDS
    return total


def percentile(cell: Cell, p: float) -> float:
    """The value below which ``p`` percent of a trend lie: at ``p (n - 1)``, between its two neighbours."""
    last = cell["count"] - 1
    position = min(max(p, 0.0), 100.0) / 100.0 * last
    rank = math.floor(position)
    share = position - rank
    if rank == 0 and share == 0.0:
        return cell["min"]
    if rank >= last:
        return cell["max"]
    ascending = (
        [(-middle(bucket), n) for bucket, n in sorted(cell["negative"].items(), reverse=True)]
        + ([(0.0, cell["zeros"])] if cell["zeros"] else [])
        + [(middle(bucket), n) for bucket, n in sorted(cell["positive"].items())]
    )
    values = [value for value, n in ascending for _ in range(n)][rank : rank + 2]
    lower, upper = values[0], values[-1]
    return min(max(lower + (upper - lower) * share, cell["min"]), cell["max"])


def middle(bucket: int) -> float:
    """The value that stands for a bucket: off by the same share from both its bounds."""
    octave, step = divmod(bucket, 256)
    return math.ldexp(math.exp2(step / 256) * 1.001353802259956, octave - 1023)
