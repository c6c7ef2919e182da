"""The cookies of ``k6/http``: what a WebSocket handshake sends and stores. k6ws tests no HTTP otherwise.

For example::

    from k6ws import http, ws

    jar = http.CookieJar()
    jar.set("http://localhost:8080/", "session", "abc")
    ws.connect("ws://localhost:8080/", {"jar": jar}, session)
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterable, Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from http.cookiejar import Cookie, DefaultCookiePolicy
from http.cookiejar import CookieJar as _Store
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import Request

from k6ws._loop import current
from k6ws.errors import InvalidParameter, K6Error

__all__ = ["CookieJar", "cookieJar", "cookie_jar"]


class CookieJar:
    """Cookies by URL, as in k6. Each VU has one, empty at the start of each iteration.

    Storing and matching are the standard library's (RFC 6265 as ``http.cookiejar`` has it).
    """

    def __init__(self) -> None:
        self._store = _Store(DefaultCookiePolicy(rfc2965=False))

    def set(
        self, url: str, name: str, value: str, options: Mapping[str, Any] | None = None
    ) -> bool:
        """Store a cookie for ``url``.

        Args:
            url: An http(s) URL; its host is the cookie's domain unless ``options`` has one.
            name: The cookie's name.
            value: The cookie's value.
            options: ``path``, ``domain``, ``expires`` (RFC 1123 text), ``max_age`` (seconds), ``secure``,
                ``http_only``.

        Returns:
            True.

        Raises:
            InvalidParameter: What no header can carry, such as a line end, or an option that makes no sense;
                nothing is stored.
        """
        if options is not None and not isinstance(options, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"options of a cookie are a mapping, not {options!r}"
            raise InvalidParameter(message)
        name, value = _fit(name, "name"), _fit(value, "value")
        given = dict(options or {})
        named = str(given.get("domain") or "")
        domain = _cookie_host(named) if _is_address(named) else named or _host_of(url)
        expires = _expiry(given)
        cookie = Cookie(
            version=0,
            name=name,
            value=value,
            port=None,
            port_specified=False,
            domain=domain,
            domain_specified=bool(named),
            domain_initial_dot=domain.startswith("."),
            path=str(given.get("path") or "/"),
            path_specified=True,
            secure=bool(given.get("secure")),
            expires=expires,
            discard=expires is None,
            comment=None,
            comment_url=None,
            rest={"HttpOnly": ""} if given.get("http_only") else {},
        )
        self._store.set_cookie(cookie)
        return True

    def cookies_for_url(self, url: str) -> dict[str, list[str]]:
        """The cookies that a request to ``url`` would carry: name to values."""
        found: dict[str, list[str]] = {}
        for pair in filter(None, self.header_for(url).split("; ")):
            name, _, value = pair.partition("=")
            found.setdefault(name, []).append(value)
        return found

    def clear(self, url: str) -> None:
        """Forget every cookie that ``url`` would carry."""
        for name in self.cookies_for_url(url):
            self.delete(url, name)

    def delete(self, url: str, name: str) -> None:
        """Forget one cookie of ``url``: that of its very host, or of a domain that its host is in.

        Raises:
            K6Error: ``name`` is empty.
        """
        if not name:
            message = "cookie: is null"
            raise K6Error(message)
        host = _host_of(url)
        for cookie in list(self._store):
            domain = cookie.domain.lstrip(".")
            if cookie.name == name and f".{host}".endswith(f".{domain}"):
                self._store.clear(cookie.domain, cookie.path, cookie.name)

    def header_for(self, url: str) -> str:
        """The value of the ``Cookie`` header for ``url``; empty when no cookie matches."""
        request = _request(url)
        self._store.add_cookie_header(request)
        return request.get_header("Cookie") or ""

    def store_from(self, url: str, set_cookie: str | Iterable[str]) -> None:
        """Take over the ``Set-Cookie`` values of an answer from ``url``.

        Args:
            url: Where the answer comes from.
            set_cookie: A list with the value of each header; or one text, in which several values may be
                joined by a comma or a line end, as HTTP libraries give them.

        Raises:
            InvalidParameter: Neither text nor a list of texts.

        Example:
            >>> jar = CookieJar()
            >>> jar.store_from("http://localhost/", "sid=1; Path=/, area=private; Path=/")
            >>> jar.header_for("ws://localhost/")
            'sid=1; area=private'
        """
        given: Any = set_cookie
        if isinstance(given, bytes | Mapping) or not isinstance(given, Iterable):
            raise _no_set_cookie(cast("object", given))
        headers = Message()
        for value in _values_of(given) if isinstance(given, str) else cast("Iterable[Any]", given):
            if not isinstance(value, str):
                raise _no_set_cookie(value)
            if _UNFIT.search(value):
                # As browsers do: sent back, it would break every later request.
                continue
            headers["Set-Cookie"] = _without_own_address(value, url)
        self._store.extract_cookies(cast("Any", _Answer(headers)), _request(url))

    def is_empty(self) -> bool:
        """Whether nothing is stored."""
        return len(self._store) == 0

    cookiesForURL = cookies_for_url  # noqa: N815 - k6's spelling


class _Answer:
    """What ``http.cookiejar`` wants to see of a response."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        return self._headers


def _values_of(text: str) -> list[str]:
    """The values in a text that may hold several: a comma parts them where a name and ``=`` follow.

    The comma of ``Expires=Wed, 09 Jun …`` and those between quotes stay.
    """
    values: list[str] = []
    for line in text.splitlines():
        begin = 0
        for found in _QUOTED_OR_COMMA.finditer(line):
            if found[0] == ",":
                values.append(line[begin : found.start()].strip())
                begin = found.end()
        values.append(line[begin:].strip())
    return [value for value in values if value]


def _no_set_cookie(value: object) -> InvalidParameter:
    message = f"Set-Cookie is text or a list of texts, not a {type(value).__name__}"
    return InvalidParameter(message, "give the value of the header, or a list with each value")


def _fit(value: object, what: str) -> str:
    """The name or the value of a cookie as text that a header can carry."""
    text = None if value is None else str(value)
    if text is None or _UNFIT.search(text):
        message = f"invalid {what} of a cookie: {value!a}"
        raise InvalidParameter(message, "text without control characters and lone surrogates")
    return text


def _expiry(options: Mapping[str, Any]) -> int | None:
    """When a cookie ends, in seconds of the epoch."""
    expires: float | None = None
    try:
        if options.get("expires"):
            expires = parsedate_to_datetime(str(options["expires"])).timestamp()
        if options.get("max_age"):
            expires = time.time() + float(options["max_age"])
        return None if expires is None else int(expires)
    except (TypeError, ValueError, OverflowError) as error:
        message = f"invalid end of a cookie: {error}"
        raise InvalidParameter(message, "`expires` is an HTTP date, `max_age` seconds") from None


def _without_own_address(value: str, url: str) -> str:
    """A value without a ``Domain`` that is the very address: ``http.cookiejar`` refuses that of IPv6."""
    host = _host_of(url)
    parts = value.split(";")
    own = [
        part
        for part in parts
        if part.partition("=")[0].strip().lower() != "domain"
        or not _is_address(named := part.partition("=")[2].strip())
        or _cookie_host(named) != host
    ]
    return ";".join(own)


def _request(url: str) -> Request:
    """A request as ``http.cookiejar`` asks it for its host, which it takes from the URL as it is written."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host or "@" in parts.netloc:
        name = _cookie_host(host).removesuffix(".local") if ":" in host else host
        port = "" if parts.port is None else f":{parts.port}"
        url = parts._replace(netloc=name + port).geturl()
    return Request(url)  # noqa: S310 - nothing is opened


def _host_of(url: str) -> str:
    """The host of a URL, as ``http.cookiejar`` knows it."""
    return _cookie_host(urlsplit(url).hostname or "")


def _cookie_host(host: str) -> str:
    """A host as ``http.cookiejar`` knows it: what has no dot is local.

    An IPv6 address is written out, so that each has one spelling, and is in brackets, so that none ends with
    another; its zone belongs to it.
    """
    if _is_address(host):
        address, _, zone = host.strip("[]").partition("%")
        written = ipaddress.IPv6Address(address).exploded
        zone = zone.removeprefix("25").replace(".", "_").lower()
        return f"[{written}%{zone}].local" if zone else f"[{written}].local"
    return host if "." in host else f"{host}.local"


def _is_address(host: str) -> bool:
    """Whether it is an IPv6 address, in brackets or not."""
    return ":" in host and _is_ipv6(host.strip("[]").partition("%")[0])


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_QUOTED_OR_COMMA = re.compile(r'"[^"]*"|,(?=\s*[^\s;,="]+\s*=)')


def cookie_jar() -> CookieJar:
    """The jar of the current VU; k6's ``http.cookieJar()``."""
    vu = current()
    if vu.who.cookie_jar is None:
        vu.who.cookie_jar = CookieJar()
    return cast("CookieJar", vu.who.cookie_jar)


cookieJar = cookie_jar  # noqa: N816 - k6's spelling
