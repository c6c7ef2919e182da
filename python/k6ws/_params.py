"""Connection parameters: the same keys for every socket API, in both spellings, checked once.

The table is :data:`KEYS`; the values' meaning is in the documentation of ``ws.connect``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from k6ws import _core
from k6ws.errors import InvalidParameter, K6Error, UnknownOption

KEYS = {
    "headers": "headers",
    "tags": "tags",
    "jar": "jar",
    "compression": "compression",
    "timeout": "timeout",
    "close_timeout": "closeTimeout",
    "send_timeout": "sendTimeout",
    "max_message_size": "maxMessageSize",
    "max_buffered": "maxBuffered",
    "tls": "tls",
}
_SNAKE = {camel: snake for snake, camel in KEYS.items()} | {snake: snake for snake in KEYS}
_TLS_KEYS = {
    "ca": "ca",
    "insecure_skip_tls_verify": "insecure_skip_tls_verify",
    "insecureSkipTLSVerify": "insecure_skip_tls_verify",
    "server_name": "server_name",
    "serverName": "server_name",
}

MIB = 1 << 20


class Params(NamedTuple):
    """Parameters of one connection, valid. Times are milliseconds, sizes bytes."""

    headers: list[tuple[str, str]]
    tags: list[tuple[str, str]]
    jar: Any
    timeout: float
    close_timeout: float
    send_timeout: float
    max_message_size: int
    max_buffered: int
    ca_pem: str | None
    insecure_skip_tls_verify: bool | None
    server_name: str | None


class Api(NamedTuple):
    """What one API has of its own: how it words errors, and what it does otherwise than the others."""

    unknown: str
    tags: str
    close_timeout: float
    allows_blank_compression: bool


def read(given: Mapping[str, Any], api: Api) -> Params:
    """Check ``given`` and fill in the defaults.

    Raises:
        UnknownOption: a key that does not exist.
        K6Error: a value that k6 refuses, in its words.
        TypeError: a value of the wrong type.
        InvalidParameter: a value out of range, or a file that cannot be read.
    """
    if not given:
        return _defaults(api)
    params: dict[str, Any] = {}
    for key, value in given.items():
        snake = _SNAKE.get(key)
        if snake is None:
            raise UnknownOption(api.unknown.format(key), _nearest(key, _SNAKE))
        if snake in params:
            message = f"connection parameter {snake!r} is given in both spellings"
            raise TypeError(message)
        params[snake] = value
    _check_compression(params, api)
    ca, insecure, server_name = tls_settings(params.get("tls"), api)
    return Params(
        headers=_headers(params.get("headers")),
        tags=tag_pairs(params.get("tags"), api.tags),
        jar=params.get("jar"),
        timeout=_milliseconds(params, "timeout"),
        close_timeout=_milliseconds(params, "close_timeout", api.close_timeout),
        send_timeout=_milliseconds(params, "send_timeout"),
        max_message_size=_size(params, "max_message_size"),
        max_buffered=_size(params, "max_buffered"),
        ca_pem=ca,
        insecure_skip_tls_verify=insecure,
        server_name=server_name,
    )


_DEFAULTS = Params(
    headers=[],
    tags=[],
    jar=None,
    timeout=60_000.0,
    close_timeout=1_000.0,
    send_timeout=10_000.0,
    max_message_size=16 * MIB,
    max_buffered=16 * MIB,
    ca_pem=None,
    insecure_skip_tls_verify=None,
    server_name=None,
)


@cache
def _defaults(api: Api) -> Params:
    return _DEFAULTS._replace(close_timeout=api.close_timeout)


def milliseconds(value: object, name: str) -> float:
    """A duration as k6 takes it: ``"1.5s"``, a ``timedelta``, or a number of milliseconds."""
    if isinstance(value, timedelta):
        ms = value.total_seconds() * 1000.0
    elif isinstance(value, str):
        try:
            ms = _core.parse_duration(value)
        except ValueError as error:
            message = f"{name}: {error}"
            raise InvalidParameter(message) from None
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        ms = float(value)
    else:
        message = f"{name} takes a duration such as '1.5s' or milliseconds, not {value!r}"
        raise TypeError(message)
    if not 0.0 <= ms < 1e12:  # noqa: PLR2004 - some thirty years
        message = f"{name} of {value!r} is out of range"
        raise InvalidParameter(message)
    return ms


def tag_pairs(tags: object, prefix: str) -> list[tuple[str, str]]:
    """Tags of a script as text pairs.

    Raises:
        K6Error: a value that is neither text, a number nor a boolean, in k6's words behind ``prefix``.
    """
    if tags is None:
        return []
    if not isinstance(tags, Mapping):
        message = f"tags are a mapping of names to values, not {tags!r}"
        raise TypeError(message)
    pairs: list[tuple[str, str]] = []
    for key, value in tags.items():  # pyright: ignore[reportUnknownVariableType]
        pairs.append((str(key), _tag_text(key, value, prefix)))  # pyright: ignore[reportUnknownArgumentType]
    return pairs


def _tag_text(key: object, value: object, prefix: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(int(value)) if value == value // 1 else str(value)
    message = (
        f"{prefix}invalid value for metric tag '{key}': "
        "only String, Boolean and Number types are accepted as a metric tag values"
    )
    raise K6Error(message)


def _headers(headers: object) -> list[tuple[str, str]]:
    if headers is None:
        return []
    if isinstance(headers, Mapping):
        items: Sequence[Any] = list(headers.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    elif isinstance(headers, Sequence) and not isinstance(headers, str):
        items = headers  # pyright: ignore[reportUnknownVariableType]
    else:
        message = f"headers are a mapping or a list of pairs, not {headers!r}"
        raise TypeError(message)
    pairs = [(str(name), str(value)) for name, value in items]
    for name, value in pairs:
        try:
            (name + value).encode()
        except UnicodeEncodeError:
            message = f"invalid header {name!a}: it holds a lone surrogate, which is no text"
            raise InvalidParameter(message) from None
    return pairs


def _check_compression(params: dict[str, Any], api: Api) -> None:
    if "compression" not in params:
        return
    value = params["compression"]
    algorithm = "null" if value is None else str(value).strip()
    if algorithm == "deflate":
        raise K6Error(
            "compression 'deflate' is not available yet",
            "leave `compression` out: the server then sends uncompressed messages",
        )
    if algorithm or not api.allows_blank_compression:
        message = (
            f"unsupported compression algorithm '{algorithm}', supported algorithm is 'deflate'"
        )
        raise K6Error(message)


def tls_settings(tls: object, api: Api) -> tuple[str | None, bool | None, str | None]:
    """CA as PEM text, whether verification is off, and the name to verify, out of the `tls` mapping."""
    if tls is None:
        return None, None, None
    if not isinstance(tls, Mapping):
        message = f"tls is a mapping, not {tls!r}"
        raise TypeError(message)
    found: dict[str, Any] = {}
    for key, value in tls.items():  # pyright: ignore[reportUnknownVariableType]
        name = _TLS_KEYS.get(str(key))  # pyright: ignore[reportUnknownArgumentType]
        if name is None:
            raise UnknownOption(api.unknown.format(f"tls.{key}"), _nearest(str(key), _TLS_KEYS))  # pyright: ignore[reportUnknownArgumentType]
        found[name] = value
    insecure = found.get("insecure_skip_tls_verify")
    if insecure is not None and not isinstance(insecure, bool):
        message = f"tls.insecure_skip_tls_verify is True or False, not {insecure!r}"
        raise TypeError(message)
    return _pem(found.get("ca")), insecure, found.get("server_name")


def _pem(ca: object) -> str | None:
    """PEM text from PEM text, a path, or a list of either."""
    if ca is None:
        return None
    if isinstance(ca, (list, tuple)):
        parts: list[object] = list(ca)  # pyright: ignore[reportUnknownArgumentType]
        return "\n".join(filter(None, map(_pem, parts)))
    if isinstance(ca, bytes):
        return ca.decode("ascii", "replace")
    text = str(ca)
    if "-----BEGIN" in text:
        _check_pem(text)
        return text
    try:
        pem = Path(text).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        message = f"tls.ca: cannot read {text!r}: {error}"
        raise InvalidParameter(message) from error
    _check_pem(pem)
    return pem


def _check_pem(pem: str) -> None:
    try:
        _core.check_ca(pem)
    except ValueError as error:
        message = f"tls.ca: {error}"
        raise InvalidParameter(message) from None


def _milliseconds(params: dict[str, Any], name: str, default: float | None = None) -> float:
    value = params.get(name)
    if value is None:
        usual: float = getattr(_DEFAULTS, name)
        return usual if default is None else default
    return milliseconds(value, name)


def _size(params: dict[str, Any], name: str) -> int:
    value = params.get(name)
    if value is None:
        default: int = getattr(_DEFAULTS, name)
        return default
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{name} takes a number of bytes, not {value!r}"
        raise TypeError(message)
    if not 0 < value < 1 << 40:
        message = f"{name} of {value} bytes is out of range"
        raise InvalidParameter(message)
    return value


def _nearest(key: str, names: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(key, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(KEYS)}"
