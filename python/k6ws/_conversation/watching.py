"""``delivered``: pushes that a session watches as they pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from k6ws import _core
from k6ws._conversation.desk import Desk
from k6ws._conversation.matching import Match
from k6ws._params import flag
from k6ws.errors import InvalidParameter

if TYPE_CHECKING:
    from k6ws._core import KeySource

Place: TypeAlias = "KeySource | Callable[[Any], Any]"
"""Where something stands in a message."""


def watch(  # noqa: PLR0917 - what such a rule consists of
    desk: Desk,
    match: Match,
    name: str,
    stamp: Place | None,
    sequence: Place | None,
    source: Place | None,
    take: bool,
) -> int:
    """Add the rule; its number.

    Raises:
        TypeError: What is no matcher, no name, or says no place in a message.
        InvalidParameter: A pointer or a pattern that cannot be, or a source of no sequence.
    """
    if source is not None and sequence is None:
        text = "delivered(): source= says whose the numbers of sequence= are, and there is none"
        raise InvalidParameter(text, 'give both: sequence="/n", source="/room"')
    if callable(stamp):
        _core.check_asked(stamp)
        stamp = _as_text(stamp)
    matcher = _core.Matcher.of(match)
    is_taken = flag(take, "take")
    return desk.core.delivered(matcher, name, stamp, sequence, source, is_taken=is_taken)


def _as_text(stamp: Callable[[Any], Any]) -> Callable[[Any], str | None]:
    """The same function, whose number is text: the core takes keys."""

    @wraps(stamp, updated=())
    def read(message: Any) -> str | None:
        said = stamp(message)
        if said is None:
            return None
        if isinstance(said, datetime):
            said = said.timestamp()
        return said if isinstance(said, str) else repr(float(said))

    return read
