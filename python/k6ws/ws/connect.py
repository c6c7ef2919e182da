"""``ws.connect``: from a URL and a callback to a session and its response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack, overload

from k6ws import _params
from k6ws._loop import Vu, check_opened, current
from k6ws._socket import handshake as _request
from k6ws._socket import url as _url
from k6ws.errors import ConnectError, InitContextError, K6Error
from k6ws.ws.response import Headers, Response, packed
from k6ws.ws.session import Session
from k6ws.ws.socket import Socket

if TYPE_CHECKING:
    from k6ws._params.keywords import Params

Callback: TypeAlias = Callable[[Socket], object]
_API = _params.Api(
    "unknown ws.connect() parameter {}", "invalid ws.connect() metric tags: ", call="ws.connect"
)
_PARAMETERS = _params.WebSocketParameters(_API)
_SWITCHING_PROTOCOLS = 101
_NAMES = ("url", "params", "callback")
_POSITIONAL = (2, 3)


@overload
def connect(url: str, callback: Callback, **keywords: Unpack[Params]) -> Response: ...
@overload
def connect(
    url: str, params: Params | None, callback: Callback, **keywords: Unpack[Params]
) -> Response: ...
@_params.named(_params.WEBSOCKET, _NAMES)
def connect(*arguments: Any, **keywords: Any) -> Response:
    """Open a WebSocket, run its session, and return when it is over. Blocks this VU only.

    Args:
        *arguments: ``url, callback`` or ``url, params, callback``. ``callback`` is called once with the
            :class:`Socket`, after the upgrade and before anything is read. The URL of a
            unix socket is ``ws+unix:/path/of/the.sock:/path/of/the/request``, of an abstract one
            ``ws+unix:@name:/path/of/the/request``.
        **keywords: ``callback`` and any parameter by name, instead of ``params``:

            * ``headers``: mapping of request headers; ``Host`` and ``User-Agent`` replace ours.
            * ``subprotocols``: a name or a list of names to offer (``Sec-WebSocket-Protocol``).
            * ``tags``: added to every sample of this session; ``name`` also replaces the ``url`` tag.
            * ``jar``: a :class:`k6ws.http.CookieJar` instead of the VU's.
            * ``compression``: ``"deflate"`` (RFC 7692, as k6 offers it), or a mapping with any of
              ``server_no_context_takeover``, ``client_no_context_takeover``, ``server_max_window_bits``,
              ``client_max_window_bits``, ``level`` (0-9) and ``threshold`` (smaller messages go as they are).
            * ``timeout``: for resolve, connect, TLS and upgrade together; default 60 s.
            * ``resolve_timeout``, ``connect_timeout``, ``tls_timeout``, ``upgrade_timeout``: for a phase.
            * ``proxy``: ``http://user:password@host:port``, ``socks5://…`` (the name is resolved here) or
              ``socks5h://…`` (by the proxy); ``None`` for none; default: what the environment says.
            * ``proxy_protocol``: ``"v1"`` or ``"v2"``, the header that tells a server who connects.
            * ``local_address``: an address, a range, a network, or a list of them, to connect from.
            * ``no_delay``, ``tcp_keep_alive``, ``linger`` (0 resets), ``recv_buffer``, ``send_buffer``:
              options of the socket.
            * ``close_timeout``: how long the peer may take to answer our Close; default 1 s.
            * ``send_timeout``: how long the peer may read nothing while we write; default 10 s.
            * ``idle_timeout``: silence of the peer that ends the session; default off.
            * ``keep_alive``: our own pings, ``"30s"`` or ``{"interval": "30s", "timeout": "5s"}``; a pong
              that takes longer than ``timeout`` (default: the interval) ends the session; default off.
            * ``recv_rate``: bytes a second that are read at most; default all that come.
            * ``max_message_size``: bytes of a received message; default 16 MiB; more ends with 1009.
            * ``max_buffered``: bytes waiting to be written; default 16 MiB; then ``send`` waits.
            * ``tls``: a mapping of ``ca``, ``cert``, ``key`` (paths or PEM texts), ``password``,
              ``server_name``, ``insecure_skip_tls_verify``, ``min_version``, ``max_version``,
              ``cipher_suites``, ``alpn`` and ``resume``; what is not said is as the options of the run say.

            Times are milliseconds, or text such as ``"1.5s"``. ``None`` stands for the default, save for
            ``proxy``.

    Returns:
        How the connection was made, or why it was not: see :class:`Response`. A failed connection is not
        an exception unless the option ``throw`` is set.

    Raises:
        K6Error: Wrong arguments, in k6's words.
        UnknownOption: A parameter that does not exist.
        ConnectError: The connection was not made, under ``throw``.
        BaseException: What the callback, a handler or a timer raised, unchanged.

    Example:
        >>> from k6ws import ws
        >>> def session(socket):
        ...     socket.on("open", lambda: socket.send("hello"))
        ...     socket.on("message", lambda text: socket.close())
        >>> response = ws.connect("ws://127.0.0.1:8765/", session)   # doctest: +SKIP

    See https://grafana.com/docs/k6/latest/javascript-api/k6-ws/connect/.
    """
    vu = current()
    vu.check_may_block("ws.connect()", "await ws.aconnect(…)")
    url, given, callback = _arguments(arguments, keywords)
    attempt = _Attempt(vu, "ws.connect()", url, given)
    session = attempt.session
    if session is None:
        return attempt.refusal()
    outer = vu.accepts
    context = vu.lend_context()
    try:
        session.opened()
        headers = attempt.headers()
        if headers is None:
            return attempt.refusal()
        url = attempt.url
        # A session may idle for long, and this frame with it: only what its end needs is kept.
        del arguments, keywords, given, attempt
        session.run(callback, Socket(session))
        return Response(url, _SWITCHING_PROTOCOLS, headers)
    finally:
        session.detach()
        vu.accepts = outer
        vu.take_context(context)


@overload
async def aconnect(url: str, callback: Callback, **keywords: Unpack[Params]) -> Response: ...
@overload
async def aconnect(
    url: str, params: Params | None, callback: Callback, **keywords: Unpack[Params]
) -> Response: ...
@_params.named(_params.WEBSOCKET, _NAMES)
async def aconnect(*arguments: Any, **keywords: Any) -> Response:
    """Open a WebSocket, run its session, and return when it is over: :func:`connect` for coroutines.

    For `async def` VU functions and for programs with an asyncio loop. Handlers run on that loop and may be
    coroutine functions. Cancelling it closes the connection with 1001.

    Args:
        *arguments: As for :func:`connect`.
        **keywords: As for :func:`connect`.

    Returns:
        How the connection was made, or why it was not.

    Raises:
        K6Error: As for :func:`connect`; no other exception is added.

    Example:
        >>> async def default():
        ...     response = await ws.aconnect("ws://127.0.0.1:8765/", session)   # doctest: +SKIP
    """
    vu = current()
    vu.check_alive()
    url, given, callback = _arguments(arguments, keywords)
    attempt = _Attempt(vu, "ws.aconnect()", url, given)
    session = attempt.session
    if session is None:
        return attempt.refusal()
    try:
        await session.aopened()
        headers = attempt.headers()
        if headers is None:
            return attempt.refusal()
        url = attempt.url
        # As above.
        del arguments, keywords, given, attempt
        await session.arun(callback, Socket(session))
        return Response(url, _SWITCHING_PROTOCOLS, headers)
    finally:
        session.detach()


class _Attempt:
    """One call of ``connect``: from its URL to a session, or to why there is none."""

    __slots__ = ("_connection", "_handshake", "_refusal", "_vu", "session", "url")

    def __init__(self, vu: Vu, call: str, url: str, given: Mapping[str, Any]) -> None:
        vu.check_may_begin()
        check_opened(vu, call)
        if vu.who.is_init:
            message = "using websockets in the init context is not supported"
            raise InitContextError(message, "connect in the function that VUs run")
        self._vu = vu
        self.url = url = url.strip(" ")
        self.session: Session | None = None
        self._refusal: Response | None = None
        params = _PARAMETERS.read(given)
        try:
            endpoint = _url.parse(url)
        except _url.MalformedError as error:
            _request.count_malformed(vu, url, params)
            self._refusal = _refused(vu, url, str(error), error.hint, cause="url")
            return
        self._handshake = _request.Handshake(vu, url, params)
        self.session = Session(vu, params.close_timeout, params.send_timeout)
        self._connection = self._handshake.begin(endpoint, params, self.session.receive)
        self.session.attach(self._connection)

    def headers(self) -> str | None:
        """Take the answer in: its headers, packed, if there is a session."""
        outcome = self._connection.take_outcome()
        assert outcome is not None, "the handshake has ended"  # noqa: S101
        status, pairs, body, cookies, failure = outcome
        self._handshake.settled(is_refused=failure is not None)
        self._handshake.store_cookies(cookies)
        if failure is None:
            return packed(pairs)
        self._refusal = _refused(
            self._vu, self.url, *failure, status=status, headers=Headers(pairs), body=body
        )
        return None

    def refusal(self) -> Response:
        """What ``connect`` returns where there is no session."""
        assert self._refusal is not None, "asked where there is none"  # noqa: S101
        return self._refusal


def _arguments(
    arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[str, Mapping[str, Any], Callback]:
    """URL, parameters and callback out of the three ways to call ``connect``."""
    callback = keywords.pop("callback", None)
    positional = list(arguments)
    if "url" in keywords:
        positional.insert(0, keywords.pop("url"))
    if "params" in keywords:
        positional.insert(1, keywords.pop("params"))
    if callback is not None:
        positional.append(callback)
    if len(positional) not in _POSITIONAL:
        message = "invalid number of arguments to ws.connect"
        raise K6Error(
            message, "call ws.connect(url, callback) or ws.connect(url, params, callback)"
        )
    callback = positional[-1]
    if not callable(callback):
        message = "last argument to ws.connect must be a function"
        raise K6Error(message)
    params = positional[1] if len(positional) == max(_POSITIONAL) else None
    # What is empty is none, as in k6.
    return str(positional[0]), _params.merged(params or None, keywords, _API), callback


def _refused(  # noqa: PLR0917 - what a refusal consists of, as the core tells it
    vu: Vu,
    url: str,
    text: str,
    hint: str,
    phase: str = "",
    cause: str = "",
    *,
    status: int = 0,
    headers: Headers | None = None,
    body: str = "",
) -> Response:
    """The outcome of a connection that was not made."""
    if vu.who.defaults.throw:
        raise ConnectError(
            text,
            hint,
            url=url,
            phase=phase,
            cause=cause,
            status=status,
            headers=dict(headers or {}),
            body=body,
        )
    # A 101 that we refuse must not pass for a connection in the usual check.
    shown = 0 if status == _SWITCHING_PROTOCOLS else status
    return Response(url, shown, headers or Headers(), body, text, hint, phase, cause)
