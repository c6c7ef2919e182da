"""Whose line a thread is at, and whose an exception is: the script's, the program's, or ours.

An exception that is raised in a line of the script ends its iteration. Raised in one of ours it could leave
half done what it strikes; so whoever may choose where to raise asks here first.
"""

from __future__ import annotations

import signal
import sysconfig
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, cast

from greenlet import GreenletExit

from k6ws._script.load import is_ours
from k6ws.errors import Interrupted

_trace_of: Callable[[BaseException], TracebackType | None] = vars(BaseException)[
    "__traceback__"
].__get__

# These draw, with libraries that are no script.
_DRAWING = tuple(str(Path(__file__).parents[1] / name) for name in ("_cli", "_ui"))


def script_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost line of a script that is being run in ``frame``, be it in what that line called.

    ``None`` where k6ws itself is at work, or asyncio between two of its tasks.
    """
    found = None
    while frame is not None:
        file = frame.f_code.co_filename
        if is_ours(file):
            return None if file.startswith(_DRAWING) else found
        if found is None and not _is_standard_library(file):
            found = frame
        frame = frame.f_back
    return found


def place(frame: FrameType) -> str:
    """A line as people look it up: ``script.py:12 in default``."""
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} in {frame.f_code.co_name}"


def leaves_the_run(error: BaseException) -> bool:
    """Whether an exception that struck an iteration is the program's, which asked for the run, to handle.

    What a script raises ends its iteration. What the program's own signal handler raises (an alarm, the
    time-out of a test) only happened to strike there, and what is no ``Exception`` is meant to end a test.
    Of a group each is asked: what strikes one of several tasks comes in one.
    """
    handlers = _signal_handlers()
    left = [error]
    while left:
        one = left.pop()
        if issubclass(type(one), BaseExceptionGroup):
            left.extend(cast("BaseExceptionGroup[BaseException]", one).exceptions)
        elif _is_of_the_program(one, handlers):
            return True
    return False


def _is_of_the_program(error: BaseException, handlers: set[CodeType]) -> bool:
    # Asked of the class alone: what its objects answer is the script's to say.
    kind = type(error)
    if issubclass(kind, KeyboardInterrupt):
        return True
    if issubclass(kind, (Interrupted, GeneratorExit, SystemExit, GreenletExit)):
        return False
    if not issubclass(kind, Exception):
        # A cancelled task is an iteration's own affair; pytest's outcomes, say, are not.
        return all(one.__module__ != "asyncio.exceptions" for one in kind.__mro__)
    trace = _trace_of(error) if handlers else None
    while trace is not None:
        if trace.tb_frame.f_code in handlers:
            return True
        trace = trace.tb_next
    return False


def _signal_handlers() -> set[CodeType]:
    """What the program's signal handlers written in Python run."""
    found: set[CodeType] = set()
    for number in signal.valid_signals():
        handler: Any = signal.getsignal(number)
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        if code is not None and not is_ours(code.co_filename):
            found.add(code)
    return found


@cache
def _is_standard_library(file: str) -> bool:
    if file.startswith("<frozen "):
        return True
    folder = sysconfig.get_path("stdlib")
    return file.startswith(folder) and "site-packages" not in file and "dist-packages" not in file
