"""The life of one session: how events reach handlers, how it closes, what an exception does.

What scripts hold is a ``Socket``, which has one of these. It takes events only while its VU accepts them;
what comes meanwhile waits here, in order, and counts as undelivered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from k6ws import _core
from k6ws._loop import Signal, Vu, check_result, context_of_task, following, is_awaitable, returned
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


class Session:
    """One WebSocket from its attempt to its end, as the loop and ``ws.connect`` see it."""

    __slots__ = (
        "_close_timeout",
        "_failure",
        "_held",
        "_is_conversing",
        "_is_draining",
        "_is_ended",
        "_room",
        "_signal",
        "_unhandled",
        "connection",
        "context",
        "handlers",
        "is_closed",
        "loop",
        "on_binary",
        "on_text",
        "send_binary",
        "send_ping",
        "send_text",
        "timers",
        "vu",
    )

    is_within_call = True

    def __init__(self, vu: Vu, close_timeout: float, send_timeout: float) -> None:
        """Made by ``ws.connect``."""
        self.vu = vu
        self.loop = vu.loop
        self.context: Context | None = None
        self._close_timeout = close_timeout
        self.connection: _core.Connection | None = None
        self.send_text: Callable[[str], int] = not_open
        self.send_binary: Callable[[bytes], int] = not_open
        self.send_ping: Callable[[], int] = not_open
        # Tuples, so that a registration during a dispatch does not change that dispatch. What messages are
        # given to is told apart from them: it is the hot path.
        self.handlers: dict[str, tuple[Callable[..., Any], ...]] = {}
        self._unhandled = Unhandled(vu, 'socket.on("binaryMessage", …), "message" is for text')
        self.on_text: Callable[[Any], object] = self._unhandled
        self.on_binary: Callable[[Any], object] = self._unhandled
        self._held: deque[tuple[int, Any]] = deque()
        self.timers: set[Timer] = set()
        self._failure: BaseException | None = None
        self.is_closed = False
        self._is_conversing = False
        self._is_draining = False
        self._is_ended = False
        self._signal = Signal(vu.loop)
        self._room = Room(vu, send_timeout)

    # What the loop calls ----------------------------------------------------------------------------

    def receive(self, kind: int, data: Any) -> None:
        """Take an event of the connection. The hot path: messages first."""
        vu = self.vu
        if vu.accepts is not self:
            if vu.host is None:
                self._hold(kind, data)
            else:
                vu.host.deliver(vu, self, kind, data)
            return
        if kind == _TEXT:
            handler = self.on_text
        elif kind == _BINARY:
            handler = self.on_binary
        else:
            self._control(kind, data)
            return
        vu.accepts = None
        loop = self.loop
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

    def dispatch(self, kind: int, data: Any) -> None:
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

    def ends_operation(self, _kind: int) -> bool:
        """Nothing here returns an operation."""
        return False

    def abandon(self) -> None:
        """Leave the VU, which is being cut: a Close 1001 goes out, nobody is told, nothing is awaited."""
        self.shut(GOING_AWAY, _CUT_PATIENCE_MS)

    def wind_down(self) -> None:
        """Leave an iteration that failed; whoever waits in ``aconnect`` is told as usual."""
        self._failed(K6Error("the iteration failed"))

    def pause_reading(self, is_paused: bool) -> None:
        """Read nothing more from the peer, or again."""
        if self.connection is not None:
            self.connection.pause_reading(is_paused)

    def holding(self, kind: int, data: Any) -> None:
        """Count an event that is held as undelivered."""
        if kind in BOUNDED and self.connection is not None:
            self.connection.held(size_of(kind, data))

    def releasing(self, kind: int, data: Any) -> None:
        """Count it no more."""
        if kind in BOUNDED and self.connection is not None:
            self.connection.released(size_of(kind, data))

    # The session, as connect() runs it --------------------------------------------------------------

    def attach(self, connection: _core.Connection) -> None:
        """Belong to a connection that is being made."""
        self.connection = connection
        # Bound once: these are the hot path.
        self.send_text = following(self.vu, connection.send_text)
        self.send_binary = following(self.vu, connection.send_binary)
        self.send_ping = following(self.vu, connection.ping)
        self.vu.keep(self)
        self.context = context_of_task(self.vu)

    def opened(self) -> None:
        """Wait until the connection is open or refused."""
        self._wait()

    def run(self, callback: Callable[[], Any]) -> None:
        """Run the session: the callback, ``open``, everything that follows, until the stream is gone.

        Raises:
            BaseException: What the callback, a handler or a timer raised.
        """
        try:
            self._callback_returned(callback())
        except BaseException as error:  # noqa: BLE001 - close handlers run before it goes on
            self._failed(error)
        while not self._is_ended:
            self._wait()
        if self._failure is not None:
            raise self._failure

    async def aopened(self) -> None:
        """Wait until there is an outcome, in a coroutine."""
        await self._signal.arrival()

    async def arun(self, callback: Callable[[], Any]) -> None:
        """Run the session to its end, in a coroutine; raises as :meth:`run`."""
        try:
            result = callback()
            if is_awaitable(result):
                result = await result
            self._callback_returned(result)
        except Exception as error:  # noqa: BLE001 - close handlers run; not where it is cancelled
            self._failed(error)
        self._is_conversing = True
        vu = self.vu
        while self._held:
            kind, data = self._held.popleft()
            self.releasing(kind, data)
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
            self.shut(GOING_AWAY, _CUT_PATIENCE_MS)
            if vu.host is not None:
                vu.host.turns.cancel(self)
        vu.release(self)
        if self.connection is not None:
            self._unhandled.tell(self.connection)
        # Handlers refer to the socket they belong to: without this, only the garbage collector would free
        # a session, its connection and, in a thread that ended, its whole loop.
        self.connection = None
        # Its traceback refers to the session as well.
        self._failure = None
        self.send_text = self.send_binary = self.send_ping = is_over
        self.on_text = self.on_binary = ignore
        self.handlers.clear()

    # Within -----------------------------------------------------------------------------------------

    def _callback_returned(self, result: object) -> None:
        check_result("the function given to ws.connect", result)
        if not self.is_closed:
            self.emit("open")

    def emit(self, event: str, *arguments: Any) -> None:
        """Run the handlers of an event."""
        for handler in self.handlers.get(event, ()):
            result = handler(*arguments)
            if result is not None:
                # One that waits for what the peer says to it must not keep messages back.
                returned(self.vu, self, event, result, holds_events=event != "open")

    def _wait(self) -> None:
        """Accept events of this session until one of them is for whoever waits."""
        vu = self.vu
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
        elif kind in BOUNDED and self.connection is not None:
            if self.is_closed:
                if kind in {_TEXT, _BINARY}:
                    self.connection.dropped()
                return
            self.holding(kind, data)
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
            while self._held and self.vu.accepts is self:
                kind, data = self._held.popleft()
                self.releasing(kind, data)
                self.receive(kind, data)
        finally:
            self._is_draining = False

    def _control(self, kind: int, data: Any) -> None:
        """Take an event that is not a message."""
        if kind in NO_HANDLER:
            self._progress(kind)
            return
        vu = self.vu
        vu.accepts = None
        loop = self.loop
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
            result = self.on_text(data) if kind == _TEXT else self.on_binary(data)
            if result is not None:
                returned(self.vu, self, "message", result)
        elif self.is_closed:
            pass
        elif kind == _core.TIMER:
            data.call()
        else:
            self.emit("ping" if kind == _core.PING else "pong")

    def _peer_closed(
        self, code: int, reason: str, text: str, failure: tuple[str, str, str] | None
    ) -> None:
        """No more messages: the peer closed, broke the protocol, or is gone."""
        if self.is_closed:
            return
        self.shut(code if _core.may_close_with(code) else EMPTY_CLOSE)
        try:
            if failure is not None:
                why, cause, hint = failure
                self.emit("error", WSError(why, hint, code=code, reason=reason, cause=cause))
            elif code not in CLEAN:
                self.emit("error", WSError(text, code=code, reason=reason, cause="closed"))
        except BaseException as error:  # noqa: BLE001 - close handlers still run
            self._failure = error
            code = GOING_AWAY
        self.emit("close", code)

    def _failed(self, error: BaseException) -> None:
        """A script's exception: it closes the session and leaves connect()."""
        if self._failure is None:
            self._failure = error
        if self.is_closed or self.vu.is_cut:
            return
        self.shut(GOING_AWAY)
        if self.vu.host is not None:
            self.vu.host.turns.cancel(self)
        try:
            self.emit("close", GOING_AWAY)
        except BaseException as second:  # noqa: BLE001 - the first one is what connect() raises
            error.add_note(f"a close handler raised as well: {second!r}")

    def shut(self, code: int, patience: float | None = None) -> None:
        """Begin the closing handshake; from here on messages and timers are dropped."""
        connection = self.connection
        if connection is not None:
            # First: a core that refuses leaves the session as it was.
            if patience is None:
                connection.close(code, "", self._close_timeout)
            else:
                connection.cut(code, patience)
        self.is_closed = True
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        if connection is not None:
            self.on_text = self.on_binary = lambda _: connection.dropped()

    def not_sent(self, status: int, again: Callable[..., int], *data: Any) -> None:
        """A frame was not accepted: the session is closed, or too much waits to be written."""
        self.vu.check_alive()
        if self.connection is None:
            text, hint = "websocket: close sent", "the session is over: ws.connect has returned"
            raise WSError(text, hint, cause="closed")
        if status == FULL:
            status = self._room.wait(lambda: again(*data))
        if status == FULL:
            text, hint = "write: i/o timeout", "the peer does not read"
            self.emit("error", WSError(text, hint, cause="send_blocked"))
        elif status and "error" in self.handlers:  # None is made in vain: a loop may send on.
            self.emit("error", WSError("websocket: close sent", cause="closed"))
