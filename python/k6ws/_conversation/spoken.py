"""What requests and rules have of the messages of a connection: as the core knows them, and as scripts do."""

from __future__ import annotations

from typing import Any

from k6ws import _core
from k6ws._conversation.payload import as_sent
from k6ws._socket.coder import JSON, Stream
from k6ws._socket.messages import Messages
from k6ws.errors import FramingError
from k6ws.framing import Raw


def decoded(messages: Messages | None, data: Any, *, is_tcp: bool) -> Any:
    """What scripts get of a message."""
    if messages is None:
        return data
    framing, coder = messages.framing, messages.coder
    if framing is not None and framing.is_text and isinstance(data, bytes):
        # Requests have bytes over TCP, whatever these are.
        data = data.decode("utf-8", "surrogateescape")
    if coder is None:
        return data
    kind = _core.DATA if is_tcp else _core.TEXT if isinstance(data, str) else _core.BINARY
    pairs = coder.pairs(kind, data)
    return pairs[-1][1] if pairs else None


def encoded(messages: Messages | None, message: Any) -> str | bytes:
    """A message as it is sent, before it is framed.

    Raises:
        FramingError: It cannot be framed, or has no frame.
        CodecError: The codec cannot say it.
        TypeError: It is neither text nor bytes, and there is no codec.
    """
    if messages is not None:
        if type(message) is Raw:
            text = "a request has a frame, and Raw bytes have none"
            raise FramingError(text, "send() them, then request(None, …) waits for the reply")
        check_cut(messages)
        if messages.coder is not None:
            message = messages.coder.encode(message)
        if messages.framing is not None:
            # What cannot be framed is said here: the core frames it.
            messages.framing.wrap(message)
    return as_sent(message)


def as_answer(messages: Messages | None, reply: Any) -> str | bytes:
    """What a rule is to answer, before it is framed; where messages are JSON, text and bytes are that.

    Raises:
        FramingError, CodecError, TypeError: As :func:`encoded`.
    """
    is_written = isinstance(reply, (str, bytes)) and type(reply) is not Raw
    if messages is None or messages.coder is not JSON or not is_written:
        return encoded(messages, reply)
    if messages.framing is not None:
        messages.framing.wrap(reply)
    return as_sent(reply)


def check_cut(messages: Messages | None) -> None:
    """Refuse requests and rules where a codec cuts messages: the core knows none of them.

    Raises:
        FramingError: One does.
    """
    if messages is None or messages.framing is not None or not isinstance(messages.coder, Stream):
        return
    text = "requests and rules need messages that the core knows; here a codec cuts them"
    raise FramingError(
        text, "give framing=, or Codec(parse, encode, whole=True) where each message comes whole"
    )
