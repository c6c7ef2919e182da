"""Where a socket belongs: to the thread that made it, and there to whichever asyncio loop is running.

What ends a socket works from every thread: it is handed to the socket's own. A socket of a plain program
follows that program from one asyncio loop to the next, and out of them: whoever uses it brings it along.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from k6ws._loop.gone import Gone

if TYPE_CHECKING:
    from k6ws._loop.vu import Vu
    from k6ws._loop.waiting import Waiting

Answer = TypeVar("Answer")


def handed_over(loop: Waiting[Any], call: Callable[[], object]) -> bool:
    """Have ``call`` made by the thread of ``loop``, if that is another one; false if it is this one.

    Raises:
        K6Error: The loop was made before this process forked.
    """
    core = loop.core
    if isinstance(cast("object", core), Gone):
        # Its thread has ended, and its sockets with it: there is nothing left to end.
        return True
    if core.is_own_thread():
        return False

    def receive(_kind: int, _data: object) -> None:
        call()

    core.post(receive)
    return True


def follow(vu: Vu) -> None:
    """Let the handlers of a plain program run where it is now: on the asyncio loop that runs, or on none."""
    if vu.who.run is None and vu.loop.core.is_own_thread():
        vu.loop.join_asyncio()


def followed(vu: Vu, answer: Answer) -> Answer:
    """What a send answered, once it has brought the sockets of a plain program along."""
    if vu.who.run is None:
        vu.loop.join_asyncio()
    return answer


def following(vu: Vu, call: Callable[..., Answer]) -> Callable[..., Answer]:
    """``call``, a send, which brings the sockets of a plain program along; in a run it is ``call`` itself."""
    if vu.who.run is not None:
        return call

    def send(*data: Any) -> Answer:
        return followed(vu, call(*data))

    return send
