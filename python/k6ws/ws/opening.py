"""``ws.open`` and ``ws.aopen``: from a URL to a session that is spoken on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from k6ws import _core, _params
from k6ws._conversation import (
    AsyncSession as _AsyncSession,
)
from k6ws._conversation import (
    Backoff,
    Opening,
    WebSocketSource,
)
from k6ws._conversation import (
    Session as _Session,
)
from k6ws._conversation import parameters as _parameters
from k6ws._conversation.attempt import Attempt
from k6ws._conversation.face import Face
from k6ws._loop import Vu, check_opened, current
from k6ws._params import part_of
from k6ws._socket import handshake as _request
from k6ws._socket import url as _url
from k6ws._socket.messages import messages_of
from k6ws.errors import ConnectFailed, InitContextError, InvalidParameter
from k6ws.ws.response import Response, packed

if TYPE_CHECKING:
    from k6ws._conversation import SessionKeywords
    from k6ws._params.keywords import Params

__all__ = ["AsyncSession", "Backoff", "Session", "aopen", "open"]

_API = _params.Api(
    "unknown ws.open() parameter {}", "invalid ws.open() metric tags: ", call="ws.open"
)
_PARAMETERS = _params.WebSocketParameters(_API, besides=_parameters.WEBSOCKET_NAMES)
_NAMES = (*_params.WEBSOCKET, *_parameters.WEBSOCKET_NAMES)
_SWITCHING_PROTOCOLS = 101
_USER_INFO = "@"


@part_of("Session")
class _OfWebSocket(Face[WebSocketSource]):
    """What both spellings have of a WebSocket."""

    __slots__ = ("_response",)

    def __init__(self, source: WebSocketSource, response: Response) -> None:
        super().__init__(source)
        self._response = response

    @property
    def response(self) -> Response:
        """The answer to the handshake: its status (101) and headers."""
        return self._response

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server chose, or ``None``."""
        return self._response.headers.get("Sec-Websocket-Protocol")


class Session(_OfWebSocket, _Session[WebSocketSource]):
    """A WebSocket that blocking code speaks on; made by :func:`open`. See :class:`k6ws.Session`."""

    __slots__ = ()


class AsyncSession(_OfWebSocket, _AsyncSession[WebSocketSource]):
    """A WebSocket that coroutines speak on; made by :func:`aopen`. See :class:`k6ws.AsyncSession`."""

    __slots__ = ()


@_params.named(_NAMES)
def open(  # noqa: A001 - the word for it
    url: str, params: SessionKeywords | Params | None = None, **keywords: Unpack[SessionKeywords]
) -> Session:
    """Open a WebSocket and return its session, to be spoken on: send, ``recv``, ``expect``, iterate, close.

    Blocks this VU only. Use it in a ``with`` block, or close the session; an iteration waits for one that is
    left open. What the server says right behind its 101 is the first that ``recv`` gives.

    Args:
        url: ``ws://…``, ``wss://…`` or ``ws+unix:…``.
        params: The parameters of :func:`k6ws.ws.connect`, and:

            * ``recv_timeout``: how long ``recv`` and ``expect`` wait unless they say otherwise: ``"5s"``, a
              ``timedelta``, or ``None`` for as long as it takes; default 10 s.
            * ``keep``: ``True`` gives the session to its VU, as :meth:`k6ws.Session.keep` does.
            * ``framing``: what comes is a stream that :mod:`k6ws.framing` cuts, whatever it comes in:
              for MQTT, STOMP; default none.
            * ``codec``: ``"json"``, or a :class:`k6ws.framing.Codec`: messages are objects; default none.
            * ``correlate``: what replies to requests are known by: ``by(…)`` or ``in_order(…)`` of
              :mod:`k6ws.correlate`.
            * ``on_open``: called with the session each time that it has a connection, before anybody else may
              speak on it: to log in. In ``aopen`` it may be a coroutine function.
            * ``reconnect``: a :class:`k6ws.Backoff`: the session comes back by itself where its connection
              ends as that says. What was sent and not answered has failed (``closed``); what is sent
              meanwhile waits; rules, handlers and the inbox stay; default none.
            * ``auth``: ``(user, password)``, sent as Basic authentication (RFC 7617).
        **keywords: The same by name.

    Returns:
        The session, which is open.

    Raises:
        ConnectFailed: The connection was not made. It is counted, as every other.
        Exception: What ``on_open`` raised; the session is closed.
        UnknownOption: A parameter that does not exist.
        InvalidParameter: One whose value cannot be.
        K6Error: Called where an asyncio loop runs; ``aopen`` is for there.

    Example:
        >>> with ws.open("ws://127.0.0.1:8765/", recv_timeout="2s") as session:   # doctest: +SKIP
        ...     session.send("hello")
        ...     print(session.recv())
    """
    vu = current()
    vu.check_may_block("ws.open()", "async with ws.aopen(…) as session")
    attempt = _Attempt(vu, "ws.open()", url, _params.merged(params, keywords, _API))
    return attempt.open(lambda: Session(attempt.source, attempt.response()))


@_params.named(_NAMES)
def aopen(
    url: str, params: SessionKeywords | Params | None = None, **keywords: Unpack[SessionKeywords]
) -> Opening[AsyncSession]:
    """Open a WebSocket for coroutines: :func:`open` in `async def` VU functions and programs with asyncio.

    Args:
        url: As for :func:`open`.
        params: As for :func:`open`.
        **keywords: The same by name.

    Returns:
        Something to use in ``async with``, which closes the session, or to ``await``. It opens then.

    Raises:
        UnknownOption: As for :func:`open`; what it raises besides comes when this is awaited.

    Example:
        >>> async def default():
        ...     async with ws.aopen("ws://127.0.0.1:8765/") as session:   # doctest: +SKIP
        ...         await session.send("hello")
        ...         print(await session.recv())
    """
    vu = current()
    vu.check_alive()
    return Opening(_aopened(url, _params.merged(params, keywords, _API)))


async def _aopened(url: str, given: Mapping[str, Any]) -> AsyncSession:
    vu = current()
    vu.check_alive()
    attempt = _Attempt(vu, "ws.aopen()", url, given)
    return await attempt.aopen(lambda: AsyncSession(attempt.source, attempt.response()))


class _Attempt(Attempt[WebSocketSource]):
    """One call of ``open``: from its URL to a session, or to why there is none."""

    __slots__ = ("_endpoint", "_handshake", "_params", "_response", "_url")

    def __init__(self, vu: Vu, call: str, url: str, given: Mapping[str, Any]) -> None:
        vu.check_may_begin()
        check_opened(vu, call)
        if vu.who.is_init:
            message = "using websockets in the init context is not supported"
            raise InitContextError(message, "connect in the function that VUs run")
        self._url = url = str(url).strip(" ")
        params = _PARAMETERS.read(given)
        own = _parameters.read(given)
        super().__init__(vu, own)
        if own.authorization:
            _check_one_authorization(url, params.headers)
            header = ("Authorization", own.authorization)
            params = params._replace(headers=[*params.headers, header])
        try:
            self._endpoint = _url.parse(url)
        except _url.MalformedError as error:
            _request.count_malformed(vu, url, params)
            raise ConnectFailed(str(error), error.hint, url=url, cause="url") from None
        self._params = params
        self._handshake = _request.Handshake(vu, url, params)
        self._response: Response | None = None

    @property
    def address(self) -> str:
        """Whom it dials."""
        endpoint = self._endpoint
        return f"{endpoint.host}:{endpoint.port}"

    def made(self) -> WebSocketSource:
        """A session that has no connection yet."""
        params, own = self._params, self.own
        return WebSocketSource(
            self.vu,
            params.close_timeout,
            params.send_timeout,
            own.recv_timeout,
            messages_of(own.framing, own.codec),
        )

    def dial(self, conversation: _core.Conversation | None, /) -> _core.Connection:
        """Begin to connect."""
        return self._handshake.begin(
            self._endpoint,
            self._params,
            self.source.receive,
            framing=self.own.framing,
            conversation=conversation,
        )

    def failure(self, connection: _core.Connection, /) -> ConnectFailed | None:
        """Take the answer in: why there is no session, if there is none."""
        outcome = connection.take_outcome()
        assert outcome is not None, "the handshake has ended"  # noqa: S101
        status, pairs, body, cookies, failure = outcome
        self._handshake.store_cookies(cookies)
        if failure is None:
            self._response = Response(self._url, status, packed(pairs))
            return None
        text, hint, phase, cause = failure
        return ConnectFailed(
            text,
            hint,
            url=self._url,
            phase=phase,
            cause=cause,
            # A 101 that we refuse must not pass for a connection.
            status=0 if status == _SWITCHING_PROTOCOLS else status,
            headers=dict(pairs),
            body=body,
        )

    def taken_up(self, connection: _core.Connection, face: Any, /) -> None:
        """Take in how the handshake of a later connection ended."""
        super().taken_up(connection, face)
        face._response = self.response()  # noqa: SLF001 - of this file

    def response(self) -> Response:
        """The answer to the handshake that has succeeded."""
        assert self._response is not None, "it has"  # noqa: S101
        return self._response


def _check_one_authorization(url: str, headers: Any) -> None:
    if any(name.lower() == "authorization" for name, _ in headers):
        message = "auth and the header Authorization are both given"
        raise InvalidParameter(message, "give one of them")
    if _USER_INFO in url.partition("//")[2].partition("/")[0]:
        message = "auth is given, and there is user information in the URL as well"
        raise InvalidParameter(message, "take it out of the URL")
