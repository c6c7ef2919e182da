"""What becomes of data on its way to the ``data`` handler of a TCP socket."""

from __future__ import annotations

from typing import Any

from k6ws._socket.messages import Messages
from k6ws.errors import CodecError, TCPError
from k6ws.tcp.operations import Operations
from k6ws.tcp.states import OPEN


class Decoded(list[Any]):
    """Messages that a codec has made of data already."""


class Receiving(Operations):
    """The part of a session that takes data; its slots are the session's."""

    __slots__ = ()

    messages: Messages | None
    """Where data is more than the bytes that came."""

    def destroy(self) -> None:
        """Close at once: the session's."""
        raise NotImplementedError

    def hear(self) -> None:
        """Have data of an open socket given to its handler itself: the hot path."""
        handlers = self.calls.get("data", ())
        handler = handlers[0] if handlers and self.state == OPEN else None
        if (messages := self.messages) is not None and (
            messages.coder is not None or self._is_before_tls(messages)
        ):
            handler = None
        self.on_binary = self.on_text = handler

    def _is_before_tls(self, messages: Messages) -> bool:
        """Whether what came was without the TLS that was asked for: it must not pass for what comes with it.

        The core lets no TLS begin then; see RFC 3207, section 6, for what follows from it.
        """
        is_begun = self.starting_tls is not None or self._tls_failure is not None
        return is_begun and messages.framing is not None

    def data(self, kind: int, data: Any) -> None:
        """Tell the handler of data, or of the messages that are made of it."""
        messages = self.messages
        if messages is None:
            self.emit("data", data)
            return
        if self._is_before_tls(messages):
            return
        if messages.coder is None:
            self.emit("data", data)
            return
        try:
            decoded = data if type(data) is Decoded else messages.coder.decode(kind, data)
        except CodecError as error:
            self._unreadable(error)
            return
        for index, message in enumerate(decoded, start=1):
            if self.state != OPEN:
                return
            rest = Decoded(decoded[index:])
            if self.emit("data", message) and rest and self.vu.host is not None:
                # A coroutine has begun: the others take their turn.
                self.vu.host.turns.defer_first(self, kind, rest)
                return

    def _unreadable(self, error: CodecError) -> None:
        """What came is no message of the codec: nobody knows what comes next."""
        if self.connection is not None:
            self.connection.record_error(None)
        self._is_error_told = True
        self.destroy()
        self.emit("error", TCPError("read", str(error), error.hint, cause="framing"))
