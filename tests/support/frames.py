"""WebSocket frames as bytes: written as wrongly as a test wishes, read as they came.

Knows the layout of RFC 6455 section 5.2 and nothing of what is allowed; that is the point.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


@dataclass(frozen=True)
class Frame:
    """One frame as it came over the wire, its payload unmasked."""

    opcode: int
    payload: bytes
    fin: bool = True
    rsv: int = 0
    masked: bool = False

    @property
    def close_code(self) -> int | None:
        """The code of a Close frame, None if it is empty."""
        return struct.unpack("!H", self.payload[:2])[0] if len(self.payload) >= 2 else None


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = False
) -> bytes:
    """Bytes of one frame; `rsv` is the three reserved bits as a number."""
    head = bytearray([(0x80 if fin else 0) | rsv << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if len(payload) < 126:
        head.append(mask_bit | len(payload))
    elif len(payload) < 1 << 16:
        head += struct.pack("!BH", mask_bit | 126, len(payload))
    else:
        head += struct.pack("!BQ", mask_bit | 127, len(payload))
    if masked:
        head += b"\0\0\0\0"  # a mask of zeroes leaves the payload readable in a packet dump
    return bytes(head) + payload


def text(message: str) -> bytes:
    """Bytes of a whole text message."""
    return frame(TEXT, message.encode())


def close(code: int | None = None, reason: str = "") -> bytes:
    """Bytes of a Close frame, empty without a code."""
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason.encode())


def take_frame(buffer: bytearray) -> Frame | None:
    """Cut the first whole frame off `buffer`, or leave it alone and return None."""
    if len(buffer) < 2:
        return None
    length, at = buffer[1] & 0x7F, 2
    if length >= 126:
        size = 2 if length == 126 else 8
        if len(buffer) < at + size:
            return None
        length, at = int.from_bytes(buffer[at : at + size], "big"), at + size
    masked = bool(buffer[1] & 0x80)
    mask = bytes(buffer[at : at + 4]) if masked else b""
    at += len(mask)
    if len(buffer) < at + length:
        return None
    payload = bytes(buffer[at : at + length])
    if masked:
        key = (mask * (length // 4 + 1))[:length]
        payload = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(
            length, "big"
        )
    taken = Frame(buffer[0] & 0x0F, payload, bool(buffer[0] & 0x80), buffer[0] >> 4 & 7, masked)
    del buffer[: at + length]
    return taken
