"""The styles in which a script may use k6ws; what holds in one is to hold in all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import k6ws
from k6ws.timers import set_timeout
from support.runs import run_once

Act = Callable[[], object]
AsyncAct = Callable[[], Coroutine[Any, Any, object]]

BLOCKING = ("plain program", "VU")
ASYNC = ("async VU", "guest", "guest of a second loop")
STYLES = (*BLOCKING, *ASYNC)


def in_style(style: str, act: Act, async_act: AsyncAct) -> k6ws.Result | None:
    """Do the one or the other in this style; the result where that is a run."""
    if style == "plain program":
        act()
    elif style == "VU":
        return run_once(act)
    elif style == "async VU":
        return run_once(async_act)
    else:
        if style == "guest of a second loop":
            asyncio.run(_use_k6ws())
        asyncio.run(_bounded(async_act))
    return None


async def _use_k6ws() -> None:
    fired = asyncio.Event()
    set_timeout(fired.set, 1)
    await fired.wait()


async def _bounded(act: AsyncAct) -> None:
    async with asyncio.timeout(20):
        await act()
