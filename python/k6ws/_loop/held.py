"""Events that their VU does not accept yet wait here, in order; those of a coroutine's turn in ``turns``.

They wait by who will accept them, which is the scope of their source: the VU itself, or a call that waits for
the end of its session. So whoever goes on finds its own at once, however much waits for others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator
from typing import Any, TypeAlias

from k6ws._loop.source import Source

Entry: TypeAlias = tuple[Source, int, Any]


class Held:
    """What one VU keeps back. While an event is here it counts as undelivered."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        # Only scopes for which something waits.
        self._of: dict[object, deque[Entry]] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def keep(self, source: Source, kind: int, data: Any) -> None:
        """Put an event behind the others of its scope."""
        queue = self._of.get(source.scope)
        if queue is None:
            queue = self._of[source.scope] = deque()
        queue.append((source, kind, data))
        # Last: whoever waits for an operation that it ends goes on at once, and looks for what is held.
        source.holding(kind, data)

    def take(self, scope: object) -> Entry | None:
        """The next event of a scope, which is about to be delivered."""
        queue = self._of.get(scope)
        if not queue:
            return None
        entry = queue.popleft()
        if not queue:
            del self._of[scope]
        entry[0].releasing(entry[1], entry[2])
        return entry

    def take_all(self, scope: object) -> Iterator[Entry]:
        """Every event of a scope, also of those that come meanwhile."""
        while (entry := self.take(scope)) is not None:
            yield entry

    def take_outcomes(self, source: Source) -> Iterator[Entry]:
        """The events of ``source`` that end an operation."""
        queue = self._of.get(source.scope, ())
        # Taken apart in one go: much may be held, and little of it ends anything.
        outcomes: list[Entry] = []
        others: deque[Entry] = deque()
        for entry in queue:
            is_outcome = entry[0] is source and source.ends_operation(entry[1])
            (outcomes if is_outcome else others).append(entry)
        if others:
            self._of[source.scope] = others
        else:
            self._of.pop(source.scope, None)
        for entry in outcomes:
            source.releasing(entry[1], entry[2])
            yield entry

    def keep_only(self, sources: Container[Source]) -> None:
        """Forget the events of all other sources."""
        for scope, queue in list(self._of.items()):
            left = deque(entry for entry in queue if entry[0] in sources)
            if left:
                self._of[scope] = left
            else:
                del self._of[scope]
