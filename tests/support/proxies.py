"""Proxies that a test looks into: HTTP ``CONNECT`` and SOCKS5, with a user, without, or with a fixed answer.

They relay like real ones and note who asked for what. Nothing here knows k6ws.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Self

from support.journal import PATIENCE_S

_NO_AUTH, _PASSWORD, _NONE = 0, 2, 255
_DOMAIN, _V4, _V6 = 3, 1, 4


class _Proxy:
    """Accepts, lets a subclass agree on a target, then relays until either side ends."""

    scheme = ""

    def __init__(self, *, user: str = "", password: str = "", names: dict[str, str] | None = None):
        self.login = (user, password)
        self.names = names or {}
        self.targets: list[str] = []
        """What was asked for, `host:port`, in order."""
        self.heads: list[bytes] = []
        """What a client sent before it was connected."""
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []

    def url(self, login: str = "") -> str:
        return f"{self.scheme}://{login + '@' if login else ''}127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for one in [self._listener, *self._open]:
            one.close()

    def agree(self, client: socket.socket) -> socket.socket | None:
        """Learn the target and connect to it; None when it came to nothing."""
        raise NotImplementedError

    def reach(self, host: str, port: int) -> socket.socket:
        self.targets.append(f"{host}:{port}")
        upstream = socket.create_connection((self.names.get(host, host), port), timeout=PATIENCE_S)
        upstream.settimeout(None)
        self._open.append(upstream)
        return upstream

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            upstream = self.agree(client)
            if upstream is None:
                client.shutdown(socket.SHUT_RDWR)
                return
            self._start(_relay, upstream, client)
            _relay(client, upstream)

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="proxy")  # pyright: ignore[reportArgumentType]
        self._threads.append(thread)
        thread.start()


def _relay(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise ConnectionResetError
        data += more
    return data


class HttpProxy(_Proxy):
    """``answer`` is said instead of opening a tunnel, if given."""

    scheme = "http"

    def __init__(self, *, answer: bytes = b"", **options: str | dict[str, str] | None) -> None:
        super().__init__(**options)  # pyright: ignore[reportArgumentType]
        self._answer = answer

    def agree(self, client: socket.socket) -> socket.socket | None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += _exactly(client, 1)
        self.heads.append(head)
        if self._answer:
            client.sendall(self._answer)
            return None
        token = base64.b64encode(":".join(self.login).encode())
        if self.login[0] and b"Proxy-Authorization: Basic " + token + b"\r\n" not in head:
            client.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'
            )
            return None
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        assert method == "CONNECT"
        host, _, port = target.rpartition(":")
        try:
            upstream = self.reach(host.strip("[]"), int(port))
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return None
        client.sendall(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
        return upstream


class Socks5Proxy(_Proxy):
    """``reply`` is the code it answers with instead of connecting, if it is not 0."""

    scheme = "socks5"

    def __init__(self, *, reply: int = 0, **options: str | dict[str, str] | None) -> None:
        super().__init__(**options)  # pyright: ignore[reportArgumentType]
        self._reply = reply

    def agree(self, client: socket.socket) -> socket.socket | None:
        version, count = _exactly(client, 2)
        methods = _exactly(client, count)
        wanted = _PASSWORD if self.login[0] else _NO_AUTH
        if version != 5 or wanted not in methods:
            client.sendall(bytes([5, _NONE]))
            return None
        client.sendall(bytes([5, wanted]))
        if wanted == _PASSWORD and not self._is_welcome(client):
            return None
        _, _, _, kind = _exactly(client, 4)
        if kind == _DOMAIN:
            host = _exactly(client, _exactly(client, 1)[0]).decode()
        elif kind == _V4:
            host = socket.inet_ntop(socket.AF_INET, _exactly(client, 4))
        else:
            host = socket.inet_ntop(socket.AF_INET6, _exactly(client, 16))
        [port] = struct.unpack("!H", _exactly(client, 2))
        if self._reply:
            self.targets.append(f"{host}:{port}")
            client.sendall(bytes([5, self._reply, 0, _V4, 0, 0, 0, 0, 0, 0]))
            return None
        upstream = self.reach(host, port)
        client.sendall(bytes([5, 0, 0, _V4, 127, 0, 0, 1, 0, 1]))
        return upstream

    def _is_welcome(self, client: socket.socket) -> bool:
        _, length = _exactly(client, 2)
        user = _exactly(client, length).decode()
        password = _exactly(client, _exactly(client, 1)[0]).decode()
        is_welcome = (user, password) == self.login
        client.sendall(bytes([1, 0 if is_welcome else 1]))
        return is_welcome
