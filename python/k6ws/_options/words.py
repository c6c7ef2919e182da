"""What a text from a flag or a variable stands for, as JSON would say it.

For showing and keeping options that the core has accepted; the core itself reads the texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from k6ws._options.table import Kind, row_of


def as_json(name: str, value: Any, source: str) -> Any:
    """The value of an option, whoever gave it.

    Example:
        >>> as_json("vus", "10", "cli"), as_json("tags", "a:b", "env")
        (10, {'a': 'b'})
    """
    kind = row_of(name).kind
    if source not in {"env", "cli"}:
        return _number(value) if kind is Kind.NUMBER and isinstance(value, str) else value
    if kind is Kind.PAIRS:
        words = _words(value) if isinstance(value, str) else cast("list[str]", value)
        separator = ":" if source == "env" else "="
        return {key: text for key, _, text in (word.partition(separator) for word in words)}
    read = _READERS.get(kind)
    return read(value) if read is not None and isinstance(value, str) else value


def _stages(text: str) -> list[dict[str, Any]]:
    pairs = (word.partition(":") for word in _words(text))
    return [{"duration": time, "target": _number(target)} for time, _, target in pairs]


def _fields(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in _words(text))}


def _is_yes(text: str) -> bool:
    return text.strip() in {"true", "1"}


def _words(text: str) -> list[str]:
    return [word for word in map(str.strip, text.split(",")) if word]


def _number(text: str) -> int | float | str:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.WORDS: _words,
    Kind.STAGES: _stages,
    Kind.FIELDS: _fields,
    Kind.SWITCH: _is_yes,
    Kind.NUMBER: _number,
    # A duration without a unit is a number of milliseconds.
    Kind.TIME: _number,
}
