"""The parameters of a WebSocket connection, as every API that opens one takes them.

The table is :data:`KEYS`; the values' meaning is in the documentation of ``ws.connect``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._params.compression import read_compression
from k6ws._params.network import SocketSettings, read_socket
from k6ws._params.pace import read_pace
from k6ws._params.subprotocols import HEADER, offered
from k6ws._params.tls import read_tls
from k6ws._params.values import MIB, Api, header_pairs, milliseconds, nearest, size, tag_pairs
from k6ws.errors import UnknownOption

KEYS = {
    "headers": "headers",
    "subprotocols": "subprotocols",
    "tags": "tags",
    "jar": "jar",
    "compression": "compression",
    "timeout": "timeout",
    "resolve_timeout": "resolveTimeout",
    "connect_timeout": "connectTimeout",
    "tls_timeout": "tlsTimeout",
    "upgrade_timeout": "upgradeTimeout",
    "proxy": "proxy",
    "proxy_protocol": "proxyProtocol",
    "local_address": "localAddress",
    "no_delay": "noDelay",
    "tcp_keep_alive": "tcpKeepAlive",
    "linger": "linger",
    "recv_buffer": "recvBuffer",
    "send_buffer": "sendBuffer",
    "close_timeout": "closeTimeout",
    "send_timeout": "sendTimeout",
    "idle_timeout": "idleTimeout",
    "keep_alive": "keepAlive",
    "recv_rate": "recvRate",
    "max_message_size": "maxMessageSize",
    "max_buffered": "maxBuffered",
    "tls": "tls",
}
_TIMEOUT, _SEND_TIMEOUT = 60_000.0, 10_000.0
_MOST = 16 * MIB
_SOCKET = SocketSettings()
_SNAKE = {camel: snake for snake, camel in KEYS.items()} | {snake: snake for snake in KEYS}


class Params(NamedTuple):
    """Parameters of one connection, valid. Times are milliseconds."""

    headers: list[tuple[str, str]]
    tags: list[tuple[str, str]]
    jar: Any
    close_timeout: float
    send_timeout: float
    core: _core.WebSocketSettings


def read(given: Mapping[str, Any], api: Api) -> Params:
    """Check ``given`` and fill in the defaults.

    Raises:
        UnknownOption: a key that does not exist.
        K6Error: a value that k6 refuses, in its words.
        TypeError: a value of the wrong type.
        InvalidParameter: a value out of range, or a file that cannot be read.
    """
    return _read(given, api) if given else _defaults(api)


@cache
def _defaults(api: Api) -> Params:
    return _read({}, api)


def _read(given: Mapping[str, Any], api: Api) -> Params:
    params: dict[str, Any] = {}
    for key, value in given.items():
        snake = _SNAKE.get(key)
        if snake is None:
            raise UnknownOption(api.unknown.format(key), _nearest(key))
        if snake in params:
            message = f"connection parameter {snake!r} is given in both spellings"
            raise TypeError(message)
        params[snake] = value
    compression = read_compression(params, api)
    # `keep_alive` of a WebSocket is its own pings: the socket's option has another name here.
    of_socket = {**params, "keep_alive": params.get("tcp_keep_alive")}
    close_timeout = _milliseconds(params, "close_timeout", api.close_timeout)
    send_timeout = _milliseconds(params, "send_timeout", _SEND_TIMEOUT)
    core = _core.WebSocketSettings(
        {
            "tls": read_tls(params.get("tls"), api).core,
            "socket": read_socket(of_socket, _SOCKET).arguments(),
            "timeout": _milliseconds(params, "timeout", _TIMEOUT),
            "close_timeout": close_timeout,
            "send_timeout": send_timeout,
            "pace": read_pace(params).arguments(),
            "compression": compression.arguments() if compression else None,
            "max_message_size": _size(params, "max_message_size"),
            "max_buffered": _size(params, "max_buffered"),
        }
    )
    return Params(
        headers=offered(params.get("subprotocols"), header_pairs(params.get("headers"))),
        tags=tag_pairs(params.get("tags"), api.tags),
        jar=params.get("jar"),
        close_timeout=close_timeout,
        send_timeout=send_timeout,
        core=core,
    )


def _nearest(key: str) -> str:
    if "protocol" in key.lower() and "proxy" not in key.lower():
        return f"did you mean 'subprotocols'? It is the header {HEADER}"
    return nearest(key, _SNAKE, KEYS)


def _milliseconds(params: dict[str, Any], name: str, default: float) -> float:
    value = params.get(name)
    return default if value is None else milliseconds(value, name)


def _size(params: dict[str, Any], name: str) -> int:
    value = params.get(name)
    return _MOST if value is None else size(value, name)
