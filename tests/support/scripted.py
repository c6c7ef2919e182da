"""A TCP server that follows a script, for everything a good WebSocket server never does.

A script is a list of steps; every connection runs it from the top in a thread of its own and stops
at the first step that cannot be done. Leaving the context raises what went wrong in a script, so a
test never passes on a server that fell over. Nothing here knows k6ws.

    with ScriptedServer([upgrade(), send(frames.text("hi")), fin()]) as server:
        …
        server.peer().wait_end()
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from support.frames import Frame, take_frame
from support.journal import PATIENCE_S

Step = Callable[["Peer"], None]
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class PeerLeft(Exception):  # noqa: N818 - a fact, not always an error
    """The client's side ended; the argument says how: `fin`, `rst` or `stopped`."""


class Peer:
    """One accepted connection and everything the client sent on it."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self.sock, self.stopping = sock, stopping
        self.buffer = bytearray()
        self.request = b""
        """The head of the upgrade request, byte for byte."""
        self.frames: list[Frame] = []
        self.end: str | None = None
        self.failure: Exception | None = None
        self._changed = threading.Condition()

    def read(self) -> None:
        """Receive once, or raise `PeerLeft`."""
        try:
            data = self.sock.recv(1 << 16)
        except OSError as error:
            raise PeerLeft("stopped" if self.stopping.is_set() else "rst") from error
        if not data:
            raise PeerLeft("stopped" if self.stopping.is_set() else "fin")
        self.buffer += data

    def next_frame(self) -> Frame:
        """Receive until the next whole frame, note it and return it."""
        while (frame := take_frame(self.buffer)) is None:
            self.read()
        with self._changed:
            self.frames.append(frame)
            self._changed.notify_all()
        return frame

    def finish(self, end: str) -> None:
        """Note how the connection ended."""
        with self._changed:
            self.end = end
            self._changed.notify_all()

    def header(self, name: str) -> str | None:
        """A request header as it came, None if it did not."""
        for line in self.request.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return None

    def wait_end(self) -> str:
        """How the client's side ended: `fin`, `rst`, or `script` if the script ended it first."""
        self._wait(lambda: self.end is not None, "the end of the connection")
        assert self.end is not None
        return self.end

    def wait_frame(self, opcode: int) -> Frame:
        """The first frame with this opcode."""
        self._wait(lambda: any(f.opcode == opcode for f in self.frames), f"opcode {opcode:#x}")
        return next(frame for frame in self.frames if frame.opcode == opcode)

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(holds, PATIENCE_S):
                raise AssertionError(f"after {PATIENCE_S} s the peer had not seen: {what}")


class ScriptedServer:
    """Runs `script` on every connection; `tls` wraps the connection before the first step."""

    def __init__(self, script: Sequence[Step], *, tls: ssl.SSLContext | None = None) -> None:
        self._script, self._tls = list(script), tls
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self.peers: list[Peer] = []

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._listener.getsockname()[1]

    def url(self, path: str = "/") -> str:
        """The WebSocket URL of a path."""
        return f"{'wss' if self._tls else 'ws'}://127.0.0.1:{self.port}{path}"

    def peer(self, index: int = 0) -> Peer:
        """The connection with this index, once it was accepted."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.peers) > index, PATIENCE_S):
                raise AssertionError(f"connection number {index} was never accepted")
            return self.peers[index]

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._acceptor = threading.Thread(target=self._accept, name="ScriptedServer")
        self._acceptor.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        # close() alone does not wake a thread that is blocked in accept() or recv(); shutdown does.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(PATIENCE_S)
        self._listener.close()
        for peer in self.peers:
            _shutdown(peer.sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        failures = [peer.failure for peer in self.peers if peer.failure is not None]
        if failures and kind is None:
            raise AssertionError("the server could not follow its script") from failures[0]

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            peer = Peer(sock, self._stopping)
            thread = threading.Thread(target=self._run, args=(peer,), name="ScriptedServer-peer")
            self._threads.append(thread)
            with self._changed:
                self.peers.append(peer)
                self._changed.notify_all()
            thread.start()

    def _run(self, peer: Peer) -> None:
        end = "script"
        try:
            if self._tls is not None:
                peer.sock = self._tls.wrap_socket(peer.sock, server_side=True)
            for step in self._script:
                step(peer)
        except PeerLeft as left:
            end = str(left)
            if end != "stopped":
                peer.failure = left
        except OSError:
            end = "rst"
        finally:
            peer.sock.close()
            if peer.end is None:
                peer.finish(end)


def _shutdown(sock: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):  # the other side was faster
        sock.shutdown(how)


def read_request(peer: Peer) -> None:
    """Receive the head of the HTTP request."""
    while b"\r\n\r\n" not in peer.buffer:
        peer.read()
    head, _, rest = bytes(peer.buffer).partition(b"\r\n\r\n")
    peer.request, peer.buffer = head, bytearray(rest)


def acceptance(peer: Peer, *extra_headers: str, accept: str | None = None) -> bytes:
    """The answer that accepts the request read before; `accept` is a wrong value for a test."""
    key = peer.header("Sec-WebSocket-Key") or ""
    right = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {right if accept is None else accept}",
        *extra_headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def upgrade(*extra_headers: str, then: bytes = b"", accept: str | None = None) -> Step:
    """Receive the request and accept it; `then` leaves in the same segment as the answer."""

    def step(peer: Peer) -> None:
        read_request(peer)
        peer.sock.sendall(acceptance(peer, *extra_headers, accept=accept) + then)

    return step


def send(data: bytes) -> Step:
    """Send bytes as they are."""
    return lambda peer: peer.sock.sendall(data)


def drip(data: bytes, interval: float) -> Step:
    """Send one byte per interval, until the client leaves or the data ends."""

    def step(peer: Peer) -> None:
        for byte in data:
            if peer.stopping.wait(interval):
                raise PeerLeft("stopped")
            peer.sock.sendall(bytes([byte]))

    return step


def read_frame(opcode: int | None = None) -> Step:
    """Receive the next frame, or frames up to the first with this opcode."""

    def step(peer: Peer) -> None:
        while True:
            if peer.next_frame().opcode == opcode or opcode is None:
                return

    return step


def read_to_end(peer: Peer) -> None:
    """Receive frames until the client's side ends; that end is what is expected."""
    try:
        while True:
            peer.next_frame()
    except PeerLeft as left:
        peer.finish(str(left))


def wait_for(signal: threading.Event) -> Step:
    """Hold until the test sets the event."""

    def step(peer: Peer) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not signal.wait(0.02):
            if peer.stopping.is_set() or time.monotonic() > deadline:
                raise PeerLeft("stopped")

    return step


def fin(peer: Peer) -> None:
    """End our side; the client's side stays readable."""
    _shutdown(peer.sock, socket.SHUT_WR)


def rst(peer: Peer) -> None:
    """Reset the connection."""
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()


def hang(peer: Peer) -> None:
    """Neither read nor write until the server is stopped."""
    peer.stopping.wait(PATIENCE_S * 4)
    raise PeerLeft("stopped")
