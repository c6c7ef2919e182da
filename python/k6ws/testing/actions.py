"""What a target does, as data: a message, a wait, an end; checked when the target is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from k6ws import _core
from k6ws._params import milliseconds
from k6ws.errors import InvalidCloseCode, InvalidParameter

Action: TypeAlias = (
    "str | bytes | After | Every | Close | Reset | Refuse | Hang | Sequence[Action] | None"
)
"""One thing to do, or several, one after the other; ``None`` is nothing, text and bytes are messages."""
Answer: TypeAlias = "Callable[[Any], Action]"

_MOST_REASON = 123
_STATUS = range(200, 600)


@dataclass(frozen=True)
class After:
    """Wait, then do something."""

    ms: float
    action: Action


@dataclass(frozen=True)
class Every:
    """Do something again and again."""

    ms: float
    action: Action
    times: int | None = None


@dataclass(frozen=True)
class Close:
    """Say goodbye, and end the connection."""

    code: int
    reason: str


@dataclass(frozen=True)
class Reset:
    """End the connection with a reset."""


@dataclass(frozen=True)
class Refuse:
    """Answer the handshake with a status that is no upgrade."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Hang:
    """Do nothing any more, and read nothing."""


def after(delay: str | float, action: Action) -> After:
    """Do something later, by the target's clock. What others ask meanwhile is answered meanwhile.

    Args:
        delay: ``"50ms"``, or a number of milliseconds.
        action: A message, or anything else that a target does.

    Raises:
        InvalidParameter: The delay is none.
    """
    return After(milliseconds(delay, "delay"), checked(action))


def every(interval: str | float, action: Action, *, times: int | None = None) -> Every:
    """Do something again and again, until the connection ends, or so many ``times``.

    Args:
        interval: ``"50ms"``, or a number of milliseconds, more than 0; the first time is one interval away.
        action: A message, or anything else that a target does.
        times: How often; without it, for as long as the connection lasts.

    Raises:
        InvalidParameter: The interval is none.
    """
    ms = milliseconds(interval, "interval")
    if ms <= 0:
        message = f"invalid interval {interval!r}: expected more than 0"
        raise InvalidParameter(message)
    return Every(ms, checked(action), times)


def close(code: int = 1000, reason: str = "") -> Close:
    """Close the connection in order; over TCP, where there is no code, end it.

    Raises:
        InvalidCloseCode: A close frame cannot carry this code.
        InvalidParameter: The reason is longer than 123 bytes.
    """
    if not _core.may_close_with(code):
        message = f"invalid close code {code!r}"
        raise InvalidCloseCode(message, "1000, 1001, 1008, 1011, or 3000 to 4999 for one")
    if len(reason.encode()) > _MOST_REASON:
        message = f"invalid reason: {len(reason.encode())} bytes, and {_MOST_REASON} fit into a close frame"
        raise InvalidParameter(message)
    return Close(code, reason)


def reset() -> Reset:
    """Reset the connection: the peer reads ``connection reset``."""
    return Reset()


def refuse(status: int = 503, body: str = "", headers: Mapping[str, str] | None = None) -> Refuse:
    """Refuse the handshake: for ``on_open`` of a WebSocket target.

    Raises:
        InvalidParameter: It is no status that refuses, or a header has a line end in it.
    """
    if status not in _STATUS:
        message = f"invalid status {status!r}: expected 200 to 599"
        raise InvalidParameter(message)
    pairs = dict(headers or {})
    for name, value in pairs.items():
        if not name or any(sign in name + value for sign in "\r\n"):
            message = f"invalid header {name!r}: {value!r}"
            raise InvalidParameter(message, "a name and a value, each of one line")
    return Refuse(status, body, pairs)


def hang() -> Hang:
    """Stay silent from here on, and read nothing; as ``on_open``, before the handshake is answered."""
    return Hang()


def checked(action: Any) -> Action:
    """The action, if it is one.

    Raises:
        TypeError: A target does not know how to do that.
    """
    if action is None or isinstance(
        action, str | bytes | After | Every | Close | Reset | Refuse | Hang
    ):
        return action
    if isinstance(action, list | tuple):
        return [checked(one) for one in cast("Sequence[Any]", action)]
    message = (
        f"a target cannot do {action!r}: give it a text, bytes, None, a list of these, "
        "or after(…), every(…), close(…), reset(), refuse(…), hang()"
    )
    raise TypeError(message)


def answering(answer: Any, *, is_tcp: bool = False) -> Answer:
    """A function from message to action, of a function, of rules, or of one action for every message.

    Raises:
        TypeError: It is none of these.
    """
    if callable(answer):
        return lambda message: checked(answer(message))
    if isinstance(answer, Mapping):
        return _by_rules(list(cast("Mapping[Any, Any]", answer).items()), is_tcp)
    if isinstance(answer, list | tuple) and answer and all(map(_is_rule, cast("Any", answer))):
        return _by_rules(cast("list[tuple[Any, Any]]", answer), is_tcp)
    always = checked(answer)
    return lambda _: always


def _is_rule(one: Any) -> bool:
    return isinstance(one, tuple) and len(cast("tuple[Any, ...]", one)) == 2  # noqa: PLR2004


def _by_rules(rules: Sequence[tuple[Any, Any]], is_tcp: bool) -> Answer:
    """The first rule that matches says what is done; nothing is where none does."""
    known = [
        (_core.Matcher.of(match), action if callable(action) else checked(action))
        for match, action in rules
    ]

    def answer(message: Any) -> Action:
        for matcher, action in known:
            if matcher.matches(message, message, is_tcp=is_tcp):
                return checked(action(message)) if callable(action) else action
        return None

    return answer
