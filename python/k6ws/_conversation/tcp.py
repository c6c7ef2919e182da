"""What a session has of its own that is a TCP connection: bytes as they come, sides that end, TLS."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from k6ws import _core
from k6ws._conversation.ending import Ending
from k6ws._conversation.payload import as_bytes
from k6ws._conversation.source import Source
from k6ws._conversation.states import CLOSED, CLOSING, DOWN, DROPPED, OPEN
from k6ws._conversation.waits import Wait
from k6ws._loop import Vu, followed
from k6ws._socket.ends import GOING_AWAY, Failure
from k6ws._socket.messages import Messages
from k6ws._socket.send_room import ACCEPTED, FULL, NOT_OPEN
from k6ws._socket.send_room import DOWN as NOT_NOW
from k6ws._socket.surrogates import as_utf8
from k6ws.errors import CodecError, FramingError, TCPError


class Endpoints(NamedTuple):
    """Both ends of a connection; of a unix socket addresses are empty and ports 0."""

    local_ip: str
    local_port: int
    remote_ip: str
    remote_port: int


class TcpSource(Source[_core.TcpConnection]):
    """A session that is a TCP connection."""

    __slots__ = ("_close_timeout", "_patience", "_starting_tls", "_tls_error", "endpoints")

    events: ClassVar[dict[str, int]] = {"message": 1, "open": 0, "close": 0, "error": 1}
    synonyms: ClassVar[dict[str, str]] = {"data": "message"}
    api: ClassVar[str] = "tcp"
    is_tcp: ClassVar[bool] = True
    unhandled: ClassVar[str] = "tcp_msgs_unhandled"

    def __init__(
        self,
        vu: Vu,
        close_timeout: float,
        send_timeout: float,
        recv_timeout: float | None,
        messages: Messages | None = None,
    ) -> None:
        super().__init__(vu, send_timeout, recv_timeout, messages)
        self._close_timeout = close_timeout
        # What ends it all where the peer does not end its side.
        self._patience: int | None = None
        self.endpoints: Endpoints | None = None
        # Who waits until TLS is there, and why it never will be.
        self._starting_tls: Wait | None = None
        self._tls_error: TCPError | None = None

    def said(self, message: Any) -> bytes:
        """A message as it is written: text as UTF-8, or bytes."""
        if self.messages is not None:
            return self.messages.framed(message)
        return as_utf8(message) if isinstance(message, str) else as_bytes(message)

    def transmit(self, said: bytes) -> int:
        """Write it; what the core answers of a WebSocket."""
        connection = self.connection
        if self.comeback is not None and self.comeback.holds():
            return NOT_NOW
        if connection is None or self.state != OPEN:
            return NOT_OPEN
        number = connection.write(said, None)
        self.sent_at = self.vu.loop.core.now()
        status = ACCEPTED if number > 0 else (FULL if number < 0 else NOT_OPEN)
        if status == NOT_OPEN and self.comeback is not None:
            status = self.comeback.standby.unsent()
        return followed(self.vu, status)

    def is_speaking(self) -> bool:
        """Whether it can be sent on."""
        return self.state == OPEN

    def shut(self, code: int, reason: str = "") -> None:  # noqa: ARG002 - there are none in TCP
        """End our side behind everything written; all of it where the peer does not end its own in time."""
        connection = self.connection
        if self.state == DOWN and self.comeback is not None:
            self.comeback.finish(Ending(None, "", "us"))
        if connection is not None and self.state not in {CLOSING, CLOSED}:
            if self.state == OPEN:
                connection.end()
                core = self.vu.loop.core
                self._patience = core.add_timer(self._close_timeout, self._give_up_on_peer)
            else:
                connection.destroy()
            self.state = CLOSING

    def end(self) -> None:
        """End our side behind everything written; what the peer says is received."""
        self.is_leaving = True
        if self.connection is not None:
            self.connection.end()

    def wind_down(self) -> None:
        """Close because the iteration failed; ``close`` handlers still run."""
        if self.state == DOWN:
            self.shut(GOING_AWAY)
        elif self.connection is not None and self.state != CLOSED:
            self.connection.destroy()
            self.state = CLOSING

    def cut(self) -> None:
        """Close at once."""
        if self.connection is not None and not self.is_gone:
            self.connection.destroy()
        if self.comeback is not None:
            self.comeback.cut()
        if self.state != CLOSED:
            self.state = CLOSED
            self.ending = Ending(None, "", "us")

    def let_go(self) -> None:
        """Nothing comes any more."""
        if self._patience is not None:
            # It would keep the session until then.
            self.vu.loop.core.cancel_timer(self._patience)
            self._patience = None
        super().let_go()

    def abort(self, connection: _core.TcpConnection) -> None:
        """Give up a connection in the making."""
        connection.destroy()

    def leave_connection(self) -> None:
        """Close its connection, and not the session."""
        if self.connection is not None:
            self.connection.destroy()

    def take_up(self, connection: _core.TcpConnection) -> None:
        """Go on with a later connection, which is open and in the clear."""
        super().take_up(connection)
        self._note_endpoints()

    def bound_waits(self, error: BaseException) -> list[Wait]:
        """The connection is lost: whose waits end with it."""
        return [*super().bound_waits(error), *self._tls_is_over()]

    def set_framing(self, framing: _core.Framing) -> None:
        """Cut what comes from here on by another framing, and send by it.

        Raises:
            FramingError: There is none to change, or a part of a message has come.
        """
        connection, messages = self.connection, self.messages
        if connection is None or messages is None or not connection.set_framing(framing):
            text = "the session is not open, or was opened without a framing"
            raise FramingError(text, "tcp.open(host, port, framing=…)")
        messages.framing = framing

    # TLS on an open connection -----------------------------------------------------------------------

    def start_tls(self, tls: _core.TlsSettings | None, host: str, port: int, ms: float) -> Wait:
        """Begin TLS behind everything written; who is told that it is there.

        Raises:
            TCPError: It cannot begin.
        """
        connection = self.connection
        if len(self.inbox):
            # RFC 3207 section 6: what was said in the clear must not count as said behind TLS.
            message = "the peer has sent more than was received"
            raise TCPError(
                "start_tls",
                message,
                "recv() what it says before it is ready for TLS",
                cause="tls_protocol",
            )
        if connection is None or self.state != OPEN or self._starting_tls is not None:
            raise TCPError("start_tls", "no active connection")
        arguments: _core.StartTlsArguments = {
            "host": host,
            "port": port,
            "tls": tls,
            "run": self.vu.who.run,
            "timeout": ms,
        }
        if not connection.start_tls(arguments):
            raise TCPError("start_tls", "no active connection")
        self._tls_error = None
        self._starting_tls = Wait(self.vu)
        return self._starting_tls

    def check_tls(self) -> None:
        """Raise where TLS never will be there.

        Raises:
            TCPError: It is not.
        """
        if self._tls_error is not None:
            raise self._tls_error

    def arrived(self, kind: int, data: Any, *, has_met: bool = False) -> None:
        """Take what has come, unless it came in the clear when TLS was to begin."""
        if self._starting_tls is None:
            super().arrived(kind, data, has_met=has_met)
        elif self.connection is not None:
            message = "the peer has sent data in the clear behind its consent to TLS"
            self._tls_error = TCPError("start_tls", message, cause="tls_protocol")
            self.connection.destroy()

    # What the loop calls -------------------------------------------------------------------------------

    def notice(self, kind: int, data: Any) -> list[Any]:
        """Take in at once what an event changes."""
        over: list[Any] = []
        starting = self._starting_tls
        if kind == _core.OPENED:
            self._note_endpoints()
        elif kind == _core.TLS_STARTED and starting is not None:
            self._starting_tls = None
            if data is not None and self._tls_error is None:
                text, cause, hint = data
                message = f"TLS handshake failed: {text}"
                self._tls_error = TCPError("start_tls", message, hint, phase="tls", cause=cause)
            over.append(starting)
        elif kind in {_core.CLOSED, _core.ENDED}:
            over += self._tls_is_over()
        return [*super().notice(kind, data), *over]

    def _note_endpoints(self) -> None:
        ends = None if self.connection is None else self.connection.endpoints()
        self.endpoints = None if ends is None else Endpoints(*ends)

    def _tls_is_over(self) -> list[Wait]:
        """The connection has ended: who waits for TLS on it."""
        starting, self._starting_tls = self._starting_tls, None
        if starting is None:
            return []
        if self._tls_error is None:
            self._tls_error = TCPError("start_tls", "the connection was closed", cause="eof")
        return [starting]

    def ended_by(self, data: Failure | None) -> Ending:
        """How it ended, of what the core tells."""
        if data is not None:
            return Ending(None, "", "nobody", _error_of(data))
        return Ending(None, "", "us" if self.state == CLOSING else "server")

    def deliver(self, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        if kind == _core.CLOSED and data is not None:
            self.emit("error", _error_of(data))
        elif kind == DROPPED:
            self.emit("close")
        elif kind == _core.ENDED:
            try:
                self.emit("close")
            finally:
                super().deliver(kind, data)
        else:
            super().deliver(kind, data)

    def _is_told(self, kind: int, data: Any) -> bool:
        is_end = kind in {_core.ENDED, DROPPED}
        return super()._is_told(kind, data) or (is_end and "close" in self.calls)

    def unreadable(self, error: CodecError) -> None:
        """End it: what came is none of its messages."""
        connection = self.connection
        if connection is not None:
            connection.record_error(None)
            connection.destroy()
        self.receive(_core.CLOSED, (str(error), "framing", error.hint))

    def count_unhandled(self, messages: int) -> None:
        """Count messages that nobody took."""
        if self.connection is not None:
            self.connection.unhandled(messages)

    def _give_up_on_peer(self, _kind: int, _data: object) -> None:
        if self.connection is not None and not self.is_gone:
            self.connection.destroy()


def _error_of(failure: Failure) -> TCPError:
    text, cause, hint = failure
    return TCPError("write" if text.startswith("write") else "read", text, hint, cause=cause)
