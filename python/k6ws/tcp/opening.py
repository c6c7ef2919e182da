"""``tcp.open`` and ``tcp.aopen``: from a host and a port to a session that is spoken on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

from k6ws import _core, _params
from k6ws._conversation import AsyncSession as _AsyncSession
from k6ws._conversation import Begun, Endpoints, Opening, TcpSource, Wait
from k6ws._conversation import Session as _Session
from k6ws._conversation import parameters as _parameters
from k6ws._conversation.attempt import Attempt
from k6ws._conversation.face import Face
from k6ws._loop import Vu, check_opened, current, synchronise
from k6ws._params import part_of
from k6ws._socket.messages import messages_of
from k6ws.errors import ConnectFailed, InitContextError, TCPError
from k6ws.tcp import options as _options

if TYPE_CHECKING:
    from k6ws._conversation import TcpSessionKeywords
    from k6ws._params.keywords import TcpKeywords, Tls

_API = _params.Api("unknown tcp.open() parameter {}", "invalid tcp.open() tags: ", call="tcp.open")
_PARAMETERS = _params.Parameters(_params.TCP, _API, besides=_parameters.TCP_NAMES)
_NAMES = (*_params.TCP, *_parameters.TCP_NAMES)


@part_of("Session")
class _OfTcp(Face[TcpSource]):
    """What both spellings have of a TCP connection."""

    __slots__ = ("_dial_timeout", "_target")

    def __init__(self, source: TcpSource, target: tuple[str, int], timeout: float) -> None:
        super().__init__(source)
        self._target = target
        self._dial_timeout = timeout

    @property
    def endpoints(self) -> Endpoints:
        """Both ends: ``local_ip``, ``local_port``, ``remote_ip``, ``remote_port``; kept when it is closed."""
        ends = self._source.endpoints
        return Endpoints("", 0, "", 0) if ends is None else ends

    def end(self) -> None:
        """End our side behind everything sent (FIN): what the peer says still comes."""
        self._source.vu.check_alive()
        self._source.end()

    def set_framing(self, framing: _core.Framing) -> None:
        """Cut what comes from here on by another framing, and send by it: between two messages of a protocol.

        Args:
            framing: What :mod:`k6ws.framing` makes. PostgreSQL, asked for TLS, answers with one byte: that is
                ``fixed(1)``; then messages with a length follow.

        Raises:
            FramingError: The session has no framing to change, or a part of a message has come.
            TypeError: ``framing`` is none.

        Example:
            >>> session.set_framing(length_prefix(4, offset=1, inclusive=True))   # doctest: +SKIP
        """
        wanted = _params.read_framing(framing)
        self._source.vu.check_alive()
        self._source.set_framing(wanted)

    def _begin_tls(self, tls: Mapping[str, Any] | None, keywords: Mapping[str, Any]) -> Wait:
        self._source.vu.check_alive()
        given = _params.merged(tls, keywords, _API)
        settings = _params.read_tls(given, "tls", _API)
        host, port = self._target
        return self._source.start_tls(settings.core, host, port, self._dial_timeout)


class Session(_OfTcp, _Session[TcpSource]):
    """A TCP connection that blocking code speaks on; made by :func:`open`. See :class:`k6ws.Session`."""

    __slots__ = ()

    def start_tls(self, tls: Tls | None = None, **keywords: Unpack[Tls]) -> None:
        """Begin TLS on the open connection, behind everything sent, and wait for it: STARTTLS.

        Args:
            tls: As for :meth:`k6ws.tcp.Socket.connect`: ``ca``, ``server_name`` and so on.
            **keywords: The keys of ``tls`` by name.

        Raises:
            TCPError: TLS could not begin, which closes the session; or something lies in the inbox that came
                before it, and must not pass for something that came behind it.

        Example:
            >>> session.start_tls(ca="ca.pem", server_name="mail.test")      # doctest: +SKIP
        """
        self._check_may_block("start_tls()")
        wait = self._begin_tls(tls, keywords)
        wait.block()
        self._source.check_tls()


class AsyncSession(_OfTcp, _AsyncSession[TcpSource]):
    """A TCP connection that coroutines speak on; made by :func:`aopen`. See :class:`k6ws.AsyncSession`."""

    __slots__ = ()

    def start_tls(self, tls: Tls | None = None, **keywords: Unpack[Tls]) -> Begun[None]:
        """Begin TLS on the open connection; awaited it waits for it: see :meth:`Session.start_tls`."""
        wait = self._begin_tls(tls, keywords)
        source = self._source

        async def started() -> None:
            await wait.arrival()
            source.check_tls()

        return Begun(started, lambda: wait.is_over)


@_params.named(_NAMES)
def open(  # noqa: A001 - the word for it
    host: str,
    port: int | str = 0,
    params: TcpSessionKeywords | TcpKeywords | None = None,
    **keywords: Unpack[TcpSessionKeywords],
) -> Session:
    """Connect and return the session, to be spoken on: send, ``recv``, ``expect``, iterate, close.

    Blocks this VU only. Use it in a ``with`` block, or close the session; an iteration waits for one that is
    left open.

    Args:
        host: Name or address; or ``unix:/path`` (``unix:@name``) of a unix socket, without a port.
        port: The port.
        params: The options of :meth:`k6ws.tcp.Socket.connect`, and:

            * ``recv_timeout``: how long ``recv`` and ``expect`` wait unless they say otherwise: ``"5s"``, a
              ``timedelta``, or ``None`` for as long as it takes; default 10 s.
            * ``keep``: ``True`` gives the session to its VU, as :meth:`k6ws.Session.keep` does.
            * ``correlate``: what replies to requests are known by: ``by(…)`` or ``in_order(…)`` of
              :mod:`k6ws.correlate`.
            * ``on_open``: called with the session each time that it has a connection, before anybody else may
              speak on it: to log in. In ``aopen`` it may be a coroutine function.
            * ``reconnect``: a :class:`k6ws.Backoff`: the session comes back by itself where its connection
              ends as that says. What was sent and not answered has failed (``closed``); what is sent
              meanwhile waits; rules, handlers and the inbox stay; default none.
            * ``close_timeout``: how long the peer may take to end its side behind ours; default 1 s.
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
        >>> with tcp.open("127.0.0.1", 9000) as session:       # doctest: +SKIP
        ...     session.send("PING")
        ...     print(session.recv())
    """
    vu = current()
    vu.check_may_block("tcp.open()", "async with tcp.aopen(…) as session")
    attempt = _Attempt(vu, "tcp.open()", host, port, _params.merged(params, keywords, _API))
    return attempt.open(lambda: Session(attempt.source, attempt.target, attempt.timeout))


@_params.named(_NAMES)
def aopen(
    host: str,
    port: int | str = 0,
    params: TcpSessionKeywords | TcpKeywords | None = None,
    **keywords: Unpack[TcpSessionKeywords],
) -> Opening[AsyncSession]:
    """Connect for coroutines: :func:`open` in `async def` VU functions and programs with asyncio.

    Args:
        host: As for :func:`open`.
        port: As for :func:`open`.
        params: As for :func:`open`.
        **keywords: The same by name.

    Returns:
        Something to use in ``async with``, which closes the session, or to ``await``. It connects then.

    Example:
        >>> async def default():
        ...     async with tcp.aopen("127.0.0.1", 9000) as session:   # doctest: +SKIP
        ...         await session.send("PING")
        ...         print(await session.recv())
    """
    current().check_alive()
    return Opening(_aopened(host, port, _params.merged(params, keywords, _API)))


async def _aopened(host: str, port: int | str, given: Mapping[str, Any]) -> AsyncSession:
    vu = current()
    vu.check_alive()
    attempt = _Attempt(vu, "tcp.aopen()", host, port, given)
    return await attempt.aopen(
        lambda: AsyncSession(attempt.source, attempt.target, attempt.timeout)
    )


class _Attempt(Attempt[TcpSource]):
    """One call of ``open``: from its target to a session, or to why there is none."""

    __slots__ = ("_arguments", "_options", "target", "timeout")

    def __init__(
        self, vu: Vu, call: str, host: str, port: int | str, given: Mapping[str, Any]
    ) -> None:
        vu.check_may_begin()
        check_opened(vu, call)
        synchronise(vu)
        if vu.who.is_init:
            message = "using TCP sockets in the init context is not supported"
            raise InitContextError(message, "connect in the function that VUs run")
        self._options = options = _options.read_by(_PARAMETERS, given)
        super().__init__(vu, _parameters.read(given))
        try:
            number, name = _options.target(port, host)
        except TCPError as error:
            if vu.who.run is not None and vu.who.account is not None:
                tags = vu.who.tags.extended([("proto", "TCP"), *options.tags])
                vu.who.run.tcp_error(vu.who.account, tags)
            raise ConnectFailed(error.message, error.hint, url=f"{host}:{port}") from None
        self.target = (name, number)
        self.timeout = options.timeout
        self._arguments = _options.arguments(vu, options, name, number)

    @property
    def address(self) -> str:
        """Whom it dials."""
        name, number = self.target
        return f"{name}:{number}" if number else name

    def made(self) -> TcpSource:
        """A session that has no connection yet."""
        options, own = self._options, self.own
        return TcpSource(
            self.vu,
            own.close_timeout,
            options.send_timeout,
            own.recv_timeout,
            messages_of(options.framing, options.codec),
        )

    def dial(self, conversation: _core.Conversation | None, /) -> _core.TcpConnection:
        """Begin to connect."""
        self._arguments["conversation"] = conversation
        return _core.connect_tcp(self.vu.loop.core, self.source.receive, self._arguments)

    def failure(self, connection: _core.TcpConnection, /) -> ConnectFailed | None:
        """Why there is no session, if there is none."""
        failure = connection.failure()
        if failure is None:
            return None
        text, hint, phase, cause = failure
        return ConnectFailed(text, hint, url=self.address, phase=phase, cause=cause)
