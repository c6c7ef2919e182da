"""Where options hold what JSON cannot say: scripts are Python, so everything is possible in them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from k6ws.errors import OptionsError

MAX_DEPTH = 64
"""Lists and mappings within each other; no option needs more than five."""

_MAX_SHOWN = 80
_MAX_PATH = 400
# Beyond what a float holds; and Python refuses to write integers of thousands of digits.
_TOO_LARGE = 2**1024
_NAMES = {
    "config": "config file",
    "script": "script options",
    "program": "keywords of k6ws.run()",
    "env": "environment",
    "cli": "command line",
}
# What is in them may open doors, and is not repeated.
_SECRET = {"tlsAuth", "tls_auth", "env"}
_HINT = "options are text, numbers, booleans, lists and mappings"


class _OddName:
    """The name of an entry, where it is no text."""

    def __init__(self, key: object) -> None:
        self.key = key


def fault(source: str, values: Mapping[Any, Any]) -> OptionsError | None:
    """The first thing in a tier that cannot be an option, if there is one."""
    for path, value in _everything(dict(values)):
        what = "nested too deeply" if len(path) > MAX_DEPTH else _wrong_with(value)
        if what is not None:
            where = _shown(".".join(path), _MAX_PATH)
            is_secret = bool(_SECRET & set(path))
            given = "<hidden>" if is_secret else _shown(_literal(value), _MAX_SHOWN)
            message = f"invalid option '{where}' = {given} (from the {_NAMES[source]}): {what}"
            return OptionsError(message, _HINT)
    return None


def _everything(top: dict[Any, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value in it with the way there, names of mappings included."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), top)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            for key, one in cast("dict[Any, Any]", value).items():
                way = (*path, key if isinstance(key, str) else f"<{type(key).__name__}>")
                is_name = isinstance(key, str | int | float | None)
                waiting += [(way, one), (way, key if is_name else _OddName(key))]
        elif isinstance(value, list | tuple):
            inner = cast("list[Any]", value)
            waiting += [((*path, str(index)), one) for index, one in enumerate(inner)]


def _wrong_with(value: object) -> str | None:
    """Why JSON cannot say it."""
    if isinstance(value, str):
        return None if _is_unicode(value) else "half a character (a lone surrogate)"
    if isinstance(value, float):
        return None if math.isfinite(value) else "not a finite number"
    if isinstance(value, int):
        return None if abs(value) < _TOO_LARGE else "too large for a number"
    if value is None or isinstance(value, dict | list | tuple):
        return None
    if isinstance(value, _OddName):
        return f"a name of type {type(value.key).__name__}"
    return f"a value of type {type(value).__name__} is no option"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _literal(value: object) -> str:
    if isinstance(value, _OddName):
        value = value.key
    if isinstance(value, str):
        return json.dumps(value)
    is_short = isinstance(value, float | bool)
    return repr(value) if is_short else f"<{type(value).__name__}>"


def _shown(text: str, most: int) -> str:
    """One line of text that every terminal can show."""
    line = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
