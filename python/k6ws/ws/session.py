"""The life of one session: how events reach handlers, how it closes, what an exception does.

What scripts call is in ``socket``. A session takes events only while its VU accepts them; what comes
meanwhile waits here, in order, and counts as undelivered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any, Self

from k6ws import _core
from k6ws._loop import Signal, Vu, check_result, context_of_task, following, is_awaitable, returned
from k6ws._socket.reading import Reading
from k6ws._socket.send_room import FULL, Room
from k6ws._socket.unhandled import Unhandled
from k6ws.errors import K6Error, WSError
from k6ws.ws.events import (
    BOUNDED,
    CLEAN,
    EMPTY_CLOSE,
    GOING_AWAY,
    NO_HANDLER,
    ignore,
    is_over,
    not_open,
    size_of,
)
from k6ws.ws.timer import Timer

_TEXT, _BINARY = _core.TEXT, _core.BINARY
_CUT_PATIENCE_MS = 100.0


class Session(Reading[_core.Connection]):
    """What the loop and ``ws.connect`` see of a :class:`Socket`."""

    __slots__ = (
        "_close_timeout",
        "_connection",
        "_context",
        "_failure",
        "_held",
        "_is_closed",
        "_is_conversing",
        "_is_draining",
        "_is_ended",
        "_loop",
        "_on",
        "_on_binary",
        "_on_text",
        "_ping",
        "_room",
        "_send_binary",
        "_send_text",
        "_signal",
        "_timers",
        "_unhandled",
        "_vu",
    )

    _is_within_call = True

    def __init__(self, vu: Vu, close_timeout: float, send_timeout: float) -> None:
        """Made by ``ws.connect``."""
        self._vu = vu
        self._loop = vu.loop
        self._context: Context | None = None
        self._close_timeout = close_timeout
        self._connection: _core.Connection | None = None
        self._send_text: Callable[[str], int] = not_open
        self._send_binary: Callable[[bytes], int] = not_open
        self._ping: Callable[[], int] = not_open
        # Tuples, so that a registration during a dispatch does not change that dispatch. What messages are
        # given to is told apart from them: it is the hot path.
        self._on: dict[str, tuple[Callable[..., Any], ...]] = {}
        self._unhandled = Unhandled(vu, 'socket.on("binaryMessage", …), "message" is for text')
        self._on_text: Callable[[Any], object] = self._unhandled
        self._on_binary: Callable[[Any], object] = self._unhandled
        self._held: deque[tuple[int, Any]] = deque()
        self._timers: set[Timer] = set()
        self._failure: BaseException | None = None
        self._is_closed = False
        self._is_conversing = False
        self._is_draining = False
        self._is_ended = False
        self._signal = Signal(vu.loop)
        self._room = Room(vu, send_timeout)

    # What the loop calls ----------------------------------------------------------------------------

    def _receive(self, kind: int, data: Any) -> None:
        """Take an event of the connection. The hot path: messages first."""
        vu = self._vu
        if vu.accepts is not self:
            if vu.host is None:
                self._hold(kind, data)
            else:
                vu.host.deliver(vu, self, kind, data)
            return
        if kind == _TEXT:
            handler = self._on_text
        elif kind == _BINARY:
            handler = self._on_binary
        else:
            self._control(kind, data)
            return
        vu.accepts = None
        loop = self._loop
        if loop.led is not vu:
            # As `lead_for` does, without a call.
            loop.current = loop.led = vu
            if (leader := loop.leader) is not None:
                leader.gr_context = vu.context
        try:
            result = handler(data)
            if result is not None:
                returned(vu, self, "message", result)
        except BaseException as error:  # noqa: BLE001 - it leaves connect(), not the loop
            self._failed(error)
        vu.accepts = self
        if self._held:
            self._drain()

    def _dispatch(self, kind: int, data: Any) -> None:
        """Run the handlers of an event where an asyncio loop runs them."""
        if kind in NO_HANDLER:
            self._progress(kind)
        elif not self._is_conversing:
            # Before the callback has run: as in blocking code, nothing is delivered yet.
            self._hold(kind, data)
        else:
            try:
                self._deliver(kind, data)
            except BaseException as error:  # noqa: BLE001 - it leaves aconnect(), not the loop
                self._failed(error)

    def _ends_operation(self, _kind: int) -> bool:
        """Nothing here returns an operation."""
        return False

    def _abandon(self) -> None:
        """Leave the VU, which is being cut: a Close 1001 goes out, nobody is told, nothing is awaited."""
        self._shut(GOING_AWAY, _CUT_PATIENCE_MS)

    def _wind_down(self) -> None:
        """Leave an iteration that failed; whoever waits in ``aconnect`` is told as usual."""
        self._failed(K6Error("the iteration failed"))

    def _holding(self, kind: int, data: Any) -> None:
        """Count an event that is held as undelivered."""
        if kind in BOUNDED and self._connection is not None:
            self._connection.held(size_of(kind, data))

    def _releasing(self, kind: int, data: Any) -> None:
        """Count it no more."""
        if kind in BOUNDED and self._connection is not None:
            self._connection.released(size_of(kind, data))

    # The session, as connect() runs it --------------------------------------------------------------

    def _attach(self, connection: _core.Connection) -> None:
        """Belong to a connection that is being made."""
        self._connection = connection
        # Bound once: these are the hot path.
        self._send_text = following(self._vu, connection.send_text)
        self._send_binary = following(self._vu, connection.send_binary)
        self._ping = following(self._vu, connection.ping)
        self._vu.keep(self)
        self._context = context_of_task(self._vu)

    def _await_handshake(self) -> None:
        """Wait until the connection is open or refused."""
        self._wait()

    def _converse(self, callback: Callable[[Self], Any]) -> None:
        """Run the session: the callback, ``open``, everything that follows, until the stream is gone.

        Raises:
            BaseException: What the callback, a handler or a timer raised.
        """
        self._begin(callback)
        while not self._is_ended:
            self._wait()
        if self._failure is not None:
            raise self._failure

    async def _handshake_ended(self) -> None:
        """Wait until there is an outcome, in a coroutine."""
        await self._signal.arrival()

    async def _conversation(self, callback: Callable[[Any], Any]) -> None:
        """Run the session to its end, in a coroutine; raises as :meth:`_converse`."""
        try:
            result = callback(self)
            if is_awaitable(result):
                result = await result
            self._callback_returned(result)
        except Exception as error:  # noqa: BLE001 - close handlers run; not where it is cancelled
            self._failed(error)
        self._is_conversing = True
        vu = self._vu
        while self._held:
            kind, data = self._held.popleft()
            self._releasing(kind, data)
            # Its turn may not have come: the callback may have begun coroutines.
            if vu.host is not None:
                vu.host.deliver(vu, self, kind, data)
        while not self._is_ended:
            await self._signal.arrival()
        if self._failure is not None:
            raise self._failure

    def _detach(self) -> None:
        """Let go of the VU; a connection that is still there is closed without waiting."""
        vu = self._vu
        if not self._is_ended:
            self._shut(GOING_AWAY, _CUT_PATIENCE_MS)
            if vu.host is not None:
                vu.host.turns.cancel(self)
        vu.release(self)
        if self._connection is not None:
            self._unhandled.tell(self._connection)
        # Handlers refer to the socket they belong to: without this, only the garbage collector would free
        # a session, its connection and, in a thread that ended, its whole loop.
        self._connection = None
        # Its traceback refers to the session as well.
        self._failure = None
        self._send_text = self._send_binary = self._ping = is_over
        self._on_text = self._on_binary = ignore
        self._on.clear()

    # Within -----------------------------------------------------------------------------------------

    def _begin(self, callback: Callable[[Any], Any]) -> None:
        """Call the script with its socket; the connection is open already."""
        try:
            self._callback_returned(callback(self))
        except BaseException as error:  # noqa: BLE001 - close handlers run before it goes on
            self._failed(error)

    def _callback_returned(self, result: object) -> None:
        check_result("the function given to ws.connect", result)
        if not self._is_closed:
            self._emit("open")

    def _emit(self, event: str, *arguments: Any) -> None:
        for handler in self._on.get(event, ()):
            result = handler(*arguments)
            if result is not None:
                # One that waits for what the peer says to it must not keep messages back.
                returned(self._vu, self, event, result, holds_events=event != "open")

    def _wait(self) -> None:
        """Accept events of this session until one of them is for whoever waits."""
        vu = self._vu
        vu.accepts = self
        try:
            if self._held:
                self._drain()
                if self._is_ended:
                    return
            self._signal.wait()
        finally:
            vu.accepts = None

    def _hold(self, kind: int, data: Any) -> None:
        """Keep an event until the VU accepts this socket's events again."""
        if kind == _core.WRITABLE:
            self._room.opened()
        elif kind in BOUNDED and self._connection is not None:
            if self._is_closed:
                if kind in {_TEXT, _BINARY}:
                    self._connection.dropped()
                return
            self._holding(kind, data)
            self._held.append((kind, data))
        elif kind != _core.TIMER or (kind, data) not in self._held:
            # A tick of an interval that is still waiting stands for this one too.
            self._held.append((kind, data))

    def _drain(self) -> None:
        """Deliver what was held, in order, for as long as it is accepted."""
        if self._is_draining:
            # Whoever drains already goes on after this event; one level deep, however much is held.
            return
        self._is_draining = True
        try:
            while self._held and self._vu.accepts is self:
                kind, data = self._held.popleft()
                self._releasing(kind, data)
                self._receive(kind, data)
        finally:
            self._is_draining = False

    def _control(self, kind: int, data: Any) -> None:
        """Take an event that is not a message."""
        if kind in NO_HANDLER:
            self._progress(kind)
            return
        vu = self._vu
        vu.accepts = None
        loop = self._loop
        if loop.led is not vu:
            loop.lead_for(vu)
        try:
            self._deliver(kind, data)
        except BaseException as error:  # noqa: BLE001 - it leaves connect(), not the loop
            self._failed(error)
        vu.accepts = self
        if self._held:
            self._drain()

    def _progress(self, kind: int) -> None:
        """Take an event that is for the session itself, or for whoever waits in ``connect``."""
        if kind == _core.WRITABLE:
            self._room.opened()
            return
        self._is_ended = kind != _core.OPENED
        self._signal.fire()

    def _deliver(self, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        if kind == _core.CLOSED:
            self._peer_closed(*data)
        elif kind in {_TEXT, _BINARY}:
            result = self._on_text(data) if kind == _TEXT else self._on_binary(data)
            if result is not None:
                returned(self._vu, self, "message", result)
        elif self._is_closed:
            pass
        elif kind == _core.TIMER:
            data.call()
        else:
            self._emit("ping" if kind == _core.PING else "pong")

    def _peer_closed(
        self, code: int, reason: str, text: str, failure: tuple[str, str, str] | None
    ) -> None:
        """No more messages: the peer closed, broke the protocol, or is gone."""
        if self._is_closed:
            return
        self._shut(code if _core.may_close_with(code) else EMPTY_CLOSE)
        try:
            if failure is not None:
                why, cause, hint = failure
                self._emit("error", WSError(why, hint, code=code, reason=reason, cause=cause))
            elif code not in CLEAN:
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
        if self._vu.host is not None:
            self._vu.host.turns.cancel(self)
        try:
            self._emit("close", GOING_AWAY)
        except BaseException as second:  # noqa: BLE001 - the first one is what connect() raises
            error.add_note(f"a close handler raised as well: {second!r}")

    def _shut(self, code: int, patience: float | None = None) -> None:
        """Begin the closing handshake; from here on messages and timers are dropped."""
        connection = self._connection
        if connection is not None:
            # First: a core that refuses leaves the session as it was.
            if patience is None:
                connection.close(code, "", self._close_timeout)
            else:
                connection.cut(code, patience)
        self._is_closed = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if connection is not None:
            self._on_text = self._on_binary = lambda _: connection.dropped()

    def _not_sent(self, status: int, again: Callable[..., int], *data: Any) -> None:
        """A frame was not accepted: the session is closed, or too much waits to be written."""
        self._vu.check_alive()
        if self._connection is None:
            text, hint = "websocket: close sent", "the session is over: ws.connect has returned"
            raise WSError(text, hint, cause="closed")
        if status == FULL:
            status = self._room.wait(lambda: again(*data))
        if status == FULL:
            text, hint = "write: i/o timeout", "the peer does not read"
            self._emit("error", WSError(text, hint, cause="send_blocked"))
        elif status and "error" in self._on:  # None is made in vain: a loop may send on.
            self._emit("error", WSError("websocket: close sent", cause="closed"))
