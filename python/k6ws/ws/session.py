"""The life of one session of ``ws.connect``: what its events are to handlers, how it closes, what raises.

What scripts hold is a ``Socket``, which has one of these. While its VU waits in that ``ws.connect`` it
accepts the events of this session, and of nothing else. The state machine:

| state | callback has returned | peer's Close, error | ``close()`` | a handler raised | stream gone |
| --- | --- | --- | --- | --- | --- |
| opening | – | – | – | – | refused, to ended |
| open | ``open`` | perhaps ``error``, ``close``, to closed | ``close``, to closed | likewise | to ended |
| closed | – | – | – | the first one counts | to ended |
| ended | ``connect`` returns, or raises what a handler raised | | | | |

Who goes to closed sends a Close; from there on messages are dropped and counted, and timers are gone. A
session that is left before its end, because its VU is cut or an exception leaves ``connect``, closes with
1001 within 100 ms, and no handler is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k6ws import _core
from k6ws._loop import (
    Signal,
    Vu,
    adapt_arity,
    check_result,
    context_of_task,
    followed,
    following,
    in_turn,
    is_awaitable,
    returned,
    warn,
)
from k6ws._socket import session as _session
from k6ws._socket.ends import CLEAN, CUT_PATIENCE_MS, EMPTY_CLOSE, GOING_AWAY, Failure, error_of
from k6ws._socket.send_room import FULL, GIVEN_UP, NOT_OPEN
from k6ws._socket.session import OF_REQUESTS
from k6ws._socket.unhandled import Unhandled
from k6ws.errors import K6Error, WSError
from k6ws.ws.stand_ins import ignore, is_over, not_open
from k6ws.ws.timer import Timer

_TEXT, _BINARY = _core.TEXT, _core.BINARY
_MESSAGES = frozenset({_TEXT, _BINARY})
_DROPPED_WHEN_CLOSED = _MESSAGES | {_core.PING, _core.PONG}
# What is for whoever waits in ``connect``.
_TURNS = frozenset({_core.OPENED, _core.REFUSED, _core.ENDED})
_ARGUMENTS = {
    "open": 0,
    "message": 1,
    "binaryMessage": 1,
    "ping": 0,
    "pong": 0,
    "close": 1,
    "error": 1,
}
"""The events of a session and how many arguments their handlers are given."""


class Session(_session.Session[_core.Connection]):
    """One WebSocket from its attempt to its end, as the loop and ``ws.connect`` see it."""

    __slots__ = (
        "_close_timeout",
        "_failure",
        "_is_ended",
        "_is_running",
        "_signal",
        "_timers",
        "_unhandled",
        "is_closed",
        "send_binary",
    )

    def __init__(self, vu: Vu, close_timeout: float, send_timeout: float) -> None:
        """Made by ``ws.connect``."""
        self._signal = Signal(vu.loop)
        # Not the session itself, which would refer to itself.
        super().__init__(vu, send_timeout, scope=self._signal)
        self._close_timeout = close_timeout
        self.send_binary: Callable[[bytes], int] = not_open
        self._unhandled = Unhandled(vu, 'socket.on("binaryMessage", …), "message" is for text')
        self.on_text = self.on_binary = self._unhandled
        # Made with the first timer: thousands of sessions may never have one.
        self._timers: set[Timer] | None = None
        self._failure: BaseException | None = None
        self.is_closed = False
        self._is_ended = False
        # The callback has run: before that nothing is delivered.
        self._is_running = False

    # What scripts ask for ---------------------------------------------------------------------------

    def register(self, event: str, handler: Any) -> None:
        """Call ``handler`` for an event, behind those that are there."""
        given = _ARGUMENTS.get(event)
        if given is None:
            warn("a ws socket has no event %r: its handler never runs", event)
            return
        if not callable(handler):
            return
        handler = adapt_arity(self.vu, handler, given, event)
        handlers = self.calls[event] = (*self.calls.get(event, ()), handler)
        if self.is_closed:
            return
        # What messages are given to is told apart from the others: it is the hot path.
        if event == "message":
            self.on_text = in_turn(self.vu, self, event, handlers)
        elif event == "binaryMessage":
            self.on_binary = in_turn(self.vu, self, "message", handlers)

    def add_timer(
        self, name: str, function: Callable[..., Any], ms: float, *, repeats: bool
    ) -> None:
        """Call ``function`` after ``ms``, or again and again, while the session lives."""
        if not self.is_closed:
            timer = Timer(self.vu, self, adapt_arity(self.vu, function, 0, name))
            if self._timers is None:
                self._timers = set()
            timer.arm(ms, self._timers, repeats=repeats)

    def close(self, code: int) -> None:
        """Close it, unless it is closed; the ``close`` handlers run."""
        self.vu.check_alive()
        if not self.is_closed:
            self._shut(code)
            self.emit("close", code)

    def close_in_turn(self, code: int) -> None:
        """Close as another thread wants it, when handlers of this session may run."""
        if self.connection is not None:
            self.receive(_core.TIMER, Timer(self.vu, self, lambda: self.close(code)))

    def send_text(self, data: str) -> int:
        """Send text that the core has not taken by itself; what it answers."""
        connection = self.connection
        return NOT_OPEN if connection is None else followed(self.vu, connection.send_text(data))

    def send_ping(self) -> int:
        """Send a ping; what the core answers."""
        connection = self.connection
        return NOT_OPEN if connection is None else followed(self.vu, connection.ping())

    def not_sent(self, status: int, again: Callable[..., int], *data: Any) -> None:
        """A frame was not accepted: the session is closed, or too much waits to be written."""
        self.vu.check_alive()
        if self.connection is None:
            text, hint = "websocket: close sent", "the session is over: ws.connect has returned"
            raise WSError(text, hint, cause="closed")
        if status == FULL:
            status = self.wait_for_room(lambda: again(*data))
        if status in {FULL, GIVEN_UP}:
            text, hint = "write: i/o timeout", "the peer does not read"
            self.emit("error", WSError(text, hint, cause="send_blocked"))
        elif status and "error" in self.calls:  # None is made in vain: a loop may send on.
            self.emit("error", WSError("websocket: close sent", cause="closed"))

    # The session, as connect() runs it --------------------------------------------------------------

    def attach(self, connection: _core.Connection) -> None:
        """Belong to a connection that is being made."""
        vu = self.vu
        self.connection = connection
        # Bound once: the hot path. That of text is the core's.
        self.send_binary = following(vu, connection.send_binary)
        if vu.who.run is not None:
            self.send_by(connection, False)
        vu.keep(self)
        self.context = context_of_task(vu)

    def opened(self) -> None:
        """Wait until the connection is open or refused."""
        self._wait()

    def run(self, callback: Callable[[Any], Any], face: object) -> None:
        """Run the session: the callback, ``open``, everything that follows, until the stream is gone.

        Args:
            callback: Called once, with ``face``.
            face: The socket that scripts hold.

        Raises:
            BaseException: What the callback, a handler or a timer raised.
        """
        try:
            self._callback_returned(callback(face))
        except BaseException as error:  # noqa: BLE001 - close handlers run before it goes on
            self._failed(error)
        # This frame lasts as long as the session.
        del callback, face
        while not self._is_ended:
            self._wait()
        if self._failure is not None:
            raise self._failure

    async def aopened(self) -> None:
        """Wait until there is an outcome, in a coroutine."""
        await self._signal.arrival()

    async def arun(self, callback: Callable[[Any], Any], face: object) -> None:
        """Run the session to its end, in a coroutine; raises as :meth:`run`."""
        try:
            result = callback(face)
            if is_awaitable(result):
                result = await result
            self._callback_returned(result)
        except Exception as error:  # noqa: BLE001 - close handlers run; not where it is cancelled
            self._failed(error)
        del callback, face
        self._is_running = True
        vu = self.vu
        for _, kind, data in vu.take_back(self):
            # Its turn may not have come: the callback may have begun coroutines.
            if vu.host is not None:
                vu.host.deliver(vu, self, kind, data)
        while not self._is_ended:
            await self._signal.arrival()
        if self._failure is not None:
            raise self._failure

    def detach(self) -> None:
        """Let go of the VU; a connection that is still there is closed without waiting."""
        vu = self.vu
        if not self._is_ended:
            self._shut(GOING_AWAY, CUT_PATIENCE_MS)
            if vu.host is not None:
                vu.host.turns.cancel(self)
        if vu.held is not None:
            for _ in vu.take_back(self):
                pass
        vu.release(self)
        if self.connection is not None:
            self._unhandled.tell(self.connection)
        # Handlers refer to the socket they belong to: without this, only the garbage collector would free
        # a session, its connection and, in a thread that ended, its whole loop.
        self.connection = None
        self.stop_asking()
        self.send_by(None, False)
        # Its traceback refers to the session as well.
        self._failure = None
        self.send_binary = is_over
        self.on_text = self.on_binary = ignore
        self.calls.clear()

    # What the loop calls ----------------------------------------------------------------------------

    def dispatch(self, kind: int, data: Any) -> None:
        """Run the handlers of an event where an asyncio loop runs them: once the callback has run."""
        if self._is_running or kind in _TURNS:
            super().dispatch(kind, data)
        else:
            self.vu.keep_back(self, kind, data)

    def hold(self, kind: int, data: Any) -> None:
        """Take an event that is not accepted; of a session that is closed nothing is kept but its end."""
        if self.connection is None:
            return
        if not self.is_closed or kind not in _DROPPED_WHEN_CLOSED:
            super().hold(kind, data)
        elif kind in _MESSAGES:
            self.connection.dropped()

    def abandon(self) -> None:
        """Leave the VU, which is being cut: a Close 1001 goes out, nobody is told, nothing is awaited."""
        self._shut(GOING_AWAY, CUT_PATIENCE_MS)

    def wind_down(self) -> None:
        """Leave an iteration that failed; whoever waits in ``aconnect`` is told as usual."""
        self._failed(K6Error("the iteration failed"))

    # Within -----------------------------------------------------------------------------------------

    def _wait(self) -> None:
        """Accept events of this session until one of them is for whoever waits."""
        vu = self.vu
        vu.accepts = self.scope
        try:
            if vu.is_unsettled:
                vu.settle()
            if not self._is_ended:
                self._signal.wait()
        finally:
            vu.accepts = None

    def _callback_returned(self, result: object) -> None:
        check_result("the function given to ws.connect", result)
        if self.is_closed or "open" not in self.calls:
            return
        self.emit("open")
        # They never run again, and a session may idle for long with all that they refer to.
        self.calls.pop("open", None)
        if not self.calls:
            # Emptied, a dictionary keeps its room.
            self.calls = {}

    def deliver(self, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        if kind in _MESSAGES:
            handler = self.on_text if kind == _TEXT else self.on_binary
            assert handler is not None, "there is always one, if only to count"  # noqa: S101
            result = handler(data)
            if result is not None:
                returned(self.vu, self, "message", result)
        elif kind in _TURNS:
            self._is_ended = kind != _core.OPENED
            self.after(self._signal.fire)
        elif kind == _core.CLOSED:
            self._peer_closed(*data)
        elif kind == _core.WRITABLE:
            self.has_room()
        elif kind in OF_REQUESTS:
            self.told_of_requests(kind, data)
        elif self.is_closed:
            pass
        elif kind == _core.TIMER:
            data.call()
        else:
            self.emit("ping" if kind == _core.PING else "pong")

    def raised(self, _kind: int, error: BaseException) -> None:
        """A handler raised: it leaves connect(), not the loop."""
        self._failed(error)

    def _peer_closed(self, code: int, reason: str, text: str, failure: Failure | None) -> None:
        """No more messages: the peer closed, broke the protocol, or is gone."""
        if self.is_closed:
            return
        self._shut(code if _core.may_close_with(code) else EMPTY_CLOSE)
        error = error_of(code, reason, text, failure, CLEAN)
        try:
            if error is not None:
                self.emit("error", error)
        except BaseException as raised:  # noqa: BLE001 - close handlers still run
            self._failure = raised
            code = GOING_AWAY
        self.emit("close", code)

    def _failed(self, error: BaseException) -> None:
        """A script's exception: it closes the session and leaves connect()."""
        if self._failure is None:
            self._failure = error
        if self.is_closed or self.vu.is_cut:
            return
        self._shut(GOING_AWAY)
        if self.vu.host is not None:
            self.vu.host.turns.cancel(self)
        try:
            self.emit("close", GOING_AWAY)
        except BaseException as second:  # noqa: BLE001 - the first one is what connect() raises
            error.add_note(f"a close handler raised as well: {second!r}")

    def _shut(self, code: int, patience: float | None = None) -> None:
        """Begin the closing handshake; from here on messages and timers are dropped."""
        connection = self.connection
        if connection is not None:
            # First: a core that refuses leaves the session as it was.
            if patience is None:
                connection.close(code, "", self._close_timeout)
            else:
                connection.cut(code, patience)
        self.is_closed = True
        if self._timers is not None:
            for timer in self._timers:
                timer.cancel()
            self._timers = None
        if connection is not None:
            self.on_text = self.on_binary = lambda _: connection.dropped()
