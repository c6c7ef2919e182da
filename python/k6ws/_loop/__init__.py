"""Runs one VU's Python at a time.

What the loop promises: messages of a socket reach its handlers in the order of the wire; while a handler of
a VU runs, nothing else of that VU is delivered; a handler that waits holds up nobody but its own VU.
"""

from k6ws._loop.belonging import follow, following, handed_over
from k6ws._loop.contexts import context_of_task, run_in, stand, synchronise
from k6ws._loop.handlers import adapt_arity, in_turn, is_coroutine_function, returned
from k6ws._loop.loop import Loop, is_leading
from k6ws._loop.operation import Operation, settled
from k6ws._loop.results import check_result, is_awaitable
from k6ws._loop.signal import Signal
from k6ws._loop.source import Source
from k6ws._loop.stray import check_counted, check_opened
from k6ws._loop.threads import current, current_loop
from k6ws._loop.vu import Vu

__all__ = [
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
]
