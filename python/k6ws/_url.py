"""A WebSocket URL, taken apart by the standard library and checked."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

MALFORMED = "malformed ws or wss URL"


class Target(NamedTuple):
    """Where a URL leads."""

    is_tls: bool
    host: str
    port: int
    path: str
    """Path and query as they go on the wire."""
    host_header: str


@lru_cache(maxsize=1024)
def parse(url: str) -> Target:
    """Take ``url`` apart.

    Raises:
        ValueError: not a ``ws`` or ``wss`` URL, or one with user information (RFC 6455 section 3 has
            none, and it would end up in logs).
    """
    if any(ord(c) <= 0x20 or ord(c) == 0x7F for c in url):  # noqa: PLR2004 - space and DEL
        raise ValueError(MALFORMED)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(MALFORMED) from None
    if parts.scheme not in {"ws", "wss"} or not host or "@" in parts.netloc:
        raise ValueError(MALFORMED)
    is_tls = parts.scheme == "wss"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]{}|\\^`\"<>")
    name = _wire_host(host)
    shown = f"[{name}]" if ":" in name else name
    return Target(
        is_tls=is_tls,
        host=name,
        port=port if port is not None else (443 if is_tls else 80),
        path=path,
        host_header=shown if port is None else f"{shown}:{port}",
    )


def http_url(url: str) -> str:
    """The URL whose cookies a handshake carries: ws is http, wss is https."""
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
