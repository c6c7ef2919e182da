"""A connection as a target of ours has it: short messages, each with the kernel's stamp of its arrival."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import time
from dataclasses import dataclass, field

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# SO_TIMESTAMPNS and SCM_TIMESTAMPNS of Linux, which Python has no name for.
_STAMP = 35
_CLOSE = 0x88


def listen() -> socket.socket:
    """A listener on a free port, whose clients are stamped from their first byte on."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    listener.setblocking(False)
    return listener


def accept(listener: socket.socket, scheme: str = "ws") -> Client:
    """The next client that waits: of a WebSocket, or with `tcp` of lines."""
    sock, _ = listener.accept()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    return Client(sock) if scheme == "ws" else LineClient(sock)


@dataclass
class Client:
    sock: socket.socket
    is_open: bool = False
    buffer: bytearray = field(default_factory=bytearray)

    def receive(self) -> tuple[list[bytes], int]:
        """The payloads that are whole, and when the last of them arrived. Raises EOFError at the end."""
        data, control, _, _ = self.sock.recvmsg(1 << 16, 64)
        if not data:
            raise EOFError
        stamp = time.time_ns()
        for _, kind, value in control:
            if kind == _STAMP:
                seconds, nanoseconds = struct.unpack("qq", value)
                stamp = seconds * 10**9 + nanoseconds
        self.buffer += data
        if not self.is_open:
            self._upgrade()
        return list(iter(self._next, None)), stamp

    def _upgrade(self) -> None:
        head, end, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not end:
            return
        fields = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        key = next(
            value.strip() for name, _, value in fields if name.lower() == b"sec-websocket-key"
        )
        accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.sock.sendall(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        self.buffer[:] = rest
        self.is_open = True

    def _next(self) -> bytes | None:
        # Requests are short: their length is in the second byte, the mask in the next four.
        if not self.is_open or len(self.buffer) < 6:
            return None
        size = self.buffer[1] & 0x7F
        if len(self.buffer) < 6 + size:
            return None
        mask = self.buffer[2:6]
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(self.buffer[6 : 6 + size]))
        is_close = self.buffer[0] == _CLOSE
        del self.buffer[: 6 + size]
        if is_close:
            self.sock.sendall(bytes((_CLOSE, len(payload))) + payload)
            raise EOFError
        return payload

    def reply(self, text: bytes) -> None:
        """Send a short message."""
        self.sock.send(bytes((0x81, len(text))) + text)


@dataclass
class LineClient(Client):
    """The same, each of whose messages is a line."""

    is_open: bool = True

    def _next(self) -> bytes | None:
        line, end, rest = bytes(self.buffer).partition(b"\n")
        if not end:
            return None
        self.buffer[:] = rest
        return line

    def reply(self, text: bytes) -> None:
        """Send a message."""
        self.sock.send(text + b"\n")
