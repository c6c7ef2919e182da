"""``ws.connect``: from a URL and a callback to a session and its response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, Unpack, overload

from k6ws import _core, _params, _url
from k6ws._loop import Vu, current
from k6ws.errors import ConnectError, InitContextError, K6Error
from k6ws.ws.response import Headers, Response
from k6ws.ws.socket import Socket

if TYPE_CHECKING:
    from k6ws.http import CookieJar

Callback: TypeAlias = Callable[[Socket], Any]
_NAMES = _params.Names(
    unknown="unknown ws.connect() parameter {}", tags="invalid ws.connect() metric tags: "
)
_SWITCHING_PROTOCOLS = 101
_POSITIONAL = (2, 3)


class Keywords(TypedDict, total=False):
    """Parameters of a connection by name; see :func:`connect`. Times are milliseconds or ``"1.5s"``."""

    headers: Mapping[str, object] | None
    tags: Mapping[str, str | float] | None
    jar: CookieJar | None
    compression: str
    timeout: float | str | timedelta
    close_timeout: float | str | timedelta
    send_timeout: float | str | timedelta
    max_message_size: int
    max_buffered: int
    tls: Mapping[str, object] | None


@overload
def connect(url: str, callback: Callback, /, **keywords: Unpack[Keywords]) -> Response: ...
@overload
def connect(
    url: str, params: Mapping[str, Any] | None, callback: Callback, /, **keywords: Unpack[Keywords]
) -> Response: ...
@overload
def connect(
    url: str,
    params: Mapping[str, Any] | None = None,
    /,
    *,
    callback: Callback,
    **keywords: Unpack[Keywords],
) -> Response: ...
def connect(*arguments: Any, **keywords: Any) -> Response:
    """Open a WebSocket, run its session, and return when it is over. Blocks this VU only.

    Args:
        *arguments: ``url, callback`` or ``url, params, callback``. ``callback`` is called once with the
            :class:`Socket`, after the upgrade and before anything is read.
        **keywords: ``callback`` and any parameter by name, instead of ``params``:

            * ``headers``: mapping of request headers; ``Host`` and ``User-Agent`` replace ours.
            * ``tags``: added to every sample of this session; ``name`` also replaces the ``url`` tag.
            * ``jar``: a :class:`k6ws.http.CookieJar` instead of the VU's.
            * ``timeout``: for resolve, connect, TLS and upgrade together; default 60 s.
            * ``close_timeout``: how long the peer may take to answer our Close; default 1 s.
            * ``send_timeout``: how long the peer may read nothing while we write; default 10 s.
            * ``max_message_size``: bytes of a received message; default 16 MiB; more ends with 1009.
            * ``max_buffered``: bytes waiting to be written; default 16 MiB; then ``send`` waits.
            * ``tls``: ``{"ca": path or PEM, "server_name": …, "insecure_skip_tls_verify": …}``.

            Times are milliseconds, or text such as ``"1.5s"``.

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
    vu.check_alive()
    url, given, callback = _arguments(arguments, keywords)
    if vu.is_init:
        message = "using websockets in the init context is not supported"
        raise InitContextError(message, "connect in the function that VUs run")
    params = _params.read(given, _NAMES)
    try:
        target = _url.parse(url)
    except ValueError as error:
        if vu.run is not None and vu.account is not None:
            vu.run.malformed_url(vu.account, _tags(vu, params), url)
        return _refused(vu, url, str(error), "use ws://host:port/path or wss://…")
    jar = params.jar if _is_jar(params.jar) else vu.cookie_jar
    outer = vu.accepts
    socket = Socket(vu, params.close_timeout, params.send_timeout)
    connection = vu.loop.core.connect(socket.receive, _request(vu, url, target, params, jar))
    socket.attach(connection)
    try:
        socket.await_handshake()
        outcome = connection.outcome()
        assert outcome is not None, "the handshake has ended"  # noqa: S101
        status, pairs, body, cookies, failure = outcome
        for cookie in cookies:
            jar = jar if jar is not None else _vu_jar(vu)
            jar.store_from(_url.http_url(url), cookie)
        headers = Headers(pairs)
        if failure is not None:
            return _refused(vu, url, *failure, status=status, headers=headers, body=body)
        socket.converse(callback)
        return Response(url, status, headers)
    finally:
        socket.detach()
        vu.accepts = outer


def _arguments(
    arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[str, Mapping[str, Any], Callback]:
    """URL, parameters and callback out of the three ways to call ``connect``."""
    callback = keywords.pop("callback", None)
    positional = list(arguments)
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
    given: Mapping[str, Any] = params or {}
    if not isinstance(given, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        message = f"ws.connect takes its parameters as a mapping, not {given!r}"
        raise TypeError(message)
    twice = given.keys() & keywords.keys()
    if twice:
        message = f"ws.connect() got {', '.join(sorted(twice))} twice"
        raise TypeError(message)
    return str(positional[0]), {**given, **keywords} if keywords else given, callback


def _request(
    vu: Vu, url: str, target: _url.Target, params: _params.Params, jar: Any
) -> _core.ConnectArguments:
    headers = params.headers
    if jar is not None and not any(name.lower() == "cookie" for name, _ in headers):
        cookie = jar.header_for(_url.http_url(url))
        if cookie:
            headers = [*headers, ("Cookie", cookie)]
    insecure = params.insecure_skip_tls_verify
    meter = None
    if vu.run is not None and vu.account is not None:
        meter = (vu.run, vu.account, _tags(vu, params), url)
    return {
        "is_tls": target.is_tls,
        "host": target.host,
        "port": target.port,
        "path": target.path,
        "host_header": target.host_header,
        "user_agent": vu.defaults.user_agent,
        "headers": headers,
        "ca_pem": params.ca_pem,
        "insecure_skip_tls_verify": (
            vu.defaults.insecure_skip_tls_verify if insecure is None else insecure
        ),
        "server_name": params.server_name,
        "timeout": params.timeout,
        "close_timeout": params.close_timeout,
        "send_timeout": params.send_timeout,
        "max_message_size": params.max_message_size,
        "max_buffered": params.max_buffered,
        "meter": meter,
    }


def _tags(vu: Vu, params: _params.Params) -> _core.Tags:
    """What the samples of a connection carry."""
    return vu.tags.extended(params.tags) if params.tags else vu.tags


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
    if vu.defaults.throw:
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
    return Response(url, shown, headers or Headers(), body, text, hint)


def _is_jar(value: object) -> bool:
    # Anything else is ignored, as in k6; the class is not imported only to ask.
    return hasattr(value, "header_for")


def _vu_jar(vu: Vu) -> Any:
    from k6ws.http import CookieJar  # noqa: PLC0415 - imported when a server sets the first cookie

    vu.cookie_jar = CookieJar()
    return vu.cookie_jar
