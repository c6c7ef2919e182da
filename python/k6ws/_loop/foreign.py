"""Who else may be in charge of a thread: an asyncio loop, or gevent. Looked up without loading either."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from greenlet import getcurrent

from k6ws.errors import K6Error

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from k6ws._loop.vu import Vu

_PATCHED = ("threading", "thread")


def running_asyncio() -> AbstractEventLoop | None:
    """The asyncio loop that runs in this thread."""
    asyncio = sys.modules.get("asyncio")
    return None if asyncio is None else asyncio._get_running_loop()  # noqa: SLF001 - documented, for event loops


def refuse_inner_asyncio(vu: Vu, call: str) -> None:
    """Refuse what would wait for events on an asyncio loop that a blocking VU runs by itself.

    The loop of k6ws, which has the events, stands still until that one returns.

    Raises:
        K6Error: Such a loop runs here.
    """
    if vu.who.run is not None and vu.host is None and running_asyncio() is not None:
        message = f"{call} would wait for ever within asyncio.run(): k6ws stands still meanwhile"
        raise K6Error(
            message,
            "make the function that the VU runs `async def`, and await there what is needed",
        )


def refuse_gevent() -> None:
    """Refuse to wait where gevent switches greenlets: it would wake ours, and we those of its users.

    Raises:
        K6Error: gevent has patched the threads of this process, or runs the caller in a greenlet of its own.
    """
    monkey, hub = sys.modules.get("gevent.monkey"), sys.modules.get("gevent.hub")
    is_patched = monkey is not None and any(map(monkey.is_module_patched, _PATCHED))
    if is_patched or (hub is not None and isinstance(getcurrent().parent, hub.Hub)):
        message = "gevent is in charge of this thread, and k6ws cannot wait in its greenlets"
        hint = (
            "run k6ws in a process that gevent has not patched (no monkey.patch_all()), outside "
            "gevent.spawn(); users at the same time are VUs of k6ws.run, or coroutines with ws.aconnect"
        )
        raise K6Error(message, hint)
