"""From a URL and parameters to what the core needs to open a WebSocket, and back from its answer.

Shared by every API that opens one. Tags, cookies and defaults come from the VU that asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k6ws import _core, _params
from k6ws._loop import Vu
from k6ws._socket import refusals as _refusals
from k6ws._socket import url as _url
from k6ws._socket.surrogates import well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Handshake:
    """One attempt to open a WebSocket: what is asked, and the cookies that the answer brings."""

    __slots__ = ("_endpoint", "_jar", "_tags", "_url", "_vu")

    def __init__(self, vu: Vu, url: str, params: _params.Params) -> None:
        self._vu = vu
        self._url = url
        # Those of who opens it; a later attempt is made whatever the VU does then.
        self._tags = tags(vu, params)
        self._jar: Any = params.jar if _is_jar(params.jar) else vu.who.cookie_jar

    def begin(
        self,
        endpoint: _url.Endpoint,
        params: _params.Params,
        receive: Callable[[int, Any], None],
        socket: object = None,
        *,
        framing: _core.Framing | None = None,
        conversation: _core.Conversation | None = None,
    ) -> _core.Connection:
        """Dial ``endpoint``, which is the URL taken apart; ``receive`` is told what happens.

        ``socket`` becomes the target of message events, if the API has these; ``framing`` cuts what comes;
        ``conversation`` is what it takes up of a connection that is gone.
        """
        vu = self._vu
        self._endpoint = endpoint
        headers = params.headers
        if params.subprotocols:
            headers = [*headers, ("Sec-WebSocket-Protocol", params.subprotocols)]
        if self._jar is not None and not any(name.lower() == "cookie" for name, _ in headers):
            cookie = self._jar.header_for(_url.http_url(self._url))
            if cookie:
                headers = [*headers, ("Cookie", cookie)]
        meter = None
        if vu.who.run is not None and vu.who.account is not None:
            meter = (vu.who.run, vu.who.account, self._tags, self._url)
        asked: _core.ConnectArguments = {
            "is_tls": endpoint.is_tls,
            "host": endpoint.host,
            "port": endpoint.port,
            "path": endpoint.path,
            "host_header": endpoint.host_header,
            "user_agent": vu.who.defaults.user_agent,
            "headers": headers,
            "settings": params.core,
            "framing": framing,
            "conversation": conversation,
            "meter": meter,
        }
        return _core.connect(vu.loop.core, receive, asked, socket)

    def settled(self, *, is_refused: bool) -> None:
        """Remember whether the target has refused this VU: who hammers one that is down is warned."""
        if is_refused or self._vu.who.refusals:
            address = f"{self._endpoint.host}:{self._endpoint.port}"
            (_refusals.refused if is_refused else _refusals.answered)(self._vu, address)

    def store_cookies(self, cookies: Iterable[str]) -> None:
        """Put each ``Set-Cookie`` of the answer into the jar that was used; of a refusal as well."""
        for cookie in cookies:
            if self._jar is None:
                self._jar = _vu_jar(self._vu)
            self._jar.store_from(_url.http_url(self._url), [cookie])


def tags(vu: Vu, params: _params.Params) -> _core.Tags:
    """What the samples of a connection carry."""
    return vu.who.tags.extended(params.tags) if params.tags else vu.who.tags


def count_malformed(vu: Vu, url: str, params: _params.Params, *, is_named: bool = False) -> None:
    """Count an attempt to connect to something that is no WebSocket URL.

    With ``is_named`` its samples have the tag ``name``, as all of that API do.
    """
    if vu.who.run is not None and vu.who.account is not None:
        vu.who.run.malformed_url(vu.who.account, tags(vu, params), well_formed(url), is_named)


def _is_jar(value: object) -> bool:
    # Anything else is ignored, as in k6; the class is not imported only to ask.
    return hasattr(value, "header_for")


def _vu_jar(vu: Vu) -> Any:
    from k6ws.http import CookieJar  # noqa: PLC0415 - imported when a server sets the first cookie

    vu.who.cookie_jar = CookieJar()
    return vu.who.cookie_jar
