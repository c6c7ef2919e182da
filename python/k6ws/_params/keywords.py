"""The parameters of connections, for editors and type checkers: every key in k6's spelling and in ours.

``None`` is the default of each; only for ``proxy`` it is a value: no proxy.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from os import PathLike
from typing import TYPE_CHECKING, Literal, Required, TypeAlias, TypedDict

if TYPE_CHECKING:
    from k6ws import _core
    from k6ws._params.framing import CodecSetting
    from k6ws.http import CookieJar

Time: TypeAlias = float | str | timedelta
"""Milliseconds, ``"1.5s"``, or a ``timedelta``."""
Pem: TypeAlias = str | bytes | PathLike[str]
"""A path, or PEM text."""
TlsVersion: TypeAlias = Literal["tls1.2", "tls1.3"]
Words: TypeAlias = str | list[str] | tuple[str, ...]
Tags: TypeAlias = Mapping[str, str | float]


class Tls(TypedDict, total=False):
    """What a connection trusts, and as whom it asks."""

    ca: Pem | list[Pem] | tuple[Pem, ...] | None
    cert: Pem | None
    key: Pem | None
    password: str | None
    serverName: str | None
    server_name: str | None
    insecureSkipTLSVerify: bool | None
    insecure_skip_tls_verify: bool | None
    minVersion: TlsVersion | None
    min_version: TlsVersion | None
    maxVersion: TlsVersion | None
    max_version: TlsVersion | None
    cipherSuites: list[str] | tuple[str, ...] | None
    cipher_suites: list[str] | tuple[str, ...] | None
    alpn: list[str] | tuple[str, ...] | None
    resume: bool | None


class CompressionKeywords(TypedDict, total=False):
    """permessage-deflate with more to it (RFC 7692)."""

    algorithm: Literal["deflate"] | None
    serverNoContextTakeover: bool | None
    server_no_context_takeover: bool | None
    clientNoContextTakeover: bool | None
    client_no_context_takeover: bool | None
    serverMaxWindowBits: int | None
    server_max_window_bits: int | None
    clientMaxWindowBits: int | None
    client_max_window_bits: int | None
    level: int | None
    threshold: int | None


class KeepAlive(TypedDict, total=False):
    """Our own pings, and how long a pong may take."""

    interval: Required[Time]
    timeout: Time | None


class SocketKeywords(TypedDict, total=False):
    """What every connection takes, over a WebSocket or plain TCP."""

    tags: Tags | None
    timeout: Time | None
    resolveTimeout: Time | None
    resolve_timeout: Time | None
    connectTimeout: Time | None
    connect_timeout: Time | None
    tlsTimeout: Time | None
    tls_timeout: Time | None
    proxy: str | None
    proxyProtocol: Literal["v1", "v2"] | None
    proxy_protocol: Literal["v1", "v2"] | None
    localAddress: Words | None
    local_address: Words | None
    noDelay: bool | None
    no_delay: bool | None
    linger: Literal[0] | None
    recvBuffer: int | None
    recv_buffer: int | None
    sendBuffer: int | None
    send_buffer: int | None
    sendTimeout: Time | None
    send_timeout: Time | None
    recvRate: float | None
    recv_rate: float | None
    maxBuffered: int | None
    max_buffered: int | None


class Params(SocketKeywords, total=False):
    """The parameters of a WebSocket, as a mapping or by name; what they mean: :func:`k6ws.ws.connect`.

    Example:
        >>> from k6ws import Params
        >>> params: Params = {"headers": {"X-User": "ann"}, "closeTimeout": "2s"}
    """

    headers: Mapping[str, object] | list[tuple[str, str]] | None
    subprotocols: Words | None
    jar: CookieJar | None
    compression: Literal["deflate", ""] | CompressionKeywords | None
    upgradeTimeout: Time | None
    upgrade_timeout: Time | None
    tcpKeepAlive: bool | Time | None
    tcp_keep_alive: bool | Time | None
    closeTimeout: Time | None
    close_timeout: Time | None
    idleTimeout: Time | None
    idle_timeout: Time | None
    keepAlive: Time | KeepAlive | None
    keep_alive: Time | KeepAlive | None
    maxMessageSize: int | None
    max_message_size: int | None
    tls: Tls | None


class TcpKeywords(SocketKeywords, total=False):
    """The options of a TCP socket, as a mapping or by name; see :meth:`k6ws.tcp.Socket.connect`."""

    keepAlive: bool | Time | None
    keep_alive: bool | Time | None
    readBufferSize: int | None
    read_buffer_size: int | None
    framing: _core.Framing | None
    codec: CodecSetting | _core.Framing | None
    tls: bool | Tls | None


class TcpTarget(TcpKeywords, total=False):
    """The same, with where to connect to: what :meth:`k6ws.tcp.Socket.connect` takes in place of a port."""

    port: Required[int | str]
    host: str | None


class WriteKeywords(TypedDict, total=False):
    """The options of one write over TCP."""

    encoding: Literal["utf8", "ascii", "base64", "base64url", "hex"] | None
    tags: Tags | None
