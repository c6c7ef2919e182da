"""How fast counts grow, lately: from the counts themselves, seen again and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from typing import NamedTuple

__all__ = ["Rates"]


class Rates:
    """The growth of some counts over the last two seconds.

    A count that is seen for the first time counts from 0 where all were seen before: it has just begun. Of
    one that may have been there unseen nothing is known until it was seen twice.
    """

    def __init__(self) -> None:
        self._seen: deque[_Look] = deque([_Look(0.0, {}, is_all=True)])

    def see(self, ms: float, counts: Mapping[Hashable, float], *, is_all: bool = True) -> None:
        """Take note of counts at an instant; what comes too soon after the last one is left out.

        ``is_all`` says that there are no others.
        """
        # The last state of a run follows at once: a rate over so little time would be a lottery.
        if ms - self._seen[-1].ms < _SHORTEST_MS:
            return
        self._seen.append(_Look(ms, dict(counts), is_all))
        while len(self._seen) > _FEWEST and ms - self._seen[1].ms >= _WINDOW_MS:
            self._seen.popleft()

    def of(self, count: Hashable) -> float | None:
        """How much it has grown in a second; nothing where that is not known."""
        until = self._seen[-1]
        # The oldest look that knows it: it may have come among those that are seen meanwhile.
        since = next((one for one in self._seen if one.is_all or count in one.counts), until)
        if count not in until.counts:
            return 0.0
        if not since.is_all and until.ms - since.ms < _KNOWN_MS:
            return None
        if until.ms <= since.ms:
            return 0.0
        grown = until.counts[count] - since.counts.get(count, 0.0)
        return grown / (until.ms - since.ms) * 1000.0


class _Look(NamedTuple):
    ms: float
    counts: Mapping[Hashable, float]
    is_all: bool


_SHORTEST_MS = 50.0
_WINDOW_MS = 2000.0
# Of one that was not seen from its beginning; over less, its rate would jump.
_KNOWN_MS = 500.0
_FEWEST = 2
