"""What belongs to a VU and not to one of its iterations: sockets, timers and tasks that outlive them.

An iteration does not wait for any of it, and neither its failure nor its end touches it. Most VUs have
nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from k6ws import _core
from k6ws._loop.held import Held
from k6ws._loop.identity import Identity
from k6ws._loop.places import Place
from k6ws._loop.source import Source

if TYPE_CHECKING:
    from asyncio import Task


class Belongings:
    """Of one VU, until it is cut or leaves its scenario."""

    __slots__ = ("sources", "takes_new", "tasks", "tell", "timers")

    def __init__(self, who: Identity) -> None:
        """Made when a VU begins, or is given something: from now on it has to leave its scenario one day."""
        if who.run is not None and who.index >= 0:
            _core.vu_entered(who.run, who.index)
        self.sources: dict[Source, Place | None] = {}
        self.tasks: set[Task[Any]] = set()
        # Those that were armed while `takes_new`; others are the iteration's.
        self.timers: Any = None
        # What is opened now belongs here as well: the VU begins, or rests between two iterations.
        self.takes_new = False
        # Told what a handler raised while there is no iteration that this could end.
        self.tell: Callable[[BaseException], object] | None = None

    def end_rest(self, held: Held | None) -> Held | None:
        """An iteration begins: what is opened from now on is its own. What stays held."""
        self.tell = None
        self.takes_new = False
        return self.own_of(held)

    def own_of(self, held: Held | None) -> Held | None:
        """What stays held: the events of these sources."""
        if held:
            held.keep_only(self.sources)
        return held

    def abandon(self) -> None:
        """The VU is cut."""
        for task in list(self.tasks):
            task.cancel()
        for source in list(self.sources):
            source.abandon()
        self.sources.clear()
