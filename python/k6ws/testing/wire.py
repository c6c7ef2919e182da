"""The server's side of WebSocket, as bytes: the handshake, whole messages of a client, frames of ours.

Written apart from the client in the core, so that a test does not ask one implementation about itself. What
a client may not send (RFC 6455) is an error. Nothing is negotiated but a subprotocol: messages are not
compressed.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Mapping
from http import HTTPStatus

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
MAX_HEAD = 64 * 1024
MAX_MESSAGE = 16 << 20
_CONTINUATION = 0x0
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SHORT, _TWO_BYTES, _MAX_CONTROL = 126, 1 << 16, 125


class ProtocolError(Exception):
    """The client sent what it may not; the close code says what kind of thing that was."""

    def __init__(self, text: str, code: int = 1002) -> None:
        super().__init__(text)
        self.code = code


class Frames:
    """Cuts what a client sends into whole messages and control frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._begun: tuple[int, bytearray] | None = None

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Take bytes; gives kind and payload of what is whole.

        Raises:
            ProtocolError: That is no client of RFC 6455, or a message is too large.
        """
        self._bytes += data
        whole: list[tuple[int, bytes]] = []
        while (frame := self._next()) is not None:
            is_last, opcode, payload = frame
            if opcode >= CLOSE:
                whole.append((opcode, payload))
                continue
            if (opcode == _CONTINUATION) != (self._begun is not None):
                message = "a fragment out of order"
                raise ProtocolError(message)
            kind, gathered = self._begun or (opcode, bytearray())
            gathered += payload
            if len(gathered) > MAX_MESSAGE:
                message = f"a message of more than {MAX_MESSAGE} bytes"
                raise ProtocolError(message, 1009)
            self._begun = None if is_last else (kind, gathered)
            if is_last:
                whole.append((kind, bytes(gathered)))
        return whole

    def _next(self) -> tuple[bool, int, bytes] | None:
        held = self._bytes
        if len(held) < 2:  # noqa: PLR2004 - the least that a frame has
            return None
        first, second = held[0], held[1]
        opcode, length, at = first & 0x0F, second & 0x7F, 2
        if first & 0x70 or opcode not in {_CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG}:
            message = f"a frame that begins with {first:#04x}"
            raise ProtocolError(message)
        if not second & 0x80:
            message = "a frame without a mask"
            raise ProtocolError(message)
        if opcode >= CLOSE and (length > _MAX_CONTROL or not first & 0x80):
            message = "a control frame that is too long, or in fragments"
            raise ProtocolError(message)
        if length >= _SHORT:
            size = 2 if length == _SHORT else 8
            if len(held) < at + size:
                return None
            length, at = int.from_bytes(held[at : at + size], "big"), at + size
        if length > MAX_MESSAGE:
            message = f"a frame of {length} bytes"
            raise ProtocolError(message, 1009)
        end = at + 4 + length
        if len(held) < end:
            return None
        payload = unmasked(held[at : at + 4], held[at + 4 : end])
        del held[:end]
        return bool(first & 0x80), opcode, payload


def unmasked(mask: bytes | bytearray, payload: bytes | bytearray) -> bytes:
    """The payload without its mask, or with it: they are one."""
    length = len(payload)
    key = (bytes(mask) * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """A whole frame of ours."""
    head = bytes([0x80 | opcode])
    if len(payload) < _SHORT:
        return head + bytes([len(payload)]) + payload
    if len(payload) < _TWO_BYTES:
        return head + struct.pack("!BH", 126, len(payload)) + payload
    return head + struct.pack("!BQ", 127, len(payload)) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A Close frame."""
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


def close_code(payload: bytes) -> int | None:
    """The code of a client's Close; none of an empty one."""
    return struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None  # noqa: PLR2004


def header_of(head: bytes, name: str) -> str | None:
    """A header of a request."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name.lower().encode():
            return value.strip().decode("latin-1")
    return None


def acceptance(head: bytes, subprotocol: str | None) -> bytes:
    """The answer that accepts a request.

    Raises:
        ProtocolError: It is no handshake of a WebSocket.
    """
    key = header_of(head, "Sec-WebSocket-Key")
    if not head.startswith(b"GET ") or key is None:
        message = "no handshake of a WebSocket"
        raise ProtocolError(message)
    digest = hashlib.sha1(key.encode("latin-1") + _GUID, usedforsecurity=False).digest()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}",
    ]
    offered = header_of(head, "Sec-WebSocket-Protocol") or ""
    if subprotocol is not None and subprotocol in [one.strip() for one in offered.split(",")]:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    return _answer(lines)


def refusal(status: int, body: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """An answer that refuses."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Refused"
    content = body.encode()
    lines = [
        f"HTTP/1.1 {status} {phrase}",
        "Connection: close",
        f"Content-Length: {len(content)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return _answer(lines) + content


def _answer(lines: list[str]) -> bytes:
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
