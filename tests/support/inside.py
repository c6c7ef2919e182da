"""What scripts in :mod:`support.namespace` use: loopback, a name server, and a way to report."""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_A, _AAAA, _NXDOMAIN = 1, 28, 3


def report(value: Any) -> None:
    """Hand `value` to the test."""
    print(json.dumps(value))


def raise_loopback() -> None:
    """Bring `lo` up, which a new network namespace leaves down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", _IFF_UP)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


def mount_over(path: str, text: str) -> None:
    """Have `path` read as `text`, here only."""
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    subprocess.run(["mount", "--bind", file.name, path], check=True)


def set_local_ports(first: int, last: int) -> None:
    """Leave these ports to outgoing connections, here only."""
    Path("/proc/sys/net/ipv4/ip_local_port_range").write_text(f"{first} {last}")


class NameServer:
    """Answers questions for A and AAAA records over UDP on 127.0.0.53:53, and counts them.

    A name that is not in the table does not exist; one whose addresses are `None` is never answered.
    """

    def __init__(self, names: Mapping[str, Sequence[str] | None]) -> None:
        self._names = names
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.53", 53))
        mount_over("/etc/resolv.conf", "nameserver 127.0.0.53\noptions timeout:30 attempts:1\n")
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            question, peer = self._socket.recvfrom(1024)
            answer = self._answer(question)
            if answer is not None:
                self._socket.sendto(answer, peer)

    def _answer(self, question: bytes) -> bytes | None:
        labels, at = list[str](), 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        name = ".".join(labels).lower()
        kind = int.from_bytes(question[at + 1 : at + 3], "big")
        self.asked.append((name, {_A: "A", _AAAA: "AAAA"}.get(kind, str(kind))))
        known = self._names.get(name, ())
        if known is None:
            return None
        family = socket.AF_INET6 if kind == _AAAA else socket.AF_INET
        records = [
            socket.inet_pton(family, ip)
            for ip in known
            if (":" in ip) == (kind == _AAAA) and kind in {_A, _AAAA}
        ]
        code = 0 if name in self._names else _NXDOMAIN
        head = question[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(records), 0, 0)
        body = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(record)) + record
            for record in records
        )
        return head + question[12 : at + 5] + body
