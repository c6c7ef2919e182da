"""The life of one TCP socket: how events reach its handlers, how operations end, when the VU may go on.

What scripts call is in ``socket``. Events come in the order ``connect``, ``data`` …, ``error``, ``close``;
the event of an operation comes before the operation ends.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

from k6ws import _core
from k6ws._loop import Operation, Vu, context_of_task, following, returned
from k6ws._socket.send_room import Room
from k6ws.errors import TCPError
from k6ws.tcp.idle import IdleTimer
from k6ws.tcp.operations import Operations
from k6ws.tcp.options import Options
from k6ws.tcp.states import (
    DESTROYED,
    DISCONNECTED,
    GONE,
    IDLE,
    LOCAL_ERROR,
    OPEN,
    OPENING,
    OUTCOMES,
    SILENT,
    not_open,
)

_DATA = _core.DATA


class Session(Operations):
    """What the loop sees of a :class:`Socket`."""

    __slots__ = (
        "__weakref__",
        "_bytes",
        "_connecting",
        "_connection",
        "_context",
        "_defaults",
        "_ending",
        "_endpoints",
        "_expected",
        "_failed_from",
        "_handlers",
        "_host",
        "_idle",
        "_is_close_told",
        "_is_error_told",
        "_is_idle_due",
        "_options",
        "_port",
        "_room",
        "_starting_tls",
        "_state",
        "_vu",
        "_write",
        "_write_error",
        "_writes",
    )

    _is_within_call = False

    def __init__(self, vu: Vu, options: Options) -> None:
        self._vu = vu
        self._context: Context | None = None
        # Of the socket, and of the connection that it has, if any.
        self._defaults = self._options = options
        self._state = DISCONNECTED
        self._handlers: dict[str, Callable[..., Any]] = {}
        self._connection: _core.TcpConnection | None = None
        self._write: Callable[[bytes, _core.Tags | None], int] = not_open
        self._connecting: Operation[None] | None = None
        self._starting_tls: Operation[None] | None = None
        self._host = ""
        self._port = 0
        self._endpoints: tuple[str, int, str, int] | None = None
        self._bytes = (0, 0)
        self._room = Room(vu, options.send_timeout)
        # Operations to end when the handlers of an event have run.
        self._ending: list[Callable[[], None]] = []
        # Writes that somebody waits for, by number; from which one on they failed, and why.
        self._writes: dict[int, Operation[None]] = {}
        self._failed_from: int | None = None
        self._write_error: TCPError | None = None
        self._idle = IdleTimer(vu.loop, self._is_idle)
        self._is_close_told = False
        self._is_error_told = False
        self._is_idle_due = False
        # Events of our own that are on their way.
        self._expected = 0

    def _dial(self, what: str, options: Options, host: str, port: int) -> Operation[None]:
        """Have the core connect; nothing is changed before it has agreed."""
        vu = self._vu
        tags = vu.tags.extended(
            [("proto", "TCP"), *options.tags, ("host", host), ("port", str(port))]
        )
        meter = None
        if vu.run is not None and vu.account is not None:
            meter = (vu.run, vu.account, tags)
        self._connection = vu.loop.core.connect_tcp(
            self._receive,
            {
                "is_tls": options.tls is not None,
                "host": host,
                "port": port,
                "tls": options.tls.core if options.tls else None,
                "socket": options.socket.arguments(),
                "timeout": options.timeout,
                "send_timeout": options.send_timeout,
                "read_buffer_size": options.read_buffer_size,
                "recv_rate": options.recv_rate,
                "max_buffered": options.max_buffered,
                "meter": meter,
            },
        )
        self._options, self._host, self._port = options, host, port
        self._room = Room(vu, options.send_timeout)
        self._context = context_of_task(vu)
        self._state = OPENING
        self._connecting = Operation(vu, what, self)
        return self._connecting

    # What the loop calls ----------------------------------------------------------------------------

    def _receive(self, kind: int, data: Any) -> None:  # noqa: C901 - calls would cost more
        """Take an event of the connection. The hot path: data first."""
        vu = self._vu
        accepts = vu.accepts
        if accepts is not vu and not self._is_waited_for(accepts, kind):
            if kind in SILENT and vu.host is None:
                self._deliver(kind, data)
                self._end_operations()
            else:
                if kind == _core.OPENED:
                    # What is written meanwhile may leave; the handler is told when the VU accepts it.
                    self._open()
                vu.hold(self, kind, data)
            return
        vu.accepts = None
        loop = vu.loop
        if loop.led is not vu:
            loop.lead_for(vu)
        try:
            if kind == _DATA:
                handler = self._handlers.get("data")
                if handler is not None and self._state == OPEN:
                    result = handler(data)
                    if result is not None:
                        returned(vu, self, "data", result)
            else:
                self._deliver(kind, data)
        except BaseException as error:  # noqa: BLE001 - it ends the iteration, not the loop
            vu.failed(error)
        vu.accepts = accepts
        if self._ending:
            self._end_operations()
        if accepts is vu and vu.is_unsettled:
            vu.settle()

    def _dispatch(self, kind: int, data: Any) -> None:
        """Run the handlers of an event where an asyncio loop runs them."""
        try:
            if kind == _DATA:
                if self._state == OPEN:
                    self._emit("data", data)
            else:
                self._deliver(kind, data)
        finally:
            self._end_operations()

    def _holding(self, kind: int, data: Any) -> None:
        """Count data that is held as undelivered."""
        if kind == _DATA and self._connection is not None:
            self._connection.held(len(data))
        elif kind == _core.ENDED:
            # Whoever keeps it back may be waiting for one of them.
            self._end_pending()
            self._end_operations()

    def _releasing(self, kind: int, data: Any) -> None:
        """Count it no more."""
        if kind == _DATA and self._connection is not None:
            self._connection.released(len(data))

    def _ends_operation(self, kind: int) -> bool:
        """Whether an event ends a connect, a write or the start of TLS."""
        return kind in OUTCOMES

    def _abandon(self) -> None:
        """Leave the VU, which is being cut: the connection is closed, nobody is told."""
        self._is_close_told = True
        self._state = DESTROYED
        self._write = not_open
        self._idle.stop()
        if self._connection is not None:
            self._bytes = self._connection.bytes()
            self._connection.destroy()
        self._let_go()

    def _wind_down(self) -> None:
        """Close because the iteration failed; the ``close`` handler still runs."""
        self._destroy()

    # Within -----------------------------------------------------------------------------------------

    def _is_waited_for(self, accepts: object, kind: int) -> bool:
        """Whether the VU waits for an operation of this socket, which such an event ends."""
        return kind in OUTCOMES and isinstance(accepts, Operation) and accepts._source is self

    def _deliver(self, kind: int, data: Any) -> None:  # noqa: C901, PLR0912 - one arm for each event
        """Run the handlers of an event that is not data."""
        if kind == _core.OPENED:
            self._opened()
        elif kind == _core.REFUSED:
            self._refused()
        elif kind == _core.WRITTEN:
            self._written()
        elif kind == _core.WRITABLE:
            self._room.opened()
        elif kind == _core.WRITE_FAILED:
            self._write_failed(*data)
        elif kind == _core.TLS_STARTED:
            self._tls_started(data)
        elif kind == _core.CLOSED:
            if data is not None and self._state == OPEN and self._starting_tls is None:
                text, cause, hint = data
                method = "write" if text.startswith("write") else "read"
                self._is_error_told = True
                self._emit("error", TCPError(method, text, hint, cause=cause))
        elif kind == _core.ENDED:
            self._ended()
        elif kind == IDLE:
            self._is_idle_due = False
            if self._state == OPEN and self._connection is not None:
                self._connection.record_timeout()
                self._emit("timeout")
        else:
            self._expected -= 1
            try:
                if kind == LOCAL_ERROR:
                    self._emit("error", data)
                else:
                    self._tell_close()
            finally:
                self._let_go()

    def _open(self) -> None:
        if self._connection is not None and self._state == OPENING:
            self._state = OPEN
            self._write = following(self._vu, self._connection.write)
            self._endpoints = self._connection.endpoints()
            self._idle.watch(self._connection)

    def _opened(self) -> None:
        self._open()
        if self._state == OPEN:
            self._end_connect(None)
            self._emit("connect")
        elif self._state == DESTROYED:
            self._end_connect(TCPError("connect", "socket destroyed"), is_handled=True)

    def _refused(self) -> None:
        failure = None if self._connection is None else self._connection.failure()
        text, hint, phase, cause = failure or ("the connect was given up", "", "connect", "")
        self._connection = None
        if self._state == DESTROYED:
            error = TCPError("connect", "socket destroyed")
            self._end_connect(error, is_handled=True)
            self._tell_close()
            self._let_go()
            return
        self._state = DISCONNECTED
        # What that call asked for is not what the next one asks for.
        self._options = self._defaults
        if phase == "tls":
            text = f"TLS handshake failed: {text}"
        error = TCPError("connect", text, hint, phase=phase, cause=cause)
        self._end_connect(error)
        try:
            self._emit("error", error)
        finally:
            self._let_go()

    def _ended(self) -> None:
        self._state = DESTROYED
        self._write = not_open
        self._idle.stop()
        if self._connection is not None:
            self._bytes = self._connection.bytes()
        self._connection = None
        self._endpoints = None
        self._end_pending()
        try:
            self._tell_close()
        finally:
            self._let_go()

    def _tell_close(self) -> None:
        if not self._is_close_told:
            self._is_close_told = True
            self._emit("close")

    def _emit(self, event: str, *arguments: Any) -> None:
        handler = self._handlers.get(event)
        if handler is not None:
            result = handler(*arguments)
            if result is not None:
                # One that waits for what the peer says to it must not keep data back.
                returned(self._vu, self, event, result, holds_events=event != "connect")

    def _later(self, kind: int, data: Any = None) -> None:
        """Deliver an event of our own as soon as the VU accepts it; until then the iteration goes on."""
        # First: in another thread the core refuses, and nothing is expected.
        self._vu.loop.core.add_timer(0.0, lambda _kind, _data: self._receive(kind, data))
        self._expected += 1
        self._vu.keep(self)

    def _tell_error(self, error: TCPError) -> None:
        if "error" in self._handlers:
            self._later(LOCAL_ERROR, error)

    def _destroy(self) -> None:
        """Close at once; the ``close`` event follows."""
        if self._state == DESTROYED:
            return
        if self._connection is None:
            self._later(GONE)
        else:
            self._connection.destroy()
        self._state = DESTROYED
        self._write = not_open
        self._idle.stop()
        self._endpoints = None

    def _end(self) -> None:
        """End our side behind everything written."""
        if self._connection is not None:
            self._connection.end()

    def _let_go(self) -> None:
        """Let the iteration end, if nothing more can come."""
        if self._expected == 0 and (self._connection is None or self._is_close_told):
            self._vu.release(self)
            if self._state == DESTROYED:
                # Handlers refer to their socket: only the garbage collector would free them.
                self._handlers.clear()
                self._idle.let_go()

    def _is_idle(self) -> None:
        """Nothing was received for as long as ``set_timeout`` says."""
        # One that still waits for its handler stands for this one too.
        if self._state == OPEN and not self._is_idle_due:
            self._is_idle_due = True
            self._receive(IDLE, None)
