"""Threads that belong to no VU while a run is under way: what is done there would be counted nowhere."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from k6ws._loop.foreign import refuse_inner_asyncio
from k6ws._loop.tasks import place
from k6ws.errors import K6Error

if TYPE_CHECKING:
    from k6ws._loop.abstract_loop import AbstractLoop
    from k6ws._loop.vu import Vu

_lock = threading.Lock()
_loops: list[weakref.ref[AbstractLoop[Vu]]] = []


def enrol(loop: AbstractLoop[Vu]) -> None:
    """Know a loop: a run may be under way there."""
    with _lock:
        _loops[:] = [one for one in _loops if one() is not None]
        _loops.append(weakref.ref(loop))


def check_counted(vu: Vu, call: str) -> None:
    """Refuse a call that counts something, where it would count for no VU of a run that is under way.

    Raises:
        K6Error: This thread belongs to no VU.
    """
    if vu.who.run is None and _is_stray(vu):
        _refuse(call)


def check_opened(vu: Vu, call: str) -> None:
    """Refuse to open what no VU would count, or nobody would deliver to.

    A program may have sockets of its own beside a run. Only a thread that begins with the context variables
    of a VU (``asyncio.to_thread``) is known to be a VU's;
    in others there is a warning.

    Raises:
        K6Error: The thread is a VU's, or an asyncio loop runs within the function of a blocking VU.
    """
    refuse_inner_asyncio(vu, call)
    if vu.who.run is not None or not _is_stray(vu):
        return
    if place.get() is not None:
        _refuse(call)
    thread = threading.current_thread()
    if thread is not threading.main_thread():
        vu.loop.notices.warn(
            check_opened,
            f"{call} in the thread {thread.name!r}, which belongs to no VU: "
            "the run that is under way does not count it",
        )


def _is_stray(vu: Vu) -> bool:
    """Whether a run is under way, and only in other threads."""
    if vu.loop.control is not None:
        return False
    with _lock:
        loops = [loop for one in _loops if (loop := one()) is not None]
    return any(loop.control is not None for loop in loops)


def _refuse(call: str) -> None:
    message = (
        f"{call} was called in a thread that belongs to no VU, so that it would not be counted"
    )
    raise K6Error(
        message, "call it where the VU runs, after `await asyncio.to_thread(…)` has returned"
    )
