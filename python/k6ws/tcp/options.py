"""What ``Socket`` and ``connect`` are given, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from k6ws import _params
from k6ws._params import SocketSettings, TlsSettings, nearest, read_socket, read_tls
from k6ws._socket.surrogates import is_well_formed
from k6ws.errors import TCPError, UnknownOption

_MOST_PORT = 65_535
_UNIX = "unix:"
_API = _params.Api(
    unknown="unknown tcp.Socket option {}",
    tags="invalid tcp.Socket tags: ",
    close_timeout=0.0,
    allows_blank_compression=True,
)
# Our spelling by either one.
_KEYS = {
    "tags": "tags",
    "tls": "tls",
    "timeout": "timeout",
    "resolve_timeout": "resolve_timeout",
    "resolveTimeout": "resolve_timeout",
    "connect_timeout": "connect_timeout",
    "connectTimeout": "connect_timeout",
    "tls_timeout": "tls_timeout",
    "tlsTimeout": "tls_timeout",
    "linger": "linger",
    "recv_buffer": "recv_buffer",
    "recvBuffer": "recv_buffer",
    "send_buffer": "send_buffer",
    "sendBuffer": "send_buffer",
    "proxy": "proxy",
    "proxy_protocol": "proxy_protocol",
    "proxyProtocol": "proxy_protocol",
    "send_timeout": "send_timeout",
    "sendTimeout": "send_timeout",
    "read_buffer_size": "read_buffer_size",
    "readBufferSize": "read_buffer_size",
    "recv_rate": "recv_rate",
    "recvRate": "recv_rate",
    "max_buffered": "max_buffered",
    "maxBuffered": "max_buffered",
    "no_delay": "no_delay",
    "noDelay": "no_delay",
    "keep_alive": "keep_alive",
    "keepAlive": "keep_alive",
    "local_address": "local_address",
    "localAddress": "local_address",
}
_CONNECT_KEYS = {"port": "port", "host": "host", **_KEYS}
NAMES = dict.fromkeys(_KEYS.values())
"""Our spelling of each."""


class Options(NamedTuple):
    """Options of a socket, valid. Times are milliseconds, sizes bytes, rates bytes a second."""

    tags: tuple[tuple[str, str], ...] = ()
    tls: TlsSettings | None = None
    timeout: float = 60_000.0
    send_timeout: float = 10_000.0
    read_buffer_size: int = 4096
    recv_rate: float | None = None
    max_buffered: int = 16 * _params.MIB
    # As in k6, the environment's proxies are for WebSockets.
    socket: SocketSettings = SocketSettings(proxy=_params.DIRECT)


def read(given: Mapping[str, Any] | None, base: Options, *, connects: bool) -> Options:
    """The options in ``given`` over those in ``base``; of ``connect`` or of the constructor.

    Raises:
        UnknownOption: A key that does not exist.
        K6Error: A tag that k6 refuses.
        TypeError: A value of the wrong type, or an option in both spellings.
        InvalidParameter: A value out of range.
    """
    if not given:
        return base
    names = _CONNECT_KEYS if connects else _KEYS
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for key, value in given.items():
        name = names.get(key)
        if name is None:
            raise UnknownOption(_API.unknown.format(key), nearest(str(key), names, names))
        if name in seen:
            message = f"option {name!r} is given in both spellings"
            raise TypeError(message)
        seen.add(name)
        if (value is not None or name == "proxy") and name not in {"port", "host"}:
            found[name] = value
    read_ = {name: read(found[name], name) for name, read in _READERS.items() if name in found}
    read_["socket"] = read_socket(found, base.socket)
    if "tags" in read_:
        read_["tags"] = (*base.tags, *read_["tags"])
    return base._replace(**read_)


def merged(options: Any, keywords: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options that are given as a mapping, by name, or both ways."""
    if options is None:
        return keywords
    if not isinstance(options, Mapping):
        message = f"options are a mapping, not {options!r}"
        raise TypeError(message)
    twice = options.keys() & keywords.keys()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if twice:
        message = f"got {', '.join(sorted(map(str, twice)))} twice"  # pyright: ignore[reportUnknownArgumentType]
        raise TypeError(message)
    return {**options, **keywords}


def idle_time(ms: Any) -> float:
    """Milliseconds of ``set_timeout``, as JavaScript takes them or as a duration; 0 is off."""
    if ms is None or isinstance(ms, bool):
        return 0.0
    if isinstance(ms, (int, float)):
        whole = 0 if ms != ms else int(min(ms, 1e12))  # noqa: PLR0124 - NaN
        return float(max(whole, 0))
    return _params.milliseconds(ms, "set_timeout")


def tls(value: object, _name: str = "tls") -> TlsSettings | None:
    """TLS as ``True``, ``False`` or a mapping says it."""
    if isinstance(value, bool):
        return TlsSettings() if value else None
    if not isinstance(value, Mapping):
        message = f"tls is True, False or a mapping, not {value!r}"
        raise TypeError(message)
    return read_tls(value, _API)  # pyright: ignore[reportUnknownArgumentType]


def target(port: object, host: object) -> tuple[int, str]:
    """The port and host to dial; of ``unix:/path`` or ``unix:@name``, in place of either, 0 and the path.

    Raises:
        TCPError: The port is none.
    """
    for value in (port, host):
        if isinstance(value, str) and value.startswith(_UNIX):
            path = value.removeprefix(_UNIX)
            if not path.startswith(("/", "@")) or path == "@":
                hint = "unix:/path/of/the.sock, or unix:@name of an abstract socket"
                raise TCPError("connect", f"invalid path {path!r}", hint)
            return 0, path
    if isinstance(host, str) and host.startswith(("/", "@")):
        raise TCPError("connect", f"lookup {host}: no such host", f"did you mean 'unix:{host}'?")
    if isinstance(port, bool) or not isinstance(port, (int, str)):
        raise TCPError("connect", "invalid type: expected integer or object")
    try:
        number = int(port)
    except ValueError:
        raise TCPError("connect", f"invalid port {port!r}", "a number from 1 to 65535") from None
    if not 0 <= number <= _MOST_PORT:
        raise TCPError("connect", f"invalid port {number}", "a number from 1 to 65535")
    name = "localhost" if host is None else str(host)
    if not is_well_formed(name):
        hint = "it holds half of a surrogate pair, which is no text"
        raise TCPError("connect", f"lookup {name!a}: no such host", hint)
    return number, name


def _tags(value: object, _name: str) -> tuple[tuple[str, str], ...]:
    return tuple(_params.tag_pairs(value, _API.tags))


_READERS: dict[str, Any] = {
    "tags": _tags,
    "tls": tls,
    "timeout": _params.milliseconds,
    "send_timeout": _params.milliseconds,
    "read_buffer_size": _params.size,
    "recv_rate": _params.recv_rate,
    "max_buffered": _params.size,
}
