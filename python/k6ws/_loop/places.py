"""Where in a script something was made: kept as two references, read only when it is to be shown."""

from __future__ import annotations

import os
import sys
from itertools import islice
from types import CodeType
from typing import TypeAlias

Place: TypeAlias = tuple[CodeType, int]
"""The code of a function, and how far it had come."""

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep  # noqa: PTH120 - compared as text


def here() -> Place | None:
    """The innermost line of the script that led here, if one did."""
    frame = sys._getframe(1)  # noqa: SLF001 - the way to see who calls
    while frame.f_code.co_filename.startswith(_PACKAGE):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


def shown(place: Place) -> str:
    """``script.py:12``."""
    code, at = place
    # Two bytes for each instruction.
    positions = islice(code.co_positions(), at // 2, None)
    line = next((first for first, *_ in positions if first is not None), code.co_firstlineno)
    return f"{os.path.basename(code.co_filename)}:{line}"  # noqa: PTH119 - it may be no file at all
