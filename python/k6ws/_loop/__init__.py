"""Runs one VU's Python at a time.

What the loop promises: messages of a socket reach its handlers in the order of the wire; while a handler of
a VU runs, nothing else of that VU is delivered; a handler that waits holds up nobody but its own VU.

A stair: each step knows the files above it, none knows those below.

| step | files | what it is |
| --- | --- | --- |
| 1 | ``waiting`` | who runs and who waits; knows no VU |
| 2 | ``source``, ``held``, ``contexts``, ``places``, ``results`` | what brings events, where they wait |
| 3 | ``abstract_loop`` | the loop as VUs see it |
| 4 | ``vu`` | whose code is running, what may reach it, how it ends |
| 5 | ``tasks``, ``turns``, ``handlers``, ``operation``, ``signal`` | what runs, and what is awaited |
| 5 | ``foreign``, ``belonging``, ``stray`` | other loops in charge; other threads |
| 6 | ``acceptance`` | how a source takes events |
| 6 | ``asyncio_host``, ``embedded`` | asyncio for `async def` VUs; ours in a program's own asyncio |
| 7 | ``loop``, ``threads``, ``forgotten`` | puts it together; one for each thread |
"""

from k6ws._loop.abstract_loop import AbstractLoop
from k6ws._loop.acceptance import Acceptance
from k6ws._loop.belonging import follow, followed, following, handed_over
from k6ws._loop.contexts import run_in
from k6ws._loop.handlers import adapt_arity, in_turn, is_coroutine_function, returned
from k6ws._loop.loop import Loop
from k6ws._loop.notices import warn
from k6ws._loop.operation import Operation, settled
from k6ws._loop.results import check_result, is_awaitable
from k6ws._loop.signal import Signal
from k6ws._loop.source import Source
from k6ws._loop.stray import check_counted, check_opened
from k6ws._loop.tasks import context_of_task, stand, synchronise
from k6ws._loop.threads import current, current_loop
from k6ws._loop.vu import Vu
from k6ws._loop.waiting import is_leading

__all__ = [
    "AbstractLoop",
    "Acceptance",
    "Loop",
    "Operation",
    "Signal",
    "Source",
    "Vu",
    "adapt_arity",
    "check_counted",
    "check_opened",
    "check_result",
    "context_of_task",
    "current",
    "current_loop",
    "follow",
    "followed",
    "following",
    "handed_over",
    "in_turn",
    "is_awaitable",
    "is_coroutine_function",
    "is_leading",
    "returned",
    "run_in",
    "settled",
    "stand",
    "synchronise",
    "warn",
]
