"""How fast counts grow, lately: from the counts themselves, seen again and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping

__all__ = ["Rates"]


class Rates:
    """The growth of some counts over the last two seconds.

    A count that is seen for the first time counts from 0: it begins with what it is the count of.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, Mapping[Hashable, float]]] = deque([(0.0, {})])

    def see(self, ms: float, counts: Mapping[Hashable, float]) -> None:
        """Take note of counts at an instant; what comes too soon after the last one is left out."""
        # The last state of a run follows at once: a rate over so little time would be a lottery.
        if ms - self._seen[-1][0] < _SHORTEST_MS:
            return
        self._seen.append((ms, dict(counts)))
        while len(self._seen) > _FEWEST and ms - self._seen[1][0] >= _WINDOW_MS:
            self._seen.popleft()

    def of(self, count: Hashable) -> float:
        """How much it has grown in a second."""
        (since, before), (until, now) = self._seen[0], self._seen[-1]
        if until <= since:
            return 0.0
        return (now.get(count, 0.0) - before.get(count, 0.0)) / (until - since) * 1000.0


_SHORTEST_MS = 50.0
_WINDOW_MS = 2000.0
_FEWEST = 2
