"""The socket that a ``ws.connect`` callback is given: handlers, sends, timers."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, TypeAlias, TypeVar, overload

from greenlet import getcurrent, greenlet

from k6ws import _core
from k6ws._loop import Vu, fit
from k6ws._params import milliseconds
from k6ws.errors import InvalidCloseCode, K6Error, WSError

EventName: TypeAlias = Literal[
    "open", "message", "binaryMessage", "binary_message", "ping", "pong", "close", "error"
]
Handler = TypeVar("Handler", bound=Callable[..., Any])
Delay: TypeAlias = float | str | timedelta

GOING_AWAY = 1001
_CLEAN = (1000, 1001)
_EMPTY_CLOSE = 1005
_TEXT, _BINARY = _core.TEXT, _core.BINARY
_FULL = 2
_MISSING: Any = object()
_CUT_PATIENCE_MS = 100.0
# The events of a session and how many arguments their handlers are given.
_ARGUMENTS = {
    "open": 0,
    "message": 1,
    "binaryMessage": 1,
    "ping": 0,
    "pong": 0,
    "close": 1,
    "error": 1,
}


class Socket:
    """One WebSocket session of a script; k6's ``Socket`` of ``k6/ws``.

    It is passed to the callback of :func:`k6ws.ws.connect` and lives until ``connect`` returns. Every name
    also works as k6 spells it (``set_timeout`` = ``setTimeout``).
    """

    __slots__ = (
        "_close_timeout",
        "_connection",
        "_failure",
        "_held",
        "_is_closed",
        "_is_ended",
        "_loop",
        "_on",
        "_on_binary",
        "_on_text",
        "_ping",
        "_room_waiter",
        "_send_binary",
        "_send_text",
        "_send_timeout",
        "_timers",
        "_vu",
        "_waiter",
    )

    def __init__(self, vu: Vu, close_timeout: float, send_timeout: float) -> None:
        """Made by ``ws.connect``."""
        self._vu = vu
        self._loop = vu.loop
        self._close_timeout = close_timeout
        self._send_timeout = send_timeout
        self._connection: _core.Connection | None = None
        self._send_text: Callable[[str], int] = _not_open
        self._send_binary: Callable[[bytes], int] = _not_open
        self._ping: Callable[[], int] = _not_open
        # Tuples, so that a registration during a dispatch does not change that dispatch.
        self._on: dict[str, tuple[Callable[..., Any], ...]] = {}
        self._on_text: tuple[Callable[[str], Any], ...] = ()
        self._on_binary: tuple[Callable[[bytes], Any], ...] = ()
        self._held: deque[tuple[int, Any]] = deque()
        self._timers: set[_Timer] = set()
        self._failure: BaseException | None = None
        self._is_closed = False
        self._is_ended = False
        self._waiter: greenlet | None = None
        self._room_waiter: greenlet | None = None

    # What scripts call ------------------------------------------------------------------------------

    @overload
    def on(self, event: EventName, handler: Callable[..., Any]) -> None: ...
    @overload
    def on(self, event: EventName) -> Callable[[Handler], Handler]: ...
    def on(
        self, event: EventName, handler: Callable[..., Any] | None = None
    ) -> Callable[[Handler], Handler] | None:
        """Call ``handler`` for an event; several handlers of one event are called in order.

        Args:
            event: ``open``, ``message`` (text: ``str``), ``binaryMessage`` (``bytes``), ``ping``, ``pong``,
                ``close`` (code: ``int``) or ``error`` (:class:`k6ws.WSError`). Another name never fires.
            handler: Called with as many of the event's arguments as it accepts. Left out, ``on`` returns
                a decorator. Something that cannot be called is ignored, as in k6.

        Raises:
            TypeError: The handler demands more arguments than the event has.

        Example:
            >>> @socket.on("message")              # doctest: +SKIP
            ... def _(text):
            ...     print("got", text)
        """
        if handler is None:

            def register(decorated: Handler) -> Handler:
                self._register(event, decorated)
                return decorated

            return register
        self._register(event, handler)
        return None

    def send(self, data: str | float) -> None:
        """Send a text message; it leaves before the next event is handled.

        Args:
            data: Text. A number or boolean is sent as JavaScript writes it (``Date.now()`` ports).

        A socket that is closed reports ``websocket: close sent`` to the ``error`` handlers. When too much
        waits to be written, ``send`` waits for the peer to read, up to ``send_timeout``.

        Raises:
            TypeError: ``data`` is neither text nor a number.
        """
        if type(data) is not str:
            data = _as_text(data)
        status = self._send_text(data)
        if status:
            self._not_sent(status, self._send_text, data)

    def send_binary(self, data: Any = _MISSING) -> None:
        """Send a binary message: ``bytes``, or anything with the buffer protocol. As :meth:`send`.

        Raises:
            K6Error: Not a buffer, in k6's words.
        """
        if type(data) is not bytes:
            data = _as_bytes(data)
        status = self._send_binary(data)
        if status:
            self._not_sent(status, self._send_binary, data)

    def ping(self) -> None:
        """Send a ping; its pong gives a ``ws_ping`` sample and a ``pong`` event."""
        status = self._ping()
        if status:
            self._not_sent(status, self._ping)

    def close(self, code: float = GOING_AWAY) -> None:
        """Close the session: ``close`` handlers run, then ``connect`` returns. Again: does nothing.

        Args:
            code: What the peer is told; 1005 sends an empty Close frame (RFC 6455 section 7.4).

        Raises:
            InvalidCloseCode: A code that may not travel; nothing is closed.
        """
        self._vu.check_alive()
        number = int(code)
        if not _may_be_sent(number):
            message = f"invalid close code {number}"
            raise InvalidCloseCode(message, "use 1000-4999, but not 1004, 1006 or 1015")
        if self._is_closed:
            return
        self._shut(number)
        self._emit("close", number)

    def set_timeout(self, function: Callable[[], Any], delay: Delay = 0.0) -> None:
        """Call ``function`` once, ``delay`` milliseconds (or ``"1.5s"``) from now, while the session lives.

        Raises:
            K6Error: The delay is not above zero.
            TypeError: ``function`` cannot be called.
        """
        self._add_timer("setTimeout", function, delay, repeats=False)

    def set_interval(self, function: Callable[[], Any], delay: Delay = 0.0) -> None:
        """Call ``function`` every ``delay`` milliseconds while the session lives.

        The rate is fixed: a call that comes late does not move the others, and late ones become one.
        Raises as :meth:`set_timeout`.
        """
        self._add_timer("setInterval", function, delay, repeats=True)

    sendBinary = send_binary  # noqa: N815 - k6's spelling, here and below
    setTimeout = set_timeout  # noqa: N815
    setInterval = set_interval  # noqa: N815

    # What the loop calls ----------------------------------------------------------------------------

    def receive(self, kind: int, data: Any) -> None:
        """Take an event of the connection. The hot path: messages first."""
        vu = self._vu
        if vu.accepts is not self:
            self._hold(kind, data)
            return
        if kind == _TEXT:
            handlers: tuple[Callable[..., Any], ...] = self._on_text
        elif kind == _BINARY:
            handlers = self._on_binary
        else:
            self._control(kind, data)
            return
        vu.accepts = None
        self._loop.current = vu
        try:
            for handler in handlers:
                handler(data)
        except BaseException as error:  # noqa: BLE001 - it leaves connect(), not the loop
            self._failed(error)
        vu.accepts = self
        if self._held:
            self._drain()

    def abandon(self) -> None:
        """Leave the VU, which is being cut: a Close 1001 goes out, nobody is told, nothing is awaited."""
        self._shut(GOING_AWAY, _CUT_PATIENCE_MS)

    # The session, as connect() runs it --------------------------------------------------------------

    def attach(self, connection: _core.Connection) -> None:
        """Belong to a connection that is being made."""
        self._connection = connection
        # Bound once: these are the hot path.
        self._send_text = connection.send_text
        self._send_binary = connection.send_binary
        self._ping = connection.ping
        self._vu.sockets.add(self)

    def await_handshake(self) -> None:
        """Wait until the connection is open or refused."""
        self._wait()

    def converse(self, callback: Callable[[Socket], Any]) -> None:
        """Run the session: the callback, ``open``, everything that follows, until the stream is gone.

        Raises:
            BaseException: What the callback, a handler or a timer raised.
        """
        try:
            callback(self)
            if not self._is_closed:
                self._emit("open")
        except BaseException as error:  # noqa: BLE001 - close handlers run before it goes on
            self._failed(error)
        while not self._is_ended:
            self._wait()
        if self._failure is not None:
            raise self._failure

    def detach(self) -> None:
        """Let go of the VU; a connection that is still there is closed without waiting."""
        if not self._is_ended:
            self._shut(GOING_AWAY, _CUT_PATIENCE_MS)
        self._vu.sockets.discard(self)
        # Handlers refer to the socket they belong to: without this, only the garbage collector would free
        # a session, its connection and, in a thread that ended, its whole loop.
        self._connection = None
        self._send_text = self._send_binary = self._ping = _is_over
        self._on_text = self._on_binary = ()
        self._on.clear()

    # Within -----------------------------------------------------------------------------------------

    def _register(self, event: str, handler: Any) -> None:
        if event == "binary_message":
            event = "binaryMessage"
        given = _ARGUMENTS.get(event)
        if given is None or not callable(handler):
            return
        handler = fit(handler, given, event)
        self._on[event] = (*self._on.get(event, ()), handler)
        if not self._is_closed:
            self._on_text = self._on.get("message", ())
            self._on_binary = self._on.get("binaryMessage", ())

    def _emit(self, event: str, *arguments: Any) -> None:
        for handler in self._on.get(event, ()):
            handler(*arguments)

    def _wait(self) -> None:
        """Accept events of this session until one of them is for whoever waits."""
        vu = self._vu
        vu.accepts = self
        try:
            if self._held:
                self._drain()
                if self._is_ended:
                    return
            self._waiter = getcurrent()
            self._loop.suspend()
        finally:
            self._waiter = None
            vu.accepts = None

    def _hold(self, kind: int, data: Any) -> None:
        """Keep an event until the VU accepts this socket's events again."""
        if kind == _core.WRITABLE:
            self._has_room()
        elif kind in {_TEXT, _BINARY} and self._connection is not None:
            if self._is_closed:
                self._connection.dropped()
                return
            self._connection.held(len(data))
            self._held.append((kind, data))
        elif kind != _core.TIMER or (kind, data) not in self._held:
            # A tick of an interval that is still waiting stands for this one too.
            self._held.append((kind, data))

    def _drain(self) -> None:
        """Deliver what was held, in order, for as long as it is accepted."""
        while self._held and self._vu.accepts is self:
            kind, data = self._held.popleft()
            if kind in {_TEXT, _BINARY} and self._connection is not None:
                self._connection.released(len(data))
            self.receive(kind, data)

    def _control(self, kind: int, data: Any) -> None:
        """Take an event that is not a message."""
        if kind == _core.WRITABLE:
            self._has_room()
            return
        if kind in {_core.OPENED, _core.REFUSED, _core.ENDED}:
            self._is_ended = kind != _core.OPENED
            if self._waiter is not None:
                self._waiter.switch()
            return
        vu = self._vu
        vu.accepts = None
        self._loop.current = vu
        try:
            if kind == _core.CLOSED:
                self._peer_closed(*data)
            elif self._is_closed:
                pass
            elif kind == _core.TIMER:
                data.function()
            else:
                self._emit("ping" if kind == _core.PING else "pong")
        except BaseException as error:  # noqa: BLE001 - it leaves connect(), not the loop
            self._failed(error)
        vu.accepts = self
        if self._held:
            self._drain()

    def _peer_closed(
        self, code: int, reason: str, text: str, failure: tuple[str, str, str] | None
    ) -> None:
        """No more messages: the peer closed, broke the protocol, or is gone."""
        if self._is_closed:
            return
        self._shut(code if _may_be_sent(code) else _EMPTY_CLOSE)
        try:
            if failure is not None:
                why, cause, hint = failure
                self._emit("error", WSError(why, hint, code=code, reason=reason, cause=cause))
            elif code not in _CLEAN:
                self._emit("error", WSError(text, code=code, reason=reason, cause="closed"))
        except BaseException as error:  # noqa: BLE001 - close handlers still run
            self._failure = error
            code = GOING_AWAY
        self._emit("close", code)

    def _failed(self, error: BaseException) -> None:
        """A script's exception: it closes the session and leaves connect()."""
        if self._failure is None:
            self._failure = error
        if self._is_closed or self._vu.is_cut:
            return
        self._shut(GOING_AWAY)
        try:
            self._emit("close", GOING_AWAY)
        except BaseException as second:  # noqa: BLE001 - the first one is what connect() raises
            error.add_note(f"a close handler raised as well: {second!r}")

    def _shut(self, code: int, patience: float | None = None) -> None:
        """Begin the closing handshake; from here on messages and timers are dropped."""
        self._is_closed = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        connection = self._connection
        if connection is None:
            return

        def drop(_message: object) -> None:
            connection.dropped()

        self._on_text = self._on_binary = (drop,)
        connection.close(code, "", self._close_timeout if patience is None else patience)

    def _not_sent(self, status: int, again: Callable[..., int], *data: Any) -> None:
        """A frame was not accepted: the session is closed, or too much waits to be written."""
        self._vu.check_alive()
        deadline = self._loop.core.now() + self._send_timeout
        while status == _FULL:
            left = deadline - self._loop.core.now()
            if left <= 0:
                error = WSError(
                    "write: i/o timeout", "the peer does not read", cause="send_blocked"
                )
                self._emit("error", error)
                return
            self._room_waiter = getcurrent()
            try:
                self._loop.sleep(left)
            finally:
                self._room_waiter = None
            status = again(*data)
        if status:
            self._emit("error", WSError("websocket: close sent", cause="closed"))

    def _has_room(self) -> None:
        """The outbox drained: whoever waits in a send goes on."""
        if self._room_waiter is not None:
            self._room_waiter.switch()

    def _add_timer(self, name: str, function: Any, delay: Delay, *, repeats: bool) -> None:
        self._vu.check_alive()
        if not callable(function):
            message = f"{name} takes a function, not {function!r}"
            raise TypeError(message)
        ms = delay if isinstance(delay, (int, float)) else milliseconds(delay, name)
        if not ms > 0.0:
            shown = "NaN" if math.isnan(ms) else f"{ms:.2f}"
            message = f"{name} requires a >0 timeout parameter, received {shown} "
            raise K6Error(message)
        if self._is_closed:
            return
        timer = _Timer(self, fit(function, 0, name), repeats=repeats)
        timer.id = self._loop.core.add_timer(ms, timer.due, ms if repeats else None)
        self._timers.add(timer)


class _Timer:
    """A timer of a session; gone with it."""

    __slots__ = ("_repeats", "_socket", "function", "id")

    def __init__(self, socket: Socket, function: Callable[[], Any], *, repeats: bool) -> None:
        self._socket = socket
        self._repeats = repeats
        self.function = function
        self.id = 0

    def due(self, kind: int, _last: object) -> None:
        socket = self._socket
        if not self._repeats:
            socket._timers.discard(self)  # noqa: SLF001 - a timer is a part of its socket
        socket.receive(kind, self)

    def cancel(self) -> None:
        self._socket._loop.core.cancel_timer(self.id)  # noqa: SLF001 - as above


def _may_be_sent(code: int) -> bool:
    return 1000 <= code <= 4999 and code not in {1004, 1006, 1015}  # noqa: PLR2004 - RFC 6455 7.4


def _as_text(data: object) -> str:
    """A value as JavaScript writes it."""
    if isinstance(data, str):
        return str(data)
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int):
        return str(data)
    if isinstance(data, float):
        return str(int(data)) if data.is_integer() else repr(data)
    message = f"send takes text or a number, not {type(data).__name__}"
    raise TypeError(message)


# What k6 calls the types of JavaScript that these stand for.
_TYPE_WORDS: dict[type[object], str] = {
    bool: "Boolean",
    int: "Number",
    float: "Number",
    str: "String",
    list: "Array",
    type(lambda: None): "Function",
}


def _as_bytes(data: object) -> bytes:
    if data is _MISSING:
        message = "missing argument, expected ArrayBuffer"
        raise K6Error(message)
    try:
        return bytes(memoryview(data))  # pyright: ignore[reportArgumentType]
    except TypeError:
        word = "null" if data is None else _TYPE_WORDS.get(type(data), type(data).__name__)
        message = f"expected ArrayBuffer as argument, received: {word}"
        raise K6Error(message) from None


def _is_over(*_: object) -> int:
    """Stand in for a connection that is gone: nothing is accepted."""
    return 1


def _not_open(*_: object) -> int:
    """Stand in for a connection that is not there yet."""
    message = "the socket is not connected"
    raise K6Error(message)
