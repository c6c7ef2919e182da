"""Text for streams that cannot show all of it: a console in CI knows ASCII only.

The marks of our own displays have plain forms; of anything else ``?`` is left. No text is a reason to fail.
"""

from __future__ import annotations

import codecs
import io
from typing import Protocol

ERRORS = "k6ws.plain"
"""The name of the way to deal with what an encoding lacks, for ``str.encode`` and ``open``."""

_PLAIN = {
    "✓": "+",
    "✗": "x",
    "█": "#",
    "─": "-",
    "…": "...",
    "—": "-",
    "•": "*",
    "▁": "_",
    "▃": "-",
    "↓": "v",
    "\N{EN DASH}": "-",
    "·": "-",
    "→": "->",
    "↳": ">",
    "µ": "u",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "“": '"',
    "”": '"',
    # Pictures of control characters, as terminals echo them.
    **{chr(0x2400 + code): f"^{chr(0x40 + code)}" for code in range(0x20)},
    "␡": "^?",
}


class Stream(Protocol):
    """What text can be written to."""

    def write(self, text: str, /) -> object:
        """Write it."""
        ...


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one, "?") for one in lost), error.end


codecs.register_error(ERRORS, _plain)


def be_tolerant(stream: object) -> None:
    """Let a stream of this process take any text."""
    if isinstance(stream, io.TextIOWrapper) and (
        stream.errors == "strict" or not _is_unicode(stream.encoding)
    ):
        stream.reconfigure(errors=ERRORS)


def say(stream: Stream, text: str) -> None:
    """Write to a stream of somebody else, as much of it as its encoding has."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = getattr(stream, "encoding", None) or "ascii"
        stream.write(text.encode(encoding, ERRORS).decode(encoding))


def _is_unicode(encoding: str) -> bool:
    return encoding.lower().startswith("utf")
