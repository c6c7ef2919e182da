"""What ``Socket`` and ``connect`` are given, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from k6ws import _core, _params
from k6ws._loop import Vu
from k6ws._params import CodecSetting, SocketSettings, TlsSettings
from k6ws._socket.surrogates import is_well_formed
from k6ws.errors import InvalidParameter, TCPError

_MOST_PORT = 65_535
_UNIX = "unix:"
# What looks like one, or like a host with its port: neither is a name.
_URL = re.compile(r"(?P<scheme>[a-z]+://)?(?P<host>\[[^]]*\]|[^/:]+)(?::(?P<port>\d+))?(?:/.*)?")
API = _params.Api("unknown tcp.Socket option {}", "invalid tcp.Socket tags: ")
_WRITE = _params.Api("unknown socket.write option {}", "invalid write tags: ")
_OF_WRITE = {"encoding": "encoding", "tags": "tags"}
_SOCKET = _params.Parameters(_params.TCP, API)
_CONNECT = _params.Parameters(_params.TCP, API, besides=("port", "host"))


class Options(NamedTuple):
    """Options of a socket, valid. Times are milliseconds, sizes bytes, rates bytes a second."""

    tags: tuple[tuple[str, str], ...] = ()
    tls: TlsSettings | None = None
    timeout: float = 60_000.0
    send_timeout: float = 10_000.0
    read_buffer_size: int = 4096
    framing: _core.Framing | None = None
    codec: CodecSetting | None = None
    recv_rate: float | None = None
    max_buffered: int = 16 * _params.MIB
    # As in k6, the environment's proxies are for WebSockets.
    socket: SocketSettings = SocketSettings(proxy=_params.DIRECT)


def read(given: Mapping[str, Any], base: Options, *, connects: bool) -> Options:
    """The options in ``given`` over those in ``base``; of ``connect`` or of the constructor.

    Raises:
        UnknownOption: A key that does not exist.
        K6Error: A tag that k6 refuses.
        TypeError: A value of the wrong type, or an option in both spellings.
        InvalidParameter: A value out of range, or one that needs another option.
    """
    if not given and base.codec is None:
        return base
    found = (_CONNECT if connects else _SOCKET).read(given, base.socket)
    if "tags" in found:
        found["tags"] = (*base.tags, *found["tags"])
    options = _with(base, found)
    if connects:
        _check_framing(options)
    return options


def of_write(
    options: Mapping[str, Any] | None, keywords: Mapping[str, Any]
) -> tuple[str, list[tuple[str, str]]]:
    """The encoding and the tags of one write.

    Raises:
        UnknownOption: A key that does not exist.
        K6Error: A tag that k6 refuses.
        TypeError: What is no mapping, or an option that is given twice.
    """
    if not options and not keywords:
        return "", []
    given = _params.by_our_names(_params.merged(options, keywords, _WRITE), _OF_WRITE, _WRITE)
    return str(given.get("encoding") or ""), _params.tag_pairs(given.get("tags"), _WRITE.tags)


def _with(base: Options, found: dict[str, Any]) -> Options:
    _params.settle(found)
    return base._replace(**found)


def _check_framing(options: Options) -> None:
    if options.codec == "json" and options.framing is None:
        raise InvalidParameter("codec='json' needs a framing over TCP", "framing=lines(), for one")


def read_by(parameters: _params.Parameters, given: Mapping[str, Any]) -> Options:
    """The options in ``given``, of another API; raises as :func:`read`."""
    usual = Options()
    if not given:
        return usual
    options = _with(usual, parameters.read(given, usual.socket))
    _check_framing(options)
    return options


def arguments(vu: Vu, options: Options, host: str, port: int) -> _core.TcpArguments:
    """What the core connects by."""
    tags = vu.who.tags.extended(
        [("proto", "TCP"), *options.tags, ("host", host), ("port", str(port))]
    )
    meter = None
    if vu.who.run is not None and vu.who.account is not None:
        meter = (vu.who.run, vu.who.account, tags)
    return {
        "is_tls": options.tls is not None,
        "host": host,
        "port": port,
        "tls": options.tls.core if options.tls else None,
        "socket": options.socket.arguments(),
        "timeout": options.timeout,
        "send_timeout": options.send_timeout,
        "read_buffer_size": options.read_buffer_size,
        "recv_rate": options.recv_rate,
        "max_buffered": options.max_buffered,
        "framing": options.framing,
        "conversation": None,
        "meter": meter,
    }


def idle_time(ms: Any) -> float:
    """Milliseconds of ``set_timeout``, as JavaScript takes them or as a duration; 0 is off."""
    if ms is None or isinstance(ms, bool):
        return 0.0
    if isinstance(ms, (int, float)):
        whole = 0 if ms != ms else int(min(ms, 1e12))  # noqa: PLR0124 - NaN
        return float(max(whole, 0))
    return _params.milliseconds(ms, "set_timeout")


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
    if isinstance(host, str) and (url := _URL.fullmatch(host)) and (url["scheme"] or url["port"]):
        hint = f"give host and port apart: {url['host'].strip('[]')!r}, {url['port'] or port}"
        raise TCPError("connect", f"lookup {host}: no such host", hint)
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
