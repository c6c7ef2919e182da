"""What the figures rest on: the server echoes exactly, whatever the pieces in which bytes arrive.

Run with `pytest bench/floor`. It builds the server, speaks raw bytes to it (standard library only)
and compares its counters at the end.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MASK = b"\x01\x02\x03\x04"

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


class Server:
    """A running server; `stop()` returns its counters."""

    def __init__(self, binary: Path, *mode: str) -> None:
        self.process = subprocess.Popen([binary, *mode], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1].rstrip("/\n"))

    def stop(self) -> dict[str, int]:
        self.process.send_signal(signal.SIGTERM)
        return json.loads(self.process.communicate(timeout=5)[0])

    @contextmanager
    def connection(self) -> Generator[socket.socket]:
        key = base64.b64encode(os.urandom(16))
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as peer:
            peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nSEC-WebSocket-Key: " + key + b"\r\n\r\n")
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                answer += peer.recv(1)
            digest = hashlib.sha1(key + GUID, usedforsecurity=False).digest()
            assert b"Sec-WebSocket-Accept: " + base64.b64encode(digest) in answer
            yield peer


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("floor") / "server"
    subprocess.run(["cc", "-O1", "-D_GNU_SOURCE", "-o", path, HERE / "server.c"], check=True)
    return path


@pytest.fixture
def start(binary: Path) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def starter(*mode: str) -> Server:
        started.append(Server(binary, *mode))
        return started[-1]

    yield starter
    for server in started:
        server.process.kill()
        server.process.communicate()


def header(first: int, length: int, masked: int) -> bytes:
    if length < 126:
        return bytes([first, masked | length])
    if length < 65536:
        return bytes([first, masked | 126]) + length.to_bytes(2, "big")
    return bytes([first, masked | 127]) + length.to_bytes(8, "big")


def sent(first: int, payload: bytes) -> bytes:
    masked = bytes(byte ^ MASK[i % 4] for i, byte in enumerate(payload))
    return header(first, len(payload), 0x80) + MASK + masked


def echoed(first: int, payload: bytes) -> bytes:
    return header(first, len(payload), 0) + payload


def read(peer: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (chunk := peer.recv(size - len(data))):
        data += chunk
    return data


def counters(connections: int, messages_in: int, messages_out: int) -> dict[str, Any]:
    return {"connections": connections, "messages_in": messages_in, "messages_out": messages_out}


def test_frames_in_one_read_are_all_echoed(start: Callable[..., Server]) -> None:
    server = start("echo")
    payloads = [os.urandom(size) for size in (0, 1, 7, 64, 125, 126, 5000)]
    with server.connection() as peer:
        peer.sendall(b"".join(sent(0x82, payload) for payload in payloads))
        expected = b"".join(echoed(0x82, payload) for payload in payloads)
        assert read(peer, len(expected)) == expected
    assert server.stop() == counters(1, 7, 7)


def test_frames_that_arrive_byte_by_byte_are_echoed(start: Callable[..., Server]) -> None:
    server = start("echo")
    frames = sent(0x81, b"text") + sent(0x82, bytes(200)) + sent(0x82, b"")
    expected = echoed(0x81, b"text") + echoed(0x82, bytes(200)) + echoed(0x82, b"")
    with server.connection() as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frames:
            peer.sendall(bytes([byte]))
        assert read(peer, len(expected)) == expected
    assert server.stop() == counters(1, 3, 3)


def test_large_messages_survive_a_peer_that_reads_late(start: Callable[..., Server]) -> None:
    server = start("echo")
    payload = os.urandom(1_000_000)
    with server.connection() as peer:
        frame = sent(0x82, payload)
        peer.sendall(frame)
        peer.sendall(sent(0x82, b"next"))
        expected = echoed(0x82, payload) + echoed(0x82, b"next")
        assert read(peer, len(expected)) == expected
    assert server.stop() == counters(1, 2, 2)


def test_control_frames_are_answered_and_fragments_count_once(start: Callable[..., Server]) -> None:
    server = start("echo")
    close = (1000).to_bytes(2, "big") + b"bye"
    with server.connection() as peer:
        peer.sendall(sent(0x01, b"a") + sent(0x89, b"hi") + sent(0x80, b"b") + sent(0x88, close))
        expected = (
            echoed(0x01, b"a") + echoed(0x8A, b"hi") + echoed(0x80, b"b") + echoed(0x88, close)
        )
        assert read(peer, len(expected) + 1) == expected  # then the end of the stream
    assert server.stop() == counters(1, 1, 1)


def test_an_unmasked_frame_is_a_protocol_error(start: Callable[..., Server]) -> None:
    server = start("echo")
    with server.connection() as peer:
        peer.sendall(echoed(0x82, b"plain"))
        assert read(peer, 100) == echoed(0x88, (1002).to_bytes(2, "big"))
    assert server.stop() == counters(1, 0, 0)


def test_a_flood_is_exact_and_still_answers_pings(start: Callable[..., Server]) -> None:
    server = start("flood", "50000")
    frame = echoed(0x82, b"f" * 100)
    with server.connection() as peer:
        peer.sendall(sent(0x89, b"?"))
        assert read(peer, 50_000 * len(frame)) == frame * 50_000
        assert read(peer, 3) == echoed(0x8A, b"?")
    assert server.stop() == counters(1, 0, 50_000)


def test_idle_counts_and_drops(start: Callable[..., Server]) -> None:
    server = start("idle")
    with server.connection() as peer:
        peer.sendall(sent(0x82, b"ignored") + sent(0x89, b"?"))
        assert read(peer, 3) == echoed(0x8A, b"?")
    assert server.stop() == counters(1, 1, 0)


def test_a_fan_out_reaches_all_others_in_order_and_waits_for_who_reads_late(
    start: Callable[..., Server],
) -> None:
    server = start("fan-out")
    payloads = [os.urandom(size) for size in (5, 900_000, 0, 900_000, 200, 900_000)]
    frames = b"".join(echoed(0x82, payload) for payload in payloads)
    with server.connection() as one, server.connection() as other, server.connection() as third:
        for payload in payloads:
            one.sendall(sent(0x82, payload))
        one.sendall(sent(0x89, b"?"))
        # Its pong comes first: to itself a publisher sends nothing. Then all of it lies with the server.
        assert read(one, 3) == echoed(0x8A, b"?")
        third.sendall(sent(0x89, b"!"))
        assert read(other, len(frames)) == frames
        assert read(third, len(frames) + 3) == frames + echoed(0x8A, b"!")
        other.sendall(sent(0x81, b"back"))
        assert read(one, 6) == echoed(0x81, b"back")
        assert read(third, 6) == echoed(0x81, b"back")
    assert server.stop() == counters(3, 7, 14)
