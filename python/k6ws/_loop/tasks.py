"""Where a task of asyncio stands: its VU, its group, its tags; a blocking VU stands in one place.

Context variables belong to the VU, groups and tags to the task. Where an asyncio loop runs, the handlers of a
socket share the context of the task that opened it.
"""

from __future__ import annotations

from contextvars import Context, ContextVar
from typing import TypeAlias

from k6ws import _core
from k6ws._loop.contexts import here
from k6ws._loop.vu import Vu

Place: TypeAlias = tuple[Vu, str, _core.Tags]

place: ContextVar[Place | None] = ContextVar("k6ws_place", default=None)
"""Where a task of an `async def` VU stands: its VU, its group, its tags. Tasks inherit it."""


def context_of_task(vu: Vu) -> Context | None:
    """What handlers run in that are registered here; ``None`` in a blocking VU, which has but one."""
    return None if vu.host is None else here()


def synchronise(vu: Vu) -> None:
    """Where an asyncio loop runs: be in the group, and have the tags, of the task that is running."""
    if vu.host is not None:
        vu.loop.of_task()


def stand(vu: Vu, group: str, tags: _core.Tags) -> None:
    """Enter a group or take other tags; in a task of an `async def` VU for that task alone."""
    vu.who.group, vu.who.tags = group, tags
    if vu.host is not None and vu.who.run is not None:
        place.set((vu, group, tags))
