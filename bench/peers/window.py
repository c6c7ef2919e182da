"""The load every Python peer generates, and the window in which it is measured.

A peer opens `conns` connections to an echo server, keeps `in_flight` binary messages of 64 bytes on
their way on each, and takes one Python step (callback or coroutine) and one send per message. After
the warm-up the window opens; `seconds` later it closes and nothing new is sent. What is still on
its way is then awaited, so that `total` can be compared with the server's count.

Knows no client library: the peer says when to `open` and `close` the window, and counts into
`messages`.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

PAYLOAD = b"x" * 64


@dataclass(frozen=True)
class Load:
    """What a peer is asked for: `URL CONNS IN_FLIGHT SECONDS [WARMUP]`."""

    url: str
    conns: int
    in_flight: int
    seconds: float
    warmup: float

    @classmethod
    def parse(cls, words: Sequence[str]) -> Load:
        if not 4 <= len(words) <= 5:
            raise SystemExit("usage: URL CONNS IN_FLIGHT SECONDS [WARMUP]")
        warmup = float(words[4]) if len(words) == 5 else 0.5
        return cls(words[0], int(words[1]), int(words[2]), float(words[3]), warmup)


class Window:
    """Counts messages and takes clock and CPU at both ends. `stopping` is set when it closes."""

    __slots__ = ("_before", "_cpu", "_ended", "_in_window", "_started", "messages", "stopping")

    def __init__(self) -> None:
        self.messages = 0
        self.stopping = False
        self._before = self._in_window = 0
        self._cpu = self._started = self._ended = 0.0

    def open(self) -> None:
        self._before = self.messages
        self._cpu = _cpu_seconds()
        self._started = time.monotonic()

    def close(self) -> None:
        self._ended = time.monotonic()
        self._cpu = _cpu_seconds() - self._cpu
        self._in_window = self.messages - self._before
        self.stopping = True

    def result(self) -> str:
        """The JSON line; call it when everything has been received."""
        return json.dumps(
            {
                "messages": self._in_window,
                "cpu_s": round(self._cpu, 6),
                "wall_s": round(self._ended - self._started, 6),
                "started": self._started,
                "ended": self._ended,
                "total": self.messages,
            }
        )


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
