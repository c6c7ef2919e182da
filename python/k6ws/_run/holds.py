"""Which handler held the loop longest: what the verdict on a run names.

The core notices without Python that handlers keep the loop. A thread sleeps until it says so, and looks once
at the line that is being run; a run whose handlers are short never wakes it.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from types import FrameType

from k6ws import _core
from k6ws._run.background import Background
from k6ws._script.load import is_ours


class Holds:
    """Looks at the long handlers of one run."""

    def __init__(self, core: _core.Loop) -> None:
        """Nothing is looked at before :meth:`begin`, which the thread of the loop calls."""
        self._core = core
        self._bell = core.listen_for_holds()
        self._watched = 0
        self._thread: Background | None = None
        self._is_over = False
        # Of the hold that was looked at last, and of the longest so far.
        self._places: dict[int, str] = {}

    def begin(self) -> None:
        """Start to look."""
        self._watched = threading.get_ident()
        self._thread = Background(self._watch, "k6ws-holds", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Look no more; what was seen is still known."""
        self._is_over = True
        self._core.ring_for_holds()
        thread = self._thread
        if thread is not None:
            thread.join()
            self._thread = None

    def longest(self) -> str:
        """What held the loop longest, and for how long; nothing where that is not known."""
        ms, number = self._core.longest_hold()
        place = self._places.get(number)
        return "" if place is None else f"{place} held it longest, for {ms:.0f} ms"

    def _watch(self) -> None:
        while not self._is_over:
            os.read(self._bell, 8)
            number = self._core.hold()
            if number:
                place = handler_in(sys._current_frames().get(self._watched))  # noqa: SLF001 - the way to see another thread's line
                # It may have come to its end while we waited for the interpreter.
                if place and number == self._core.hold():
                    self._keep(number, place)

    def _keep(self, number: int, place: str) -> None:
        longest = self._core.longest_hold()[1]
        known = self._places.get(longest)
        self._places = {number: place} if known is None else {longest: known, number: place}


def handler_in(frame: FrameType | None) -> str:
    """The function of the script that runs in ``frame``, as the loop called it, and its line."""
    handler = None
    while frame is not None and (handler is None or not _is_between(frame)):
        # By Python's own import we load what is rarely needed, and so do scripts.
        is_import = frame.f_code.co_filename.startswith("<frozen importlib")
        if not is_import and not _is_between(frame):
            handler = frame
        frame = frame.f_back
    if handler is None:
        return ""
    code = handler.f_code
    return f"{code.co_qualname} ({Path(code.co_filename).name}:{handler.f_lineno})"


def _is_between(frame: FrameType) -> bool:
    """Whether it is ours, or asyncio's: between the loop and a script, or below one."""
    module = str(frame.f_globals.get("__name__", ""))
    return is_ours(frame.f_code.co_filename) or module.partition(".")[0] == "asyncio"
