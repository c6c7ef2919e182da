"""What ``write`` is given, as bytes."""

from __future__ import annotations

import base64
import binascii

from k6ws._socket.messages import Messages
from k6ws._socket.surrogates import as_utf8
from k6ws.errors import CodecError, FramingError, TCPError
from k6ws.framing import Raw

_PADDING = 4


def encode(data: object, encoding: str) -> bytes:
    """``data`` as it goes on the wire; ``encoding`` says how text is to be read.

    Raises:
        TCPError: Neither text nor a buffer, an unknown encoding, or text that is not what it claims to be.
    """
    if isinstance(data, str):
        return _decoded(data, encoding)
    if isinstance(data, bytes):
        return data
    try:
        return memoryview(data).tobytes()  # pyright: ignore[reportArgumentType]
    except TypeError:
        message = "invalid type: String or ArrayBuffer expected"
        raise TCPError("write", message, "write text, bytes or another buffer") from None


def framed(messages: Messages, data: object, encoding: str) -> bytes:
    """The same of a message, with its frame; ``encoding`` is of text that no codec takes.

    Raises:
        TCPError: It cannot be said, or not be framed. What a script's codec raises passes as it is.
    """
    if messages.coder is None and not isinstance(data, Raw):
        data = encode(data, encoding)
    try:
        return messages.framed(data)
    except (FramingError, CodecError) as error:
        raise TCPError("write", str(error), error.hint) from None


def _decoded(text: str, encoding: str) -> bytes:
    try:
        match encoding.lower():
            case "" | "utf8" | "utf-8" | "ascii":
                return as_utf8(text)
            case "base64":
                return base64.b64decode(text, validate=True)
            case "base64url":
                bare = text.rstrip("=")
                padded = bare + "=" * (-len(bare) % _PADDING)
                return base64.b64decode(padded, altchars=b"-_", validate=True)
            case "hex":
                return binascii.unhexlify(text)
            case _:
                pass
    except (binascii.Error, ValueError) as error:
        raise TCPError("write", f"not {encoding}: {error}") from None
    message = f'unsupported encoding "{encoding}"'
    raise TCPError("write", message, "utf8, ascii, base64, base64url or hex")
