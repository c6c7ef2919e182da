"""Between two iterations of a VU: what belongs to it goes on, and is delivered.

An iteration begins only when no handler of that is under way: while its function runs nothing is delivered.
"""

from __future__ import annotations

from collections.abc import Callable

from greenlet import getcurrent

from k6ws._loop.vu import Vu


def rest(vu: Vu, tell: Callable[[BaseException], object]) -> None:
    """Accept what the VU's own sources bring: an iteration is over, and another one has not begun.

    ``tell`` is told what a handler raises. What is opened meanwhile is the VU's own as well.
    """
    own = vu.belongings
    if own is None:
        return
    own.tell, own.takes_new = tell, True
    vu.is_cut = vu.is_ending = False
    vu.failure = None
    vu.accepts = vu if vu.host is None else None
    if vu.held:
        # Handlers may wait: not in the greenlet that begins the next iteration.
        vu.loop.core.add_timer(0.0, vu.settle_after)


def await_handlers(vu: Vu) -> None:
    """Wait until no handler is in the midst of something: an iteration is about to begin.

    Raises:
        Interrupted: The VU was cut meanwhile.
    """
    while vu.host is None and vu.parked and vu.accepts is None:
        vu.is_unsettled = True
        vu.waker = getcurrent()
        vu.loop.suspend()


def disown(vu: Vu) -> None:
    """Have what is the VU's own be its iteration's: it leaves its scenario, and all of it is to close."""
    own, vu.belongings = vu.belongings, None
    if own is not None:
        vu.sources.update(own.sources)
        for task in list(own.tasks):
            task.cancel()
