"""What a TCP socket has begun: its connect, its writes, its start of TLS; how each ends, and who is told.

An operation ends when the handlers of its event have run.
"""

from __future__ import annotations

from k6ws import _core
from k6ws._loop import Operation, settled, synchronise
from k6ws._socket.send_room import ACCEPTED, FULL
from k6ws._socket.session import Session
from k6ws.errors import TCPError
from k6ws.tcp.options import Options
from k6ws.tcp.states import DESTROYED, Failure


class Operations(Session[_core.TcpConnection]):
    """The part of a session that operations are ended by; its slots are the session's."""

    __slots__ = ()

    state: str
    options: Options
    _is_error_told: bool
    _connecting: Operation[None] | None
    starting_tls: Operation[None] | None
    _tls_failure: Failure | None
    # Writes that somebody waits for, by number; from which one on they failed, and why.
    _writes: dict[int, Operation[None]]
    _failed_from: int | None
    _write_error: TCPError | None

    def tell_error(self, error: TCPError) -> None:
        """Have the ``error`` handler told of a call that made no sense: the session's."""
        raise NotImplementedError

    def write_when_room(
        self, connection: _core.TcpConnection, data: bytes, tags: _core.Tags | None
    ) -> int:
        """What the write answers once there is room, or still -1 when there was none in time."""
        number = -1

        def again() -> int:
            nonlocal number
            number = connection.write(data, tags)
            return FULL if number < 0 else ACCEPTED

        self.wait_for_room(again)
        return number

    def not_written(self, error: TCPError, tags: _core.Tags | None) -> Operation[None]:
        """A write that made no sense, or found no room: counted, and told to the handler of errors."""
        vu = self.vu
        # First: another thread's call counts nothing, and tells nobody.
        vu.loop.core.check_thread()
        if self.connection is not None:
            self.connection.record_error(tags)
        elif vu.who.run is not None and vu.who.account is not None:
            synchronise(vu)
            base = vu.who.tags.extended([("proto", "TCP"), *self.options.tags])
            vu.who.run.tcp_error(vu.who.account, base.extended(tags.items()) if tags else base)
        self.tell_error(error)
        return self.rejected("socket.write(…)", error)

    def outcome_of(self, number: int) -> Operation[None]:
        """The end of a write, as an operation to wait for."""
        vu, what = self.vu, "socket.write(…)"
        connection = self.connection
        if self._failed_from is not None and number >= self._failed_from:
            return self.rejected(what, self._write_failure())
        if connection is None or connection.writes_done() >= number:
            return settled(vu, what, None)
        known = self._writes.get(number)
        if known is None:
            known = self._writes[number] = Operation(vu, what, self)
            if not connection.want_written(number):
                del self._writes[number]
                return settled(vu, what, None)
        return known

    def _end_connect(self, error: TCPError | None, *, is_handled: bool = False) -> None:
        operation, self._connecting = self._connecting, None
        if operation is not None:
            self._will_end(operation, error, is_handled=is_handled)

    def _will_end(
        self, operation: Operation[None], error: TCPError | None, *, is_handled: bool = False
    ) -> None:
        """End an operation after the handlers of its event."""
        if error is None:
            self.after(lambda: operation._settle(None))
        else:
            handled = is_handled or "error" in self.calls
            self.after(lambda: operation._fail(error, is_handled=handled))

    def written(self, _data: None) -> None:
        """As many writes are done as somebody waits for."""
        if self.connection is None:
            return
        done = self.connection.writes_done()
        for number in [number for number in self._writes if number <= done]:
            self._will_end(self._writes.pop(number), None)
        # One that is done by now is told of no more: it ends here.
        while self._writes and not self.connection.want_written(min(self._writes)):
            self._will_end(self._writes.pop(min(self._writes)), None)

    def write_failed(self, data: tuple[int, int, Failure]) -> None:
        """Writes never will be done: how many, how much of the first had gone, and why."""
        _, partial, (text, cause, hint) = data
        done = 0 if self.connection is None else self.connection.writes_done()
        self._failed_from = done + 1
        message = f"failed to write data after {partial} bytes: {text}"
        error = self._write_error = TCPError("write", message, hint, cause=cause)
        waiting, self._writes = self._writes, {}
        for operation in waiting.values():
            self._will_end(operation, error)
        if self.state == DESTROYED or self._is_error_told:
            return
        if not waiting and "error" not in self.calls:
            unseen: Operation[None] = Operation(self.vu, "socket.write(…)", self)
            self._will_end(unseen, error)
        self.emit("error", error)

    def _write_failure(self) -> TCPError:
        return self._write_error or TCPError("write", "no active connection")

    def tls_started(self, failure: Failure | None) -> None:
        """TLS is there, or never will be."""
        operation, self.starting_tls = self.starting_tls, None
        self._tls_failure = failure
        error = None
        if failure is not None:
            text, cause, hint = failure
            message = f"TLS handshake failed: {text}"
            error = TCPError("start_tls", message, hint, phase="tls", cause=cause)
        if operation is not None:
            self._will_end(operation, error)
        if error is not None:
            self.emit("error", error)

    def _end_pending(self, *, is_given_up: bool) -> None:
        """End what can come to no other end any more: the script has given it up, or the peer."""
        if self.starting_tls is not None and is_given_up:
            operation, self.starting_tls = self.starting_tls, None
            self._will_end(operation, TCPError("start_tls", "socket destroyed"), is_handled=True)
        elif self.starting_tls is not None:
            self.tls_started(("the connection was closed", "eof", ""))
        for operation in self._writes.values():
            self._will_end(operation, self._write_failure(), is_handled=True)
        self._writes.clear()

    def rejected(self, what: str, error: TCPError) -> Operation[None]:
        """An operation that failed before it began."""
        operation: Operation[None] = Operation(self.vu, what, self)
        operation._fail(error, is_handled="error" in self.calls)
        return operation
