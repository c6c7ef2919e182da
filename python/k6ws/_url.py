"""A WebSocket URL, taken apart by the standard library and checked."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

MALFORMED = "malformed ws or wss URL"
_UNIX = "ws+unix:"


class Target(NamedTuple):
    """Where a URL leads."""

    is_tls: bool
    host: str
    """Name or address; of a unix socket its path, which begins with a slash."""
    port: int
    path: str
    """Path and query as they go on the wire."""
    host_header: str


@lru_cache(maxsize=1024)
def parse(url: str) -> Target:
    """Take ``url`` apart.

    Raises:
        ValueError: not a ``ws``, ``wss`` or ``ws+unix`` URL, or one with user information (RFC 6455
            section 3 has none, and it would end up in logs).
    """
    if any(ord(c) <= 0x20 or ord(c) == 0x7F for c in url):  # noqa: PLR2004 - space and DEL
        raise ValueError(MALFORMED)
    if url.startswith(_UNIX):
        return _parse_unix(url)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(MALFORMED) from None
    if parts.scheme not in {"ws", "wss"} or not host or "@" in parts.netloc:
        raise ValueError(MALFORMED)
    is_tls = parts.scheme == "wss"
    name = _wire_host(host)
    shown = f"[{name}]" if ":" in name else name
    return Target(
        is_tls=is_tls,
        host=name,
        port=port if port is not None else (443 if is_tls else 80),
        path=_request_path(parts.path or "/", parts.query),
        host_header=shown if port is None else f"{shown}:{port}",
    )


def _parse_unix(url: str) -> Target:
    """``ws+unix:/path/of/socket:/path/of/request?query``, with or without ``//`` before the first path."""
    rest = url.removeprefix(_UNIX)
    rest = rest[2:] if rest.startswith("///") else rest
    path, _, request = rest.partition(":")
    if not path.startswith("/") or path.startswith("//") or "?" in path or "#" in rest:
        raise ValueError(MALFORMED)
    request, _, query = request.partition("?")
    return Target(
        is_tls=False,
        host=unquote(path),
        port=0,
        path=_request_path(request or "/", query),
        host_header="localhost",
    )


def _request_path(path: str, query: str) -> str:
    path = quote(path if path.startswith("/") else f"/{path}", safe="/%:@!$&'()*+,;=~-._")
    if query:
        path += "?" + quote(query, safe="/%:@!$&'()*+,;=~-._?[]{}|\\^`\"<>")
    return path


def http_url(url: str) -> str:
    """The URL whose cookies a handshake carries: ws is http, wss is https, a unix socket is localhost."""
    if url.startswith(_UNIX):
        return "http://localhost" + _parse_unix(url).path
    return "http" + url[2:]


def _wire_host(host: str) -> str:
    """A host as it is dialled: an address as it is, a name in ASCII."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return host
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise ValueError(MALFORMED) from None
