"""A WebSocket URL, taken apart by the standard library and checked."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

MALFORMED = "malformed ws or wss URL"
_UNIX = "ws+unix:"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_USE = "use ws://host:port/path"


class MalformedError(ValueError):
    """What is no URL of a WebSocket: always the same text, as in k6, and a hint that says why."""

    def __init__(self, hint: str) -> None:
        super().__init__(MALFORMED)
        self.hint = hint


class Endpoint(NamedTuple):
    """Where a URL leads."""

    is_tls: bool
    host: str
    """Name or address, of IPv6 with its zone if it has one; of a unix socket its path, which begins with a
    slash, or its abstract name, which begins with ``@``."""
    port: int
    path: str
    """Path and query as they go on the wire."""
    host_header: str


@lru_cache(maxsize=1024)
def parse(url: str) -> Endpoint:
    """Take ``url`` apart. Spaces around it are no part of it.

    Those in path and query are quoted, as all is that may not stand there.

    Raises:
        MalformedError: not a ``ws``, ``wss`` or ``ws+unix`` URL, or one with user information (RFC 6455
            section 3 has none, and it would end up in logs).
    """
    if _CONTROLS.search(url):
        raise MalformedError("it has a line break or another control character in it")
    try:
        return _parse_unix(url) if url.startswith(_UNIX) else _parse(url)
    except UnicodeEncodeError:
        raise MalformedError("it has half a character in it (a lone surrogate)") from None


def _parse(url: str) -> Endpoint:
    authority = re.match(r"[^/?#]*//([^/?#]*)", url)
    if authority and "@" in authority[1]:
        # First of all: nothing of it is repeated by what follows.
        raise MalformedError(
            'user and password have no place in it: give headers={"Authorization": "Basic …"}'
        )
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise MalformedError(f"{error}: {_USE}") from None
    if parts.scheme not in {"ws", "wss"}:
        what = f"its scheme is {parts.scheme!r}" if parts.scheme else "it has no scheme"
        raise MalformedError(f"{what}: {_USE} or wss://…")
    if parts.netloc.count(":") > 1 and "[" not in parts.netloc:
        raise MalformedError("an address of IPv6 stands in brackets: ws://[::1]:80/")
    try:
        port = parts.port
    except ValueError:
        given = parts.netloc.rpartition(":")[2]
        raise MalformedError(f"the port {given!r} is no number from 0 to 65535") from None
    if not host:
        raise MalformedError(f"it has no host: {_USE}")
    if " " in host:
        raise MalformedError("there is a space in its host")
    is_tls = parts.scheme == "wss"
    name = _wire_host(host)
    bare = name.partition("%")[0]
    shown = f"[{bare}]" if ":" in bare else name
    return Endpoint(
        is_tls=is_tls,
        host=name,
        port=port if port is not None else (443 if is_tls else 80),
        path=_request_path(parts.path or "/", parts.query),
        host_header=shown if port is None else f"{shown}:{port}",
    )


def _parse_unix(url: str) -> Endpoint:
    """``ws+unix:/path/of/socket:/path/of/request?query``, with or without ``//`` before the first path.

    In place of the path ``@name`` is that of an abstract socket.
    """
    rest = url.removeprefix(_UNIX)
    rest = rest[2:] if rest.startswith(("///", "//@")) else rest
    path, _, request = rest.partition(":")
    is_place = path.startswith("/") or (path.startswith("@") and path != "@")
    if not is_place or path.startswith("//") or "?" in path or "#" in rest:
        raise MalformedError(
            "use ws+unix:/path/of/the.sock:/path/of/the/request or ws+unix:@name:/…"
        )
    request, _, query = request.partition("?")
    return Endpoint(
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
    address, _, zone = host.partition("%")
    if ":" in address and zone:
        # RFC 6874 quotes the `%` before the zone; what people copy from `ip addr` does not.
        host = f"{address}%{unquote(zone.removeprefix('25') or zone)}"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return host
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise MalformedError(f"its host {host!r} is no name that DNS can have") from None
