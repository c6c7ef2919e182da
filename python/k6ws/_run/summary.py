"""`handle_summary`: what the script makes of the figures, instead of the default text."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from k6ws._run.plain_text import ERRORS, say

logger = logging.getLogger("k6ws")


class Stream(Protocol):
    """What text can be written to."""

    def write(self, text: str, /) -> object:
        """Write it."""
        ...

    def flush(self) -> object:
        """Send it off."""
        ...


STREAMS = ("stdout", "stderr")


def refusal(value: Any) -> str:
    """Why what `handle_summary` returned cannot be written; empty when it can, or when there is nothing."""
    given: object = value
    if given is None:
        return ""
    if isinstance(given, Mapping):
        items = cast("Mapping[Any, Any]", given).items()
        if all(isinstance(key, str) and isinstance(one, str | bytes) for key, one in items):
            return ""
    what = _shown(cast("object", given))
    return (
        f"handle_summary() returned {what}; expected a mapping of paths, 'stdout' or 'stderr' to text or "
        "bytes, so the default summary follows"
    )


def write(summary: Mapping[str, str | bytes], out: Stream | None = None) -> bool:
    """Write what `handle_summary` returned; ``out`` stands for standard output. Whether all was written.

    Raises:
        OSError: Standard output or standard error cannot be written.
    """
    is_whole = True
    for name, content in summary.items():
        if name in STREAMS:
            stream: Stream = sys.stderr if name == "stderr" else out or sys.stdout
            say(stream, content if isinstance(content, str) else content.decode(errors="replace"))
            stream.flush()
            continue
        trouble = _trouble_with(
            name, content.encode(errors=ERRORS) if isinstance(content, str) else content
        )
        if trouble:
            is_whole = False
            logger.error("handle_summary() asks for the file %r: %s", name, trouble)
    return is_whole


def _trouble_with(path: str, data: bytes) -> str:
    """Write a file; why that could not be, if so."""
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        return error.strerror or str(error)
    except ValueError as error:
        return str(error)
    return ""


def _shown(value: object) -> str:
    if not isinstance(value, Mapping):
        return f"a {type(value).__name__}"
    items = cast("Mapping[Any, Any]", value).items()
    wrong = [
        f"{key!r}: a {type(one).__name__}" for key, one in items if not isinstance(one, str | bytes)
    ]
    return f"{{{', '.join(wrong) or 'keys that are no text'}}}"
