"""The life of one TCP socket: how events reach its handlers, how operations end, when the VU may go on.

What scripts hold is a ``Socket``, which has one of these. The state machine, with what handlers are told:

| state | ``connect()`` | opened | refused | data, silence | failure | gone | ``destroy()`` |
| --- | --- | --- | --- | --- | --- | --- | --- |
| ``DISCONNECTED`` | to ``OPENING`` | – | – | – | – | – | to ``DESTROYED``, ``close`` |
| ``OPENING`` | – | to ``OPEN``, ``connect`` | to ``DISCONNECTED``, ``error`` | – | – | – | to ``DESTROYED`` |
| ``OPEN`` | – | – | – | ``data``, ``timeout`` | ``error`` | to ``DESTROYED``, ``close`` | to ``DESTROYED`` |
| ``DESTROYED`` | – | – | ``close`` | – | – | ``close`` | – |

The stream is gone when the peer has ended its side and the script has had its data, after a failure, and
after ``destroy()``, from which on nothing is written or read. ``end()`` changes no state: only our side
ends. An opened socket is ``OPEN`` even while its VU does not accept ``connect`` yet. Whatever is under way
when the stream goes fails. A failure of ``start_tls`` and a call that makes no sense are an ``error`` in
every state, and change none. A socket of a VU that is cut goes to ``DESTROYED``, and nobody is told.

Events come in the order ``connect``, ``data`` …, ``error``, ``close``, which comes once; the event of an
operation comes before the operation ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from k6ws import _core
from k6ws._loop import Operation, Vu, adapt_arity, context_of_task, follow, following
from k6ws._socket.messages import Messages, messages_of
from k6ws._socket.refusals import answered, refused
from k6ws._socket.session import OF_REQUESTS
from k6ws.errors import TCPError
from k6ws.tcp.idle import IdleTimer
from k6ws.tcp.operations import Operations
from k6ws.tcp.options import Options, arguments
from k6ws.tcp.receiving import Receiving
from k6ws.tcp.states import (
    DESTROYED,
    DISCONNECTED,
    EVENTS,
    GONE,
    IDLE,
    LOCAL_ERROR,
    OPEN,
    OPENING,
    OUTCOMES,
    SILENT,
    Failure,
    not_open,
)

_DATA = frozenset({_core.DATA, _core.TEXT})


class Session(Receiving):
    """One TCP socket, with the connection that it has, if any, as the loop sees it."""

    __slots__ = (
        "_bytes",
        "_connecting",
        "_expected",
        "_failed_from",
        "_is_close_told",
        "_is_error_told",
        "_is_idle_due",
        "_tls_failure",
        "_write_error",
        "_writes",
        "defaults",
        "endpoints",
        "host",
        "idle",
        "messages",
        "options",
        "port",
        "starting_tls",
        "state",
        "write",
    )

    silent = SILENT

    def __init__(self, vu: Vu, options: Options) -> None:
        super().__init__(vu, options.send_timeout)
        # Of the socket, and of the connection that it has, if any.
        self.defaults = self.options = options
        self.state = DISCONNECTED
        self.write: Callable[[bytes, _core.Tags | None], int] = not_open
        # Where data is more than the bytes that came.
        self.messages: Messages | None = None
        self._connecting: Operation[None] | None = None
        self.starting_tls: Operation[None] | None = None
        self._tls_failure: Failure | None = None
        self.host = ""
        self.port = 0
        self.endpoints: tuple[str, int, str, int] | None = None
        self._bytes = (0, 0)
        # Writes that somebody waits for, by number; from which one on they failed, and why.
        self._writes: dict[int, Operation[None]] = {}
        self._failed_from: int | None = None
        self._write_error: TCPError | None = None
        self.idle = IdleTimer(vu.loop, self._is_idle)
        self._is_close_told = False
        self._is_error_told = False
        self._is_idle_due = False
        # Events of our own that are on their way.
        self._expected = 0

    def dial(self, what: str, options: Options, host: str, port: int) -> Operation[None]:
        """Have the core connect; nothing is changed before it has agreed."""
        vu = self.vu
        self.connection = _core.connect_tcp(
            vu.loop.core, self.receive, arguments(vu, options, host, port)
        )
        self.options, self.host, self.port = options, host, port
        self.send_timeout = options.send_timeout
        self.messages = messages_of(options.framing, options.codec)
        self.context = context_of_task(vu)
        self.state = OPENING
        self._connecting = Operation(vu, what, self)
        return self._connecting

    def set_handler(self, event: str, handler: Callable[..., Any] | None) -> None:
        """Have this one called for an event, or nobody."""
        if handler is None:
            self.calls.pop(event, None)
        else:
            follow(self.vu)
            self.calls[event] = (adapt_arity(self.vu, handler, EVENTS[event], event),)
        self.hear()

    # What the loop calls ----------------------------------------------------------------------------

    def hold(self, kind: int, data: Any) -> None:
        """Take an event that is not accepted."""
        if kind == _core.OPENED:
            # What is written meanwhile may leave; the handler is told when the VU accepts it.
            self._open()
        super().hold(kind, data)

    def holding(self, kind: int, data: Any) -> None:
        """Count data that is held as undelivered."""
        super().holding(kind, data)
        if kind == _core.ENDED:
            # Whoever keeps it back may be waiting for one of them.
            self._end_pending(is_given_up=self.state == DESTROYED)
            self.conclude()

    def ends_operation(self, kind: int) -> bool:
        """Whether an event ends a connect, a write or the start of TLS."""
        return kind in OUTCOMES

    def is_awaited(self, accepts: object, kind: int) -> bool:
        """Whether the VU waits for an operation of this socket, which such an event ends."""
        return kind in OUTCOMES and isinstance(accepts, Operation) and accepts._source is self

    def counted(self) -> tuple[int, int]:
        """Application bytes received and taken by the operating system; kept when it is closed."""
        return self._bytes if self.connection is None else self.connection.bytes()

    def abandon(self) -> None:
        """Leave the VU, which is being cut: the connection is closed, nobody is told."""
        self._is_close_told = True
        self._enter(DESTROYED)
        self.write = not_open
        self.idle.stop()
        if self.connection is not None:
            self._bytes = self.connection.bytes()
            self.connection.destroy()
        self.let_go()

    def wind_down(self) -> None:
        """Close because the iteration failed; the ``close`` handler still runs."""
        self.destroy()

    # Within -----------------------------------------------------------------------------------------

    def deliver(self, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        if kind in _DATA:
            if self.state == OPEN:
                self.data(kind, data)
        elif kind in OF_REQUESTS:
            self.told_of_requests(kind, data)
        else:
            self._events[kind](self, data)

    def _enter(self, state: str) -> None:
        self.state = state
        self.hear()

    def _open(self) -> None:
        if self.connection is not None and self.state == OPENING:
            self._enter(OPEN)
            if self.messages is None:
                self.write = following(self.vu, self.connection.write)
            self.endpoints = self.connection.endpoints()
            self.idle.watch(self.connection)
            if self.vu.who.refusals:
                answered(self.vu, self._address())

    def _address(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host

    def _opened(self, _data: None) -> None:
        self._open()
        if self.state == OPEN:
            self._end_connect(None)
            self.emit("connect")
        elif self.state == DESTROYED:
            self._end_connect(TCPError("connect", "socket destroyed"), is_handled=True)

    def _refused(self, _data: None) -> None:
        failure = None if self.connection is None else self.connection.failure()
        text, hint, phase, cause = failure or ("the connect was given up", "", "connect", "")
        self.connection = None
        if self.state == DESTROYED:
            error = TCPError("connect", "socket destroyed")
            self._end_connect(error, is_handled=True)
            self._tell_close()
            self.let_go()
            return
        self._enter(DISCONNECTED)
        refused(self.vu, self._address())
        # What that call asked for is not what the next one asks for.
        self.options = self.defaults
        if phase == "tls":
            text = f"TLS handshake failed: {text}"
        error = TCPError("connect", text, hint, phase=phase, cause=cause)
        self._end_connect(error)
        try:
            self.emit("error", error)
        finally:
            self.let_go()

    def _writable(self, _data: None) -> None:
        self.has_room()

    def begin_tls(self, what: str) -> Operation[None]:
        """TLS has begun; the end of it is an operation."""
        self.starting_tls = Operation(self.vu, what, self)
        self.hear()
        return self.starting_tls

    def _tls_started(self, failure: Failure | None) -> None:
        try:
            self.tls_started(failure)
        finally:
            self.hear()

    def _closed(self, failure: Failure | None) -> None:
        """No more data: the peer has ended its side, or something failed."""
        if failure is None or self.state != OPEN or self.starting_tls is not None:
            return
        self._is_error_told = True
        # That of TLS has been told: as one of `start_tls`.
        if failure != self._tls_failure:
            text, cause, hint = failure
            method = "write" if text.startswith("write") else "read"
            self.emit("error", TCPError(method, text, hint, cause=cause))

    def _ended(self, _data: None) -> None:
        was_destroyed = self.state == DESTROYED
        self._enter(DESTROYED)
        self.write = not_open
        self.idle.stop()
        if self.connection is not None:
            self._bytes = self.connection.bytes()
        self.connection = None
        self.endpoints = None
        self._end_pending(is_given_up=was_destroyed)
        try:
            self._tell_close()
        finally:
            self.let_go()
            # Last: whoever waits goes on at once.
            self.stop_asking()

    def _tell_close(self) -> None:
        if not self._is_close_told:
            self._is_close_told = True
            self.emit("close")

    def _later(self, kind: int, data: Any = None) -> None:
        """Deliver an event of our own as soon as the VU accepts it; until then the iteration goes on."""
        # First: in another thread the core refuses, and nothing is expected.
        self.vu.loop.core.add_timer(0.0, lambda _kind, _data: self.receive(kind, data))
        self._expected += 1
        self.vu.keep(self)

    def _senseless(self, error: TCPError) -> None:
        self._expected -= 1
        try:
            self.emit("error", error)
        finally:
            self.let_go()

    def _gone(self, _data: None) -> None:
        self._expected -= 1
        try:
            self._tell_close()
        finally:
            self.let_go()

    def tell_error(self, error: TCPError) -> None:
        """Have the ``error`` handler told of a call that made no sense."""
        if "error" in self.calls:
            self._later(LOCAL_ERROR, error)

    def destroy(self) -> None:
        """Close at once; the ``close`` event follows."""
        if self.state == DESTROYED:
            return
        if self.connection is None:
            self._later(GONE)
        else:
            self.connection.destroy()
        self._enter(DESTROYED)
        self.write = not_open
        self.idle.stop()
        self.endpoints = None

    def end(self) -> None:
        """End our side behind everything written."""
        if self.connection is not None:
            self.connection.end()

    def let_go(self) -> None:
        """Let the iteration end, if nothing more can come."""
        if self._expected == 0 and (self.connection is None or self._is_close_told):
            self.vu.release(self)
            if self.state == DESTROYED:
                # Handlers refer to their socket: only the garbage collector would free them.
                self.calls.clear()
                self.hear()
                self.idle.let_go()

    def _is_idle(self) -> None:
        """Nothing was received for as long as ``set_timeout`` says."""
        # One that still waits for its handler stands for this one too.
        if self.state == OPEN and not self._is_idle_due:
            self._is_idle_due = True
            self.receive(IDLE, None)

    def _idle(self, _data: None) -> None:
        self._is_idle_due = False
        if self.state == OPEN and self.connection is not None:
            self.connection.record_timeout()
            self.emit("timeout")

    _events: ClassVar[dict[int, Callable[[Session, Any], None]]] = {
        _core.OPENED: _opened,
        _core.REFUSED: _refused,
        _core.WRITTEN: Operations.written,
        _core.WRITABLE: _writable,
        _core.WRITE_FAILED: Operations.write_failed,
        _core.TLS_STARTED: _tls_started,
        _core.CLOSED: _closed,
        _core.ENDED: _ended,
        LOCAL_ERROR: _senseless,
        IDLE: _idle,
        GONE: _gone,
    }
    """What is done for each event but that of data, which comes first."""
