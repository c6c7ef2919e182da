"""What a session has of its own that is a WebSocket: two kinds of messages, codes, a closing handshake."""

from __future__ import annotations

from typing import Any, ClassVar

from k6ws import _core
from k6ws._conversation.ending import Ending, of_websocket
from k6ws._conversation.payload import as_bytes
from k6ws._conversation.source import Source
from k6ws._conversation.states import CLOSED, CLOSING, DOWN, OPEN
from k6ws._loop import Vu, followed
from k6ws._socket.ends import CLEAN, CUT_PATIENCE_MS, EMPTY_CLOSE, GOING_AWAY, Failure, error_of
from k6ws._socket.messages import Messages
from k6ws._socket.send_room import DOWN as NOT_NOW
from k6ws._socket.send_room import NOT_OPEN
from k6ws._socket.surrogates import send_well_formed
from k6ws.errors import CodecError

# The close code for data that is not what it should be (RFC 6455 section 7.4.1).
_NOT_CONSISTENT = 1007


class WebSocketSource(Source[_core.Connection]):
    """A session that is a WebSocket."""

    __slots__ = ("_asked_code", "_close_timeout")

    events: ClassVar[dict[str, int]] = {
        "message": 1,
        "open": 0,
        "close": 2,
        "error": 1,
        "ping": 0,
        "pong": 0,
    }
    api: ClassVar[str] = "ws"
    is_tcp: ClassVar[bool] = False
    unhandled: ClassVar[str] = "ws_msgs_unhandled"

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
        self._asked_code: int | None = None

    def said(self, message: Any) -> str | bytes:
        """A message as it is sent: text, or bytes."""
        if self.messages is not None:
            message = self.messages.said(message)
        return message if isinstance(message, str) else as_bytes(message)

    def transmit(self, said: str | bytes) -> int:
        """Send it; what the core answers."""
        connection = self.connection
        if connection is None:
            return NOT_OPEN
        if self.comeback is not None and self.comeback.holds():
            return NOT_NOW
        if isinstance(said, str):
            try:
                status = connection.send_text(said)
            except UnicodeEncodeError:
                _, status = send_well_formed(connection.send_text, said)
        else:
            status = connection.send_binary(said)
        if status == NOT_OPEN and self.comeback is not None:
            status = self.comeback.standby.unsent()
        self.sent_at = self.vu.loop.core.now()
        return followed(self.vu, status)

    def is_speaking(self) -> bool:
        """Whether it can be sent on."""
        return self.state == OPEN

    def shut(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake, or give up the dial."""
        if self.state == DOWN and self.comeback is not None:
            self.comeback.finish(Ending(code, reason, "us"))
        if self.connection is not None and self.state not in {CLOSING, CLOSED}:
            # First: a core that refuses leaves the session as it was.
            self.connection.close(code, reason, self._close_timeout)
            self.state = CLOSING
            self._asked_code = code

    def wind_down(self) -> None:
        """Close because the iteration failed; ``close`` handlers still run."""
        self.shut(GOING_AWAY)

    def cut(self) -> None:
        """Close within 100 ms, whatever the peer does."""
        if self.connection is not None and not self.is_gone:
            self.connection.cut(GOING_AWAY, CUT_PATIENCE_MS)
        if self.comeback is not None:
            self.comeback.cut()
        if self.state != CLOSED:
            self.state = CLOSED
            self.ending = Ending(GOING_AWAY, "", "us")

    def abort(self, connection: _core.Connection) -> None:
        """Give up a connection in the making."""
        connection.cut(GOING_AWAY, CUT_PATIENCE_MS)

    def leave_connection(self) -> None:
        """Close its connection, and not the session."""
        if self.connection is not None:
            self.connection.close(GOING_AWAY, "", self._close_timeout)

    def ended_by(self, data: tuple[int, str, str, Failure | None]) -> Ending:
        """How it ended, of what the core tells."""
        code, reason, _, failure = data
        return of_websocket(code, reason, failure, self._asked_code)

    def deliver(self, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        if kind == _core.CLOSED:
            self._tell(data)
        else:
            super().deliver(kind, data)

    def _tell(self, data: tuple[int, str, str, Failure | None]) -> None:
        code, reason, text, failure = data
        error = error_of(code, reason, text, failure, CLEAN | {self._asked_code, EMPTY_CLOSE})
        try:
            if error is not None:
                self.emit("error", error)
        finally:
            self.emit("close", code, reason)

    def unreadable(self, error: CodecError) -> None:
        """End it: what came is none of its messages."""
        self.shut(_NOT_CONSISTENT)
        failure = (str(error), "framing", error.hint)
        self.receive(_core.CLOSED, (_NOT_CONSISTENT, "", str(error), failure))

    def count_unhandled(self, messages: int) -> None:
        """Count messages that nobody took."""
        if self.connection is not None:
            self.connection.unhandled(messages)
