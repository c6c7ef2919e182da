"""Which message is meant: matchers for ``recv``, ``expect``, ``request``, rules and ``correlate``.

For example::

    from k6ws.match import contains, json, starts_with

    greeting = starts_with("0")
    trade = json({"/type": "trade", "/side": "buy"}) & ~contains("test")

They run in the core, before Python sees the message. Matchers join by ``&`` and ``|``, and ``~`` turns one
round; they are asked from left to right, until the answer is known. Wherever a matcher is taken, text and
bytes mean :func:`equals`, a dict means :func:`json`, a pattern that ``re`` has compiled means
:func:`regex`, and a callable is called with the message, decoded by the codec of the session: the slow last
resort, which may not wait for anything.

What is written as text looks at text messages only, what is written as bytes at binary ones only; over TCP,
where there is no such difference, both compare bytes. JSON is looked for in either kind; where a name
repeats within an object the last one counts. A message that is no JSON matches no question about JSON, and
is no error.

:func:`json` has the name of a module of the standard library. Where a script needs both, it writes
``from k6ws import match`` and ``match.json({…})``; ``from k6ws.match import *`` leaves it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from k6ws._core import Matcher

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

# Without `json`: who imports all names may have imported that of the standard library, and would lose it.
__all__ = [
    "Matcher",
    "at",
    "binary",
    "contains",
    "equals",
    "has",
    "regex",
    "starts_with",
    "text",
]

text: Final = Matcher.text()
"""Text messages; over TCP, where there is no such difference, everything."""

binary: Final = Matcher.binary()
"""Binary messages; over TCP, where there is no such difference, everything."""


def equals(value: Any) -> Matcher:
    """Match messages that are this, all of it.

    Args:
        value: Text or bytes: the message as it came. Anything else that JSON has (a dict, a list, a number,
            a boolean, ``None``): messages that are JSON of this value, whatever its spaces and the order of
            its names.

    Raises:
        TypeError: A value that JSON has not.
        InvalidParameter: A number that JSON has not (NaN), or a value that contains itself.

    Example:
        >>> equals("pong").matches("pong"), equals("pong").matches(b"pong")
        (True, False)
        >>> equals({"type": "pong"}).matches('{ "type" : "pong" }')
        True
    """
    return Matcher.equals(value)


def contains(part: str | bytes) -> Matcher:
    """Match messages that have this somewhere in them.

    Args:
        part: Text or bytes.

    Raises:
        TypeError: It is neither.

    Example:
        >>> contains("joined").matches("ann joined the room")
        True
    """
    return Matcher.contains(part)


def starts_with(start: str | bytes) -> Matcher:
    """Match messages that begin with this.

    Args:
        start: Text or bytes.

    Raises:
        TypeError: It is neither.

    Example:
        >>> starts_with("42").matches('42["say","hello"]')
        True
    """
    return Matcher.starts_with(start)


def regex(pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes]) -> Matcher:
    r"""Match messages in which a pattern is found: anywhere, as ``re.search`` does.

    Args:
        pattern: Text, bytes, or what ``re.compile`` gives, with its flags.

    The syntax is Python's, the engine is Rust's `regex <https://docs.rs/regex>`_: it takes a time that
    grows with the message alone, whatever the pattern. So it cannot look around (``(?=…)``, ``(?<!…)``) and
    not back (``\1``), and ``$`` is the very end of the message, not the place before its last newline.

    Raises:
        TypeError: It is no pattern.
        InvalidParameter: It is not valid, or cannot be said by that engine; the hint says what to write
            instead.

    Example:
        >>> regex(r"^43(\d+)\[").matches('437["ok"]')
        True
    """
    return Matcher.regex(pattern)


def json(values: Mapping[str, Any]) -> Matcher:
    """Match messages that are JSON and have all of these values.

    Args:
        values: For each JSON pointer (`RFC 6901 <https://www.rfc-editor.org/rfc/rfc6901>`_: ``/params/0``)
            the whole value that stands there: a list equals a list. "One of" is written with ``|``. Numbers
            compare by what they mean (``7`` is ``7.0``), ``True`` is no number.

    Raises:
        TypeError: A value that JSON has not.
        InvalidParameter: A pointer that is none, a number that JSON has not (NaN), or an empty dict.

    Example:
        >>> answer = json({"/0": 3}) | json({"/0": 4})
        >>> answer.matches('[3, "17", {}]'), answer.matches('[2, "17", "Heartbeat", {}]')
        (True, False)
    """
    return Matcher.json(values)


def has(pointer: str) -> Matcher:
    """Match messages that are JSON and have a place, whatever stands there, ``null`` too.

    Args:
        pointer: A JSON pointer (RFC 6901). The empty one is all of the message: ``has("")`` matches what is
            JSON.

    Raises:
        InvalidParameter: It is no pointer.

    Example:
        >>> has("/error").matches('{"id": 1, "error": null}')
        True
    """
    return Matcher.has(pointer)


def at(offset: int, bytes: bytes, mask: bytes | None = None) -> Matcher:  # noqa: A002 - what they are
    r"""Match messages that have certain bytes at a place: the kind of a packet, a flag.

    Args:
        offset: How many bytes stand before them.
        bytes: What stands there. Text messages are looked at as UTF-8.
        mask: Which of their bits count, in as many bytes; all of them if not given.

    Raises:
        TypeError: What is no bytes.
        InvalidParameter: An offset below 0, a mask of another length, or bytes with a bit that their mask
            leaves out.

    Example:
        >>> acknowledged = at(0, b"\x40", mask=b"\xf0")  # a PUBACK of MQTT, whatever its flags
        >>> acknowledged.matches(b"\x40\x02\x00\x0a")
        True
    """
    return Matcher.at(offset, bytes, mask)
