r"""Which reply belongs to which request: for ``correlate=`` of sessions, and ``correlate`` of sockets.

For example::

    from k6ws.correlate import by, capture, field, in_order
    from k6ws.match import at, json

    json_rpc = by("/id")
    socket_io = by(capture(r"^42(\d+)\["), capture(r"^43(\d+)\["))
    ocpp = by("/1", where=json({"/0": 3}) | json({"/0": 4}))
    mqtt = by(field(2, 2), where=at(0, b"\x40"))
    redis = in_order()

The core finds the keys: of a request when it is sent, of a reply when it arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k6ws._core import Capture, Correlation, Field

if TYPE_CHECKING:
    import re

    from k6ws._core import KeySource, Matchable

__all__ = ["Capture", "Correlation", "Field", "by", "capture", "field", "in_order"]


def by(
    sent: KeySource,
    received: KeySource | None = None,
    *,
    where: Matchable | None = None,
    done: Matchable | None = None,
    name: str | None = None,
) -> Correlation:
    """Take as the reply to a request what has the same key.

    Args:
        sent: Where the key stands in what is sent: a JSON pointer (RFC 6901: ``"/id"``), :func:`capture`,
            :func:`field`, a pattern that ``re`` has compiled and that has one group, or a callable, which
            is given the message (before the codec encodes it) and returns text, bytes, a whole number, or
            ``None`` where there is no key. In JSON a string, a number and a boolean can be a key.
        received: Where it stands in what comes; the same if not given.
        where: Which of the messages that come are replies at all: any matcher of :mod:`k6ws.match`. Without
            it every message that has a key is one, also what the server asks by itself.
        done: Which message is the last one, where a reply is several; any matcher.
        name: The tag ``name`` of exchanges that have no name of their own.

    Keys compare as text: 7 in JSON is what a pattern captures as ``7``. With JSON pointers on both sides
    ``7`` and ``"7"`` are two keys. A key has 1,024 bytes at most; what is longer in a message that comes is
    none.

    Returns:
        What ``correlate`` takes.

    Raises:
        TypeError: What says no key, or is no matcher.
        InvalidParameter: Text that is no JSON pointer, a pattern that is none or has not one group.

    Example:
        >>> by("/id").key_of_sent('{"id": 7, "method": "ping"}')
        b'7'
    """
    return Correlation.by(sent, received, where, done, name)


def in_order(*, where: Matchable | None = None, done: Matchable | None = None) -> Correlation:
    """Take as the reply to a request what comes next, in the order of the requests.

    That is for protocols without keys: Redis, SMTP, PostgreSQL.

    Args:
        where: Which of the messages that come are replies at all: any matcher of :mod:`k6ws.match`. While a
            request waits, a message that the server sends by itself is taken for its reply unless this says
            no.
        done: Which message is the last one, where a reply is several; any matcher.

    Returns:
        What ``correlate`` takes.

    Raises:
        TypeError: What is no matcher.

    Example:
        >>> smtp = in_order(done=lambda line: line[3:4] != "-")
        >>> smtp.is_done("250-SIZE 1000"), smtp.is_done("250 HELP")
        (False, True)
    """
    return Correlation.in_order(where, done)


def capture(
    pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes], group: int | str | None = None
) -> Capture:
    r"""Take as the key what a group of a pattern has captured.

    Args:
        pattern: Text (for text messages), bytes (for binary ones), or what ``re.compile`` gives; see
            :func:`k6ws.match.regex` for its syntax.
        group: The number or the name of the group; not needed where there is one.

    Raises:
        TypeError: It is no pattern.
        InvalidParameter: It is not valid, has no group, or several and none is chosen.

    Example:
        >>> by(capture(r"^42(\d+)\[")).key_of_sent('427["say","hello"]')
        b'7'
    """
    return Capture(pattern, group)


def field(offset: int, size: int) -> Field:
    r"""Take as the key some bytes at a place, such as a packet id.

    Args:
        offset: How many bytes stand before them. Text messages are looked at as UTF-8.
        size: How many they are, from 1 to 1,024.

    Raises:
        InvalidParameter: An offset below 0, or a size that cannot be.

    Example:
        >>> by(field(2, 2)).key_of_received(b"\x40\x02\x00\x0a")
        b'\x00\n'
    """
    return Field(offset, size)
