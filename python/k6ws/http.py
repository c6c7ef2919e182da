"""The cookies of ``k6/http``: what a WebSocket handshake sends and stores. k6ws tests no HTTP otherwise.

For example::

    from k6ws import http, ws

    jar = http.CookieJar()
    jar.set("http://localhost:8080/", "session", "abc")
    ws.connect("ws://localhost:8080/", {"jar": jar}, session)
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from http.cookiejar import Cookie, DefaultCookiePolicy
from http.cookiejar import CookieJar as _Store
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import Request

from k6ws._loop import current
from k6ws.errors import K6Error

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
        """
        given = dict(options or {})
        parts = urlsplit(url)
        domain = str(given.get("domain") or _cookie_host(parts.hostname or ""))
        expires: float | None = None
        if given.get("expires"):
            expires = parsedate_to_datetime(str(given["expires"])).timestamp()
        if given.get("max_age"):
            expires = time.time() + float(given["max_age"])
        cookie = Cookie(
            version=0,
            name=name,
            value=str(value),
            port=None,
            port_specified=False,
            domain=domain,
            domain_specified=bool(given.get("domain")),
            domain_initial_dot=domain.startswith("."),
            path=str(given.get("path") or "/"),
            path_specified=True,
            secure=bool(given.get("secure")),
            expires=None if expires is None else int(expires),
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
        """Forget one cookie of ``url``.

        Raises:
            K6Error: ``name`` is empty.
        """
        if not name:
            message = "cookie: is null"
            raise K6Error(message)
        host = _cookie_host(urlsplit(url).hostname or "")
        for cookie in list(self._store):
            if cookie.name == name and host.endswith(cookie.domain.lstrip(".")):
                self._store.clear(cookie.domain, cookie.path, cookie.name)

    def header_for(self, url: str) -> str:
        """The value of the ``Cookie`` header for ``url``; empty when no cookie matches."""
        request = Request(url)  # noqa: S310 - nothing is opened
        self._store.add_cookie_header(request)
        return request.get_header("Cookie") or ""

    def store_from(self, url: str, set_cookie: str) -> None:
        """Take over the ``Set-Cookie`` values of an answer from ``url``."""
        headers = Message()
        headers["Set-Cookie"] = set_cookie
        request = Request(url)  # noqa: S310 - nothing is opened
        self._store.extract_cookies(cast("Any", _Answer(headers)), request)

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


def _cookie_host(host: str) -> str:
    """A host as ``http.cookiejar`` knows it: a bare name is local."""
    return host if "." in host or ":" in host else f"{host}.local"


def cookie_jar() -> CookieJar:
    """The jar of the current VU; k6's ``http.cookieJar()``."""
    vu = current()
    if vu.cookie_jar is None:
        vu.cookie_jar = CookieJar()
    return cast("CookieJar", vu.cookie_jar)


cookieJar = cookie_jar  # noqa: N816 - k6's spelling
