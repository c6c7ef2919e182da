"""Where messages begin and end in a stream of bytes, and what they say.

TCP has no messages: what one side writes in three pieces may arrive in one, or in ten. A *framing* cuts the
stream into the messages of a protocol, and adds what the protocol wants around what is sent; a *codec* makes
objects of messages. For example::

    from k6ws.framing import lines
    from k6ws.tcp import Socket

    def default():
        socket = Socket()
        socket.on("data", lambda line: (print(line), socket.destroy()))
        socket.connect(6379, "127.0.0.1", framing=lines()).wait()
        socket.write("PING")

Frames are cut in the core, as they arrive; one that lies whole in a read is not copied. A message over
``max``, a length that cannot be and a peer that leaves in the middle of a message end the connection with an
error that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from k6ws._core import Framing
from k6ws.errors import InvalidParameter

if TYPE_CHECKING:
    import re

    from k6ws._core import Capture

__all__ = [
    "Codec",
    "Framing",
    "Raw",
    "delimiter",
    "fixed",
    "length_in_head",
    "length_prefix",
    "lines",
    "until_close",
    "varint",
]

_MAX = 16 << 20
_ERRORS = ("strict", "surrogateescape")
_ORDERS = ("big", "little")


def lines(
    end: str = "\n",
    *,
    max: int = _MAX,  # noqa: A002 - the field's name, here and below
    errors: Literal["strict", "surrogateescape"] = "strict",
) -> Framing:
    r"""Lines of text: messages are ``str``, without their end.

    Args:
        end: What ends a line, 1 to 256 bytes in UTF-8. The default also takes ``"\r\n"`` when it reads, and
            writes ``"\n"``; with ``"\r\n"`` a bare ``"\n"`` is part of a line.
        max: Bytes of a line at most, without its end; 16 MiB.
        errors: ``"strict"``: a line that is not UTF-8 ends the connection; ``"surrogateescape"`` keeps it, as
            Python's codec of that name does.

    Returns:
        A framing. What is sent gets ``end`` behind it; a message that holds ``end`` is several lines.

    Raises:
        InvalidParameter: A value is out of range.
        TypeError: A value is of the wrong type.

    Example:
        >>> lines().wrap("PING")
        b'PING\n'
    """
    _check(end, str, "end", "text")
    if errors not in _ERRORS:
        message = f"errors is 'strict' or 'surrogateescape', not {errors!r}"
        raise InvalidParameter(message)
    written = _written("lines", [], end=(end, "\n"), max=(max, _MAX), errors=(errors, "strict"))
    return Framing.lines(end, _size(max, "max"), errors != "strict", written)


def delimiter(end: bytes, *, max: int = _MAX) -> Framing:  # noqa: A002
    r"""Messages of bytes, each followed by ``end``, which is not part of them.

    Args:
        end: 1 to 256 bytes.
        max: Bytes of a message at most; 16 MiB.

    Returns:
        A framing. What is sent gets ``end`` behind it.

    Raises:
        InvalidParameter: A value is out of range.
        TypeError: A value is of the wrong type.

    Example:
        >>> delimiter(b"\0").wrap(b"CONNECT\n\n")
        b'CONNECT\n\n\x00'
    """
    _check(end, bytes, "end", "bytes")
    written = _written("delimiter", [end], max=(max, _MAX))
    return Framing.delimiter(end, _size(max, "max"), written)


def fixed(size: int) -> Framing:
    r"""Messages of ``size`` bytes.

    Args:
        size: Bytes of each message.

    Returns:
        A framing. What is sent goes as it is, and has to be one or several whole messages.

    Raises:
        InvalidParameter: ``size`` is out of range.
        TypeError: ``size`` is no integer.

    Example:
        >>> fixed(4).framer().feed(b"onetwo__")
        [b'onet', b'wo__']
    """
    return Framing.fixed(_size(size, "size"), _written("fixed", [size]))


def length_prefix(
    size: int,
    order: Literal["big", "little"] = "big",
    *,
    offset: int = 0,
    inclusive: bool = False,
    adjust: int = 0,
    max: int = _MAX,  # noqa: A002
) -> Framing:
    r"""Messages that say in front how long they are.

    Without ``offset`` a message is what follows the length, and what is sent gets its length in front. With
    bytes before the length, such as a kind, a message is the whole frame, head and length included; it is
    sent as it is, one or several at once, and its length has to be right.

    Args:
        size: Bytes of the length, 1 to 8.
        order: ``"big"`` or ``"little"``, as for ``int.from_bytes``.
        offset: Bytes before the length.
        inclusive: The length counts its own bytes too, though not those before it.
        adjust: What has to be added to the length to have the number of bytes that follow it, where it counts
            anything else: with a head of 2 bytes that is counted, -2.
        max: Bytes of a message at most; 16 MiB.

    Returns:
        A framing.

    Raises:
        InvalidParameter: A value is out of range.
        TypeError: A value is of the wrong type.

    Example:
        >>> length_prefix(2).wrap(b"hello")
        b'\x00\x05hello'
        >>> postgresql = length_prefix(4, offset=1, inclusive=True)
        >>> postgresql.framer().feed(b"Z\0\0\0\x05I1\0\0\0")
        [b'Z\x00\x00\x00\x05I']
    """
    if order not in _ORDERS:
        message = f"order is 'big' or 'little', not {order!r}"
        raise InvalidParameter(message)
    _check(inclusive, bool, "inclusive", "True or False")
    _check(adjust, int, "adjust", "an integer")
    written = _written(
        "length_prefix",
        [size],
        order=(order, "big"),
        offset=(offset, 0),
        inclusive=(inclusive, False),
        adjust=(adjust, 0),
        max=(max, _MAX),
    )
    before = _size(offset, "offset", least=0)
    correction = _fitting(adjust, "adjust")
    prefix = (_size(size, "size"), order == "little", before, inclusive, correction)
    return Framing.length_prefix(prefix, _size(max, "max"), written)


def length_in_head(
    length: str | bytes | re.Pattern[str] | re.Pattern[bytes] | Capture,
    *,
    end: bytes = b"\r\n",
    tail: bytes = b"",
    head: bytes | None = None,
    max: int = _MAX,  # noqa: A002
) -> Framing:
    r"""Messages with a head in text that says how many bytes follow it: NATS, Redis, HTTP, LSP, netstrings.

    Without ``head`` a message is all of it but for the tail: its head, ``end`` and the body. A head in which
    ``length`` finds nothing is a message by itself, without its ``end``. What is sent is written so too, one
    or several at once, and gets the tail or the ``end`` behind the last one; a length that ``length`` finds
    in it has to be right.

    With ``head`` a message is the body alone: heads are read and written here, and each has to say a length.

    Args:
        length: A pattern whose group is the number of bytes between the head and the tail, in decimal digits;
            as for :func:`k6ws.correlate.capture`. It sees one head at a time, without its ``end``.
        end: What ends a head, 1 to 256 bytes.
        tail: What stands behind a body and is no part of it, at most 256 bytes.
        head: A head as it is written, without its ``end``; ``{}`` stands for the length.
        max: Bytes of a message at most; 16 MiB. A head that is no part of it may have 64 KiB.

    Returns:
        A framing. Messages are bytes.

    Raises:
        InvalidParameter: A value is out of range, a pattern is not valid, has no group or several, or does
            not find the length in what ``head`` writes.
        TypeError: A value is of the wrong type.

    Example:
        >>> nats = length_in_head(rb"^H?(?:MSG|PUB) .* (\d+)$", tail=b"\r\n")
        >>> nats.framer().feed(b"MSG greetings 1 5\r\nhello\r\nPING\r\n")
        [b'MSG greetings 1 5\r\nhello', b'PING']
        >>> nats.wrap("PUB greetings 5\r\nhello")
        b'PUB greetings 5\r\nhello\r\n'
        >>> language_server = length_in_head(
        ...     rb"(?mi)^Content-Length: *(\d+)", end=b"\r\n\r\n", head=b"Content-Length: {}"
        ... )
        >>> language_server.wrap('{"id":1}')
        b'Content-Length: 8\r\n\r\n{"id":1}'
    """
    _check(end, bytes, "end", "bytes")
    _check(tail, bytes, "tail", "bytes")
    if head is not None:
        _check(head, bytes, "head", "bytes")
    written = _written(
        "length_in_head",
        [length],
        end=(end, b"\r\n"),
        tail=(tail, b""),
        head=(head, None),
        max=(max, _MAX),
    )
    return Framing.length_in_head(length, end, tail, head, _size(max, "max"), written)


def varint(offset: int = 0, *, max: int = _MAX) -> Framing:  # noqa: A002
    r"""Messages that say in front how long they are, in seven bits a byte: Protocol Buffers, MQTT.

    See https://protobuf.dev/programming-guides/encoding/#varints; of MQTT 5 it is section 2.1.4.

    Args:
        offset: Bytes before the length; 1 for MQTT. A message is the whole frame then.
        max: Bytes of a message at most; 16 MiB.

    Returns:
        A framing.

    Raises:
        InvalidParameter: A value is out of range.
        TypeError: A value is of the wrong type.

    Example:
        >>> varint().wrap(b"hello")
        b'\x05hello'
        >>> varint(1).framer().feed(b"\xd0\x00\x30\x03ab")
        [b'\xd0\x00']
    """
    written = _written("varint", [], offset=(offset, 0), max=(max, _MAX))
    return Framing.varint(_size(offset, "offset", least=0), _size(max, "max"), written)


def until_close(*, max: int = _MAX) -> Framing:  # noqa: A002
    """One message: all that comes until the peer ends its side. Nothing at all is no message.

    Args:
        max: Bytes that may come; 16 MiB.

    Returns:
        A framing. What is sent goes as it is.

    Raises:
        InvalidParameter: ``max`` is out of range.
        TypeError: ``max`` is no integer.
    """
    return Framing.until_close(_size(max, "max"), _written("until_close", [], max=(max, _MAX)))


class Raw(bytes):
    r"""Bytes that are written as they are, past the framing: what a protocol says before its frames begin.

    Example:
        >>> ssl_request = Raw(b"\0\0\0\x08\x04\xd2\x16\x2f")
    """

    __slots__ = ()


class Codec:
    """How messages become objects and objects become messages, in Python.

    Args:
        parse: Called with what has come (``bytes``); returns ``(message, used)``, the first message and how
            many bytes it took, or ``None`` where more must come. With ``whole`` it is called with each
            message as it came, ``str`` or ``bytes``, and returns what it says.
        encode: Called with what a script sends; returns ``str`` or ``bytes``, of a WebSocket text or binary.
        whole: Each message of the framing, or of the WebSocket, is one message. Without, they are a stream:
            one may hold several, or a part of one.

    Raises:
        TypeError: ``parse`` or ``encode`` cannot be called.

    Example:
        >>> def parse(buffer):
        ...     end = buffer.find(b";")
        ...     return None if end < 0 else (int(buffer[:end]), end + 1)
        >>> numbers = Codec(parse, lambda number: b"%d;" % number)
    """

    __slots__ = ("encode", "parse", "whole")

    def __init__(
        self,
        parse: Callable[[Any], Any],
        encode: Callable[[Any], str | bytes],
        whole: bool = False,
    ) -> None:
        for name, one in (("parse", parse), ("encode", encode)):
            if not callable(one):
                message = f"Codec: {name} cannot be called: {one!r}"
                raise TypeError(message)
        self.parse = parse
        self.encode = encode
        self.whole = _check(whole, bool, "whole", "True or False")

    def __repr__(self) -> str:
        whole = ", whole=True" if self.whole else ""
        return f"Codec({self.parse!r}, {self.encode!r}{whole})"


def _check(value: Any, kind: type, name: str, what: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        message = f"{name} is {what}, not {value!r}"
        raise TypeError(message)
    return value


def _size(value: Any, name: str, least: int = 1) -> int:
    _check(value, int, name, "a number of bytes")
    if not least <= value < 1 << 48:
        message = f"{name} of {value} bytes is out of range"
        raise InvalidParameter(message)
    return value


def _fitting(value: int, name: str) -> int:
    if not -(1 << 48) < value < 1 << 48:
        message = f"{name} of {value} is out of range"
        raise InvalidParameter(message)
    return value


def _written(name: str, given: list[Any], **keywords: tuple[Any, Any]) -> str:
    """A framing as a script writes it: what is the default is left out."""
    named = [f"{key}={value!r}" for key, (value, default) in keywords.items() if value != default]
    return f"{name}({', '.join([*map(repr, given), *named])})"
