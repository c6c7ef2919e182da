"""The life of one TCP socket: how events reach its handlers, how operations end, when the VU may go on.

What scripts call is in ``socket``. Events come in the order ``connect``, ``data`` …, ``error``, ``close``;
the event of an operation comes before the operation ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k6ws import _core
from k6ws._loop import Operation, Vu, following, settled
from k6ws._reading import Reading
from k6ws._room import Room
from k6ws.errors import TCPError
from k6ws.tcp.idle import IdleTimer
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
    Failure,
    not_open,
)

_DATA = _core.DATA


class Session(Reading[_core.TcpConnection]):
    """What the loop sees of a :class:`Socket`."""

    __slots__ = (
        "__weakref__",
        "_bytes",
        "_connecting",
        "_connection",
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
        self._options = options
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

    # What the loop calls ----------------------------------------------------------------------------

    def _receive(self, kind: int, data: Any) -> None:
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
        vu.loop.current = vu
        try:
            if kind == _DATA:
                handler = self._handlers.get("data")
                if handler is not None and self._state == OPEN:
                    handler(data)
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

    # What sockets call ------------------------------------------------------------------------------

    def _outcome_of(self, number: int) -> Operation[None]:
        """The end of a write, as an operation to wait for."""
        vu, what = self._vu, "socket.write(…)"
        connection = self._connection
        if self._failed_from is not None and number >= self._failed_from:
            return self._rejected(what, self._write_failure())
        if connection is None or connection.writes_done() >= number:
            return settled(vu, what, None)
        known = self._writes.get(number)
        if known is None:
            known = self._writes[number] = Operation(vu, what, self)
            if not connection.want_written(number):
                del self._writes[number]
                return settled(vu, what, None)
        return known

    # Within -----------------------------------------------------------------------------------------

    def _is_waited_for(self, accepts: object, kind: int) -> bool:
        """Whether the VU waits for an operation of this socket, which such an event ends."""
        return kind in OUTCOMES and isinstance(accepts, Operation) and accepts.source is self

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
        if phase == "tls":
            text = f"TLS handshake failed: {text}"
        error = TCPError("connect", text, hint, phase=phase, cause=cause)
        self._end_connect(error)
        try:
            self._emit("error", error)
        finally:
            self._let_go()

    def _end_connect(self, error: TCPError | None, *, is_handled: bool = False) -> None:
        operation, self._connecting = self._connecting, None
        if operation is not None:
            self._will_end(operation, error, is_handled=is_handled)

    def _will_end(
        self, operation: Operation[None], error: TCPError | None, *, is_handled: bool = False
    ) -> None:
        """End an operation after the handlers of its event."""
        if error is None:
            self._ending.append(lambda: operation.settle(None))
        else:
            handled = is_handled or "error" in self._handlers
            self._ending.append(lambda: operation.fail(error, is_handled=handled))

    def _end_operations(self) -> None:
        ending, self._ending = self._ending, []
        for end in ending:
            end()

    def _written(self) -> None:
        if self._connection is None:
            return
        done = self._connection.writes_done()
        for number in [number for number in self._writes if number <= done]:
            self._will_end(self._writes.pop(number), None)
        # One that is done by now is told of no more: it ends here.
        while self._writes and not self._connection.want_written(min(self._writes)):
            self._will_end(self._writes.pop(min(self._writes)), None)

    def _write_failed(self, _writes: int, partial: int, failure: Failure) -> None:
        text, cause, hint = failure
        done = 0 if self._connection is None else self._connection.writes_done()
        self._failed_from = done + 1
        message = f"failed to write data after {partial} bytes: {text}"
        error = self._write_error = TCPError("write", message, hint, cause=cause)
        waiting, self._writes = self._writes, {}
        for operation in waiting.values():
            self._will_end(operation, error)
        if self._state == DESTROYED or self._is_error_told:
            return
        if not waiting and "error" not in self._handlers:
            unseen: Operation[None] = Operation(self._vu, "socket.write(…)", self)
            self._will_end(unseen, error)
        self._emit("error", error)

    def _write_failure(self) -> TCPError:
        return self._write_error or TCPError("write", "no active connection")

    def _tls_started(self, failure: Failure | None) -> None:
        operation, self._starting_tls = self._starting_tls, None
        error = None
        if failure is not None:
            text, cause, hint = failure
            message = f"TLS handshake failed: {text}"
            error = TCPError("start_tls", message, hint, phase="tls", cause=cause)
        if operation is not None:
            self._will_end(operation, error)
        if error is not None:
            self._emit("error", error)

    def _ended(self) -> None:
        self._state = DESTROYED
        self._write = not_open
        self._idle.stop()
        if self._connection is not None:
            self._bytes = self._connection.bytes()
        self._connection = None
        self._endpoints = None
        if self._starting_tls is not None:
            self._tls_started(("the connection was closed", "eof", ""))
        for operation in self._writes.values():
            self._will_end(operation, self._write_failure(), is_handled=True)
        self._writes.clear()
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
            handler(*arguments)

    def _rejected(self, what: str, error: TCPError) -> Operation[None]:
        """An operation that failed before it began."""
        operation: Operation[None] = Operation(self._vu, what, self)
        operation.fail(error, is_handled="error" in self._handlers)
        return operation

    def _later(self, kind: int, data: Any = None) -> None:
        """Deliver an event of our own as soon as the VU accepts it; until then the iteration goes on."""
        self._expected += 1
        self._vu.keep(self)
        self._vu.loop.core.add_timer(0.0, lambda _kind, _data: self._receive(kind, data))

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
