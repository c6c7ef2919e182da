"""Whose line a thread is at, and whose an exception is: the script's, the program's, or ours.

An exception that is raised in a line of the script ends its iteration. Raised in one of ours it could leave
half done what it strikes; so whoever may choose where to raise asks here first.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import cast

from greenlet import GreenletExit

from k6ws._script.load import is_ours, is_standard_library
from k6ws.errors import Interrupted

_trace_of: Callable[[BaseException], TracebackType | None] = vars(BaseException)[
    "__traceback__"
].__get__

# What lies above these was not called by a script, however far down one is.
_RUNNING = tuple(str(Path(__file__).parents[1] / name) for name in ("_cli", "_ui", "_run"))
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
        if found is None and not is_standard_library(file):
            found = frame
        frame = frame.f_back
    return found


def calling_script(frame: FrameType | None) -> FrameType | None:
    """The line of a script whose call of ours is being run in ``frame``; ``None`` where nobody's is."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_RUNNING):
            return None
        if not is_ours(file) and not is_standard_library(file):
            return frame
        frame = frame.f_back
    return None


def place(frame: FrameType) -> str:
    """A line as people look it up: ``script.py:12 in default``."""
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} in {frame.f_code.co_name}"


def leaves_the_run(error: BaseException) -> bool:
    """Whether an exception that struck an iteration is the program's, which asked for the run, to handle.

    What a script raises ends its iteration. What the program's own signal handler raises (an alarm, the
    time-out of a test) only happened to strike there, and what is no ``Exception`` is meant to end a test.
    Of a group each is asked: what strikes one of several tasks comes in one.
    """
    left = [error]
    while left:
        one = left.pop()
        if issubclass(type(one), BaseExceptionGroup):
            left.extend(cast("BaseExceptionGroup[BaseException]", one).exceptions)
        elif _is_of_the_program(one):
            return True
    return False


def _is_of_the_program(error: BaseException) -> bool:
    # Asked of the class alone: what its objects answer is the script's to say.
    kind = type(error)
    if issubclass(kind, KeyboardInterrupt):
        return True
    if issubclass(kind, (Interrupted, GeneratorExit, GreenletExit)):
        return False
    trace = _trace_of(error)
    while trace is not None:
        if _is_signal_handler(trace.tb_frame):
            return True
        trace = trace.tb_next
    if issubclass(kind, (Exception, SystemExit)):
        return False
    # A cancelled task is an iteration's own affair; pytest's outcomes, say, are not.
    return all(one.__module__ != "asyncio.exceptions" for one in kind.__mro__)


def _is_signal_handler(frame: FrameType) -> bool:
    """Whether it runs a signal handler, whatever that is and whether it is still the handler.

    Python gives one the frame that it strikes, which is its caller then.
    """
    code, struck = frame.f_code, frame.f_back
    has_rest = bool(code.co_flags & inspect.CO_VARARGS)
    count = code.co_argcount + code.co_kwonlyargcount + has_rest
    if struck is None or not count or is_ours(code.co_filename):
        return False
    values = [frame.f_locals.get(name) for name in code.co_varnames[:count]]
    rest = values.pop() if has_rest else ()
    return any(one is struck for one in (*values, *(rest or ())))
