"""A plain program that makes a socket or a timer and never waits: its handlers never run."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from k6ws._loop.notices import warn
from k6ws._loop.places import shown

if TYPE_CHECKING:
    from k6ws._loop.loop import Loop


@cache
def at_exit(find: Callable[[], Loop | None]) -> None:
    """Look once more when the program ends, and have what is queued leave.

    ``find`` gives the loop of its main thread.
    """

    def tell_of_it() -> None:
        loop = find()
        if loop is not None:
            tell(loop)
            loop.send_off()

    atexit.register(tell_of_it)


def tell(loop: Loop) -> None:
    """Say what a thread, or the program, leaves behind without having waited for it."""
    vu = loop.outside
    died = getattr(sys, "last_value", None) is not None
    if not vu.sources or vu.host is not None or died or loop.core.polls() != loop.polls_at_keep:
        return
    places = dict.fromkeys(place for place in vu.sources.values() if place is not None)
    where = ", ".join(shown(place) for place in list(places)[:3])
    warn(
        "this program made sockets or timers (%s) and did not wait for them: their handlers run in "
        "k6ws.wait(), which was not called",
        where or "place unknown",
    )
