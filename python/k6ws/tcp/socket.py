"""The TCP socket that scripts make: connect, write, handlers, properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, Unpack, overload

from k6ws import _core, _params
from k6ws._conversation.asks import Asks
from k6ws._loop import (
    Operation,
    check_opened,
    current,
    follow,
    handed_over,
    synchronise,
    warn,
)
from k6ws._loop.places import here
from k6ws.errors import InitContextError, TCPError
from k6ws.tcp import options as _options
from k6ws.tcp.encoding import encode, framed
from k6ws.tcp.session import Session
from k6ws.tcp.states import DESTROYED, DISCONNECTED, EVENTS, OPEN, OPENING
from k6ws.tcp.tuning import Tuning
from k6ws.tcp.write import Write

if TYPE_CHECKING:
    from k6ws._params.keywords import TcpKeywords, TcpTarget, Time, Tls, WriteKeywords
    from k6ws._socket.handlers import OnMessage, OnPlain, OnTCPError

EventName: TypeAlias = Literal["connect", "data", "close", "error", "timeout"]


_NO_TAGS = _core.Tags()
_MISSING: Any = object()


class Socket(Tuning, Asks):
    """A raw TCP connection, made when :meth:`connect` is called; k6's ``Socket`` of ``k6/x/tcp``.

    Args:
        options: ``tags`` for every sample, and any option of :meth:`connect` as a default.
        **keywords: The same by name.

    Raises:
        UnknownOption: An option that does not exist.
        TypeError: ``options`` is no mapping, or a value is of the wrong type.

    Example:
        >>> socket = Socket(tags={"kind": "probe"})
        >>> socket.ready_state
        'disconnected'

    Every method also works as k6 spells it (``set_timeout`` = ``setTimeout``).
    See https://grafana.com/docs/k6/latest/javascript-api/k6-x-tcp/.
    """

    __slots__ = ("__weakref__", "_session")

    @_params.named(_params.TCP)
    def __init__(self, options: TcpKeywords | None = None, **keywords: Unpack[TcpKeywords]) -> None:
        vu = current()
        vu.check_alive()
        given = _params.merged(options, keywords, _options.API)
        self._session = Session(vu, _options.read(given, _options.Options(), connects=False))

    # Connecting -------------------------------------------------------------------------------------

    @_params.named(_params.TCP)
    def connect(
        self,
        port: int | str | TcpTarget = 0,
        host: str | None = None,
        **keywords: Unpack[TcpKeywords],
    ) -> Operation[None]:
        """Begin to connect; the ``connect`` event comes, then the operation ends.

        Args:
            port: The port; or ``unix:/path`` (``unix:@name``) of a unix socket; or a mapping with ``port``,
                ``host`` and the options below.
            host: Name or address; default ``localhost``.
            **keywords: ``tls`` (``True`` or a mapping as for ``ws.connect``, without ALPN unless it says so),
                ``tags``, ``timeout`` (resolve, connect and TLS; 60 s),
                ``resolve_timeout``, ``connect_timeout``, ``tls_timeout`` (for one phase of it; none),
                ``proxy`` (its URL; none), ``proxy_protocol`` (``"v1"`` or ``"v2"``; none),
                ``send_timeout`` (10 s), ``read_buffer_size`` (bytes of one ``data`` event; 4096),
                ``framing`` (a ``data`` event is one message of it, :mod:`k6ws.framing`; none),
                ``codec`` (``"json"``, or a ``Codec``; none),
                ``recv_rate`` (bytes a second that are read at most; all that come),
                ``max_buffered`` (16 MiB), ``no_delay`` (on), ``keep_alive`` (off, ``True`` or idle time),
                ``local_address`` (an address, a range, a network, or a list of them), ``linger`` (0 resets),
                ``recv_buffer``, ``send_buffer``.

        Returns:
            An operation: ``.wait()`` or ``await`` it, or leave it. It fails with :class:`TCPError`, which the
            ``error`` handler is told as well; one that nobody sees fails the iteration.

        Raises:
            InitContextError: Called in the body of a script.
            UnknownOption: An option that does not exist.
            TypeError: An option that is given twice, or whose value is of the wrong type.
        """
        session = self._session
        vu = session.vu
        vu.check_may_begin()
        check_opened(vu, "socket.connect()")
        vu.loop.core.check_thread()
        synchronise(vu)
        if vu.who.is_init:
            message = "using TCP sockets in the init context is not supported"
            raise InitContextError(message, "connect in the function that VUs run")
        what = "socket.connect(…)"
        given: Mapping[str, Any] = keywords
        if isinstance(port, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - anything may be given
            if host is not None:
                message = f"socket.connect() got host {host!r} beside its options: name it in them"
                raise TypeError(message)
            given = _params.merged(port, keywords, _options.API)
            port, host = given.get("port", 0), given.get("host") or None
        tags: _core.Tags = vu.who.tags.extended([("proto", "TCP"), *session.options.tags])
        try:
            options = _options.read(given, session.defaults, connects=True)
            number, name = _options.target(port, host)
            self._check_connectable()
        except TCPError as error:
            if vu.who.run is not None and vu.who.account is not None:
                vu.who.run.tcp_error(vu.who.account, tags)
            session.tell_error(error)
            return session.rejected(what, error)
        vu.keep(session, here())
        try:
            return session.dial(what, options, name, number)
        except BaseException:
            # The core refused: nothing has begun.
            session.let_go()
            raise

    def _check_connectable(self) -> None:
        if self._session.state == DISCONNECTED:
            return
        message = {
            OPENING: "socket is connecting",
            OPEN: "socket already connected",
            DESTROYED: "socket destroyed",
        }[self._session.state]
        raise TCPError("connect", message, "make another Socket")

    def start_tls(
        self, tls: Tls | Literal[True] = True, **keywords: Unpack[Tls]
    ) -> Operation[None]:
        """Begin TLS on the open connection, behind everything written: STARTTLS of mail and databases.

        Args:
            tls: As for :meth:`connect`.
            **keywords: The keys of ``tls`` by name.

        Returns:
            An operation that ends when TLS is there; a failure closes the connection.

        Raises:
            TypeError: ``tls`` is neither ``True`` nor a mapping, or a key is given twice.
        """
        session = self._session
        session.vu.check_alive()
        session.vu.loop.core.check_thread()
        what = "socket.start_tls(…)"
        if tls is not True and not isinstance(tls, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = f"start_tls takes True or a mapping, not {tls!r}"
            raise TypeError(message)
        given = _params.merged(None if tls is True else tls, keywords, _options.API)
        settings = _params.read_tls(given, "tls", _options.API)
        connection = session.connection
        started = False
        if session.state == OPEN and connection is not None:
            started = connection.start_tls(
                {
                    "host": session.host,
                    "port": session.port,
                    "tls": settings.core,
                    "run": session.vu.who.run,
                    "timeout": session.options.timeout,
                }
            )
        if not started:
            error = TCPError("start_tls", "no active connection")
            session.tell_error(error)
            return session.rejected(what, error)
        return session.begin_tls(what)

    # Writing ----------------------------------------------------------------------------------------

    @_params.named(("encoding", "tags"))
    def write(
        self,
        data: Any,
        options: WriteKeywords | None = None,
        **keywords: Unpack[WriteKeywords],
    ) -> Write | Operation[None]:
        """Begin to write; writes leave in the order of their calls, before the next event is handled.

        Args:
            data: Text, or a buffer, which is sent as it is; with a framing one message, with a codec what
                that takes. ``Raw`` bytes pass both.
            options: ``encoding`` of text (``utf8``, ``ascii``, ``base64``, ``base64url``, ``hex``) and
                ``tags`` for this write's ``tcp_writes``.
            **keywords: The same by name.

        Returns:
            Something to ``.wait()`` for or to ``await``: the last byte is with the operating system. It fails
            with :class:`TCPError`, which the ``error`` handler is told as well.

        Raises:
            UnknownOption: An option that does not exist.
            TypeError: ``options`` is no mapping, or one of them is given twice.
        """
        session = self._session
        if type(data) is bytes and options is None and not keywords:
            # The common case by far.
            number = session.write(data, None)
            if number > 0:
                return Write(session, number)
        vu = session.vu
        vu.check_alive()
        follow(vu)
        tags = None
        messages = session.messages
        if options or keywords or messages is not None or type(data) is not bytes:
            encoding, pairs = _options.of_write(options, keywords)
            tags = _NO_TAGS.extended(pairs) if pairs else None
            try:
                data = (
                    encode(data, encoding) if messages is None else framed(messages, data, encoding)
                )
            except TCPError as error:
                return session.not_written(error, tags)
        connection = session.connection
        if connection is None or session.state != OPEN:
            return session.not_written(TCPError("write", "no active connection"), tags)
        number = connection.write(data, tags)
        if number < 0:
            number = session.write_when_room(connection, data, tags)
        if number > 0:
            return Write(session, number)
        text, cause = "no active connection", ""
        if number < 0:
            text, cause = "write: i/o timeout: the peer does not read", "send_blocked"
        return session.not_written(TCPError("write", text, cause=cause), tags)

    def end(self) -> None:
        """End our side behind everything written (FIN); data of the peer still arrives, then ``close``."""
        session = self._session
        if handed_over(session.vu.loop, session.end):
            return
        session.vu.check_alive()
        follow(session.vu)
        session.end()

    def destroy(self) -> None:
        """Close at once: nothing more is written or read, ``close`` follows. Works in every state.

        :meth:`end` and this work from every thread: made from another one they return at once, and the
        socket's own thread ends it.
        """
        session = self._session
        if handed_over(session.vu.loop, session.destroy):
            return
        session.vu.check_alive()
        follow(session.vu)
        session.destroy()

    def keep(self) -> None:
        """Give the socket to its VU: no iteration waits for its end from now on, or ends it.

        It stays open from one to the next, until it is closed, or its VU is cut or leaves its scenario.
        Handlers run at the end of an iteration and between two of them. One that is closed is left as it is.

        Raises:
            TCPError: It was never connected.

        Example:
            >>> socket.connect(9000).wait()          # doctest: +SKIP
            >>> socket.keep()                        # doctest: +SKIP
        """
        session = self._session
        session.vu.check_alive()
        if session.state == DISCONNECTED:
            raise TCPError("keep", "no active connection", "connect the socket first")
        session.keep()

    # Handlers and timers ----------------------------------------------------------------------------

    @overload
    def on(self, event: Literal["data"], handler: Callable[[Any], object]) -> None: ...
    @overload
    def on(self, event: Literal["error"], handler: Callable[[TCPError], object]) -> None: ...
    @overload
    def on(self, event: EventName, handler: Callable[[], object] | None) -> None: ...
    @overload
    def on(self, event: Literal["data"]) -> OnMessage: ...
    @overload
    def on(self, event: Literal["error"]) -> OnTCPError: ...
    @overload
    def on(self, event: Literal["connect", "close", "timeout"]) -> OnPlain: ...
    def on(self, event: str, handler: Any = _MISSING) -> Any:
        """Call ``handler`` for an event. Each event has one handler: another one replaces it.

        Args:
            event: ``connect``, ``data`` (``bytes``, or what framing and codec make of them), ``timeout``,
                ``error`` (:class:`TCPError`) or ``close``, which comes once and last. Another name is a
                warning, as in k6.
            handler: ``None`` takes the handler away. Left out, ``on`` returns a decorator.

        Raises:
            TypeError: The handler cannot be called, or demands more arguments than the event has.
        """
        if handler is _MISSING:

            def register(decorated: Callable[..., object]) -> Callable[..., object]:
                self.on(event, decorated)  # type: ignore[call-overload]
                return decorated

            return register
        if handler is not None and not callable(handler):
            message = f"the {event} handler is not callable: {handler!r}"
            raise TypeError(message)
        if event not in EVENTS:
            warn("a TCP socket has no event %r", event)
        else:
            self._session.set_handler(event, handler)
        return None

    def set_timeout(self, ms: Time | None = 0) -> Self:
        """Have ``timeout`` events when nothing was received for this long, again and again. Closes nothing.

        Args:
            ms: Milliseconds, or text such as ``"1.5s"``; nothing or less than 1 switches it off. Writes
                do not count, as in k6; each call begins anew.

        Returns:
            The socket.
        """
        session = self._session
        session.vu.check_alive()
        session.vu.loop.core.check_thread()
        session.idle.set(_options.idle_time(ms))
        return self

    def __repr__(self) -> str:
        return f"<tcp.Socket {self._session.state}>"

    setTimeout = set_timeout  # noqa: N815 - k6's spelling, here and below
    startTls = start_tls  # noqa: N815
