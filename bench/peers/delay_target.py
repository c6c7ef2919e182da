"""A WebSocket target that holds each request for as long as it says, and tells in the reply how long it was.

A request is `{"id": …, "delay": MS}`. The reply repeats its `id`; `held` are the nanoseconds from the
kernel's stamp of the request until just before the write of the reply, by the target's own clock.
Prints its URL; runs until it is killed.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import json
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# SO_TIMESTAMPNS and SCM_TIMESTAMPNS of Linux, which Python has no name for.
_STAMP = 35
_CLOSE = 0x88
_SPIN_NS = 2_000_000
"""So long before a reply is due the target waits no more, but looks again and again."""


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


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    listener.setblocking(False)
    print(f"ws://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    clients: dict[int, Client] = {}
    # When it is due, a number that keeps their order, when it arrived, to whom, and its id.
    held: list[tuple[int, int, int, Client, int]] = []
    number = 0
    while True:
        left = held[0][0] - time.time_ns() if held else None
        wait = -1 if left is None else max(left - _SPIN_NS, 0) / 1e9
        for descriptor, _ in poller.poll(wait):
            if descriptor == listener.fileno():
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
                clients[sock.fileno()] = Client(sock)
                poller.register(sock, select.EPOLLIN)
                continue
            client = clients[descriptor]
            try:
                payloads, stamp = client.receive()
            except (EOFError, ConnectionError):
                poller.unregister(descriptor)
                client.sock.close()
                del clients[descriptor]
                continue
            for payload in payloads:
                asked = json.loads(payload)
                number += 1
                due = stamp + int(asked["delay"] * 1e6)
                heapq.heappush(held, (due, number, stamp, client, asked["id"]))
        while held and held[0][0] <= time.time_ns():
            _, _, stamp, client, asked_id = heapq.heappop(held)
            took = time.time_ns() - stamp
            reply = b'{"id":%d,"held":%d}' % (asked_id, took)
            try:
                client.sock.send(bytes((0x81, len(reply))) + reply)
            except OSError:
                continue


if __name__ == "__main__":
    sys.exit(main())
