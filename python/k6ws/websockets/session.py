"""The life of one WebSocket: how events reach listeners, how it closes, what an exception does.

What scripts hold is a ``WebSocket``, which has one of these. The state machine:

| state | opened | refused | peer's Close, error | ``close()`` |
| --- | --- | --- | --- | --- |
| ``CONNECTING`` | ``open``, to ``OPEN`` | ``error``, ``close``, to ``CLOSED`` | – | to ``CLOSING`` |
| ``OPEN`` | – | – | perhaps ``error``, then ``close``, to ``CLOSED`` | Close sent, to ``CLOSING`` |
| ``CLOSING`` | – | ``close`` 1006, to ``CLOSED`` | ``close``, to ``CLOSED`` | – |
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from k6ws import _core, _params
from k6ws._loop import Vu, context_of_task, followed, returned
from k6ws._loop.places import here
from k6ws._socket import handshake as _request
from k6ws._socket import session as _session
from k6ws._socket import url as _url
from k6ws._socket.ends import ABNORMAL, CLEAN, CUT_PATIENCE_MS, NORMAL, Failure, error_of
from k6ws._socket.send_room import NOT_OPEN
from k6ws._socket.session import OF_REQUESTS
from k6ws._socket.unhandled import Unhandled
from k6ws.errors import ConnectError, WSError
from k6ws.websockets.blob import Blob
from k6ws.websockets.events import CloseEvent, ErrorEvent, Event
from k6ws.websockets.listeners import Listeners

CONNECTING, OPEN, CLOSING, CLOSED = range(4)
BLOB = "blob"

_MESSAGES = _core.MESSAGES
_INTERNAL_ERROR = 1011


class Session(_session.Session[_core.Connection]):
    """One WebSocket from its attempt to its end, as the loop sees it."""

    __slots__ = (
        "_asked_code",
        "_close_timeout",
        "_face",
        "_handshake",
        "_listeners",
        "_refusal",
        "_unhandled",
        "binary_type",
        "extensions",
        "protocol",
        "state",
        "url",
    )

    def __init__(self, face: object, vu: Vu, url: str, params: _params.Params) -> None:
        """``face`` is the socket that scripts hold, the target of its events."""
        super().__init__(vu, params.send_timeout)
        self._face: object = face
        self.url = url
        self.state = CONNECTING
        self.binary_type = BLOB
        self.protocol = ""
        self.extensions: tuple[str, ...] = ()
        self._close_timeout = params.close_timeout
        self._asked_code: int | None = None
        self._refusal: WSError | None = None
        self._handshake: _request.Handshake | None = None
        vu.keep(self, here())
        try:
            self.context = context_of_task(vu)
            # Handlers that are coroutine functions need to know where they run.
            self._unhandled = Unhandled(vu, "socket.onmessage = …")
            self._listeners = Listeners(vu, self._unhandled)
            self.calls = self._listeners.calls
            self._dial(params)
        except BaseException:
            vu.release(self)
            raise

    def _dial(self, params: _params.Params) -> None:
        vu = self.vu
        try:
            endpoint = _url.parse(self.url)
        except _url.MalformedError as error:
            _request.count_malformed(vu, self.url, params, is_named=True)
            self._refusal = WSError(str(error), error.hint, cause="url")
            vu.loop.core.add_timer(0.0, lambda _kind, _data: self.receive(_core.REFUSED, None))
            return
        self._handshake = _request.Handshake(vu, self.url, params)
        self.connection = self._handshake.begin(endpoint, params, self.receive, self._face)

    # What scripts ask for ---------------------------------------------------------------------------

    def add_listener(self, name: str, handler: Any) -> None:
        """Add a listener behind those that are there."""
        self._listeners.add(name, handler)
        self._hear()

    def remove_listener(self, name: str, handler: object) -> None:
        """Remove a listener."""
        self._listeners.remove(name, handler)
        self._hear()

    def slot(self, name: str) -> Any:
        """The handler in an ``on…`` attribute."""
        return self._listeners.slot(name)

    def set_slot(self, name: str, handler: Any) -> None:
        """Replace the handler in an ``on…`` attribute."""
        self._listeners.set_slot(name, handler)
        self._hear()

    def send_text(self, data: str) -> int:
        """Send text that the core has not taken by itself; what it answers."""
        connection = self.connection
        return NOT_OPEN if connection is None else followed(self.vu, connection.send_text(data))

    def send_binary(self, data: bytes) -> int:
        """Send bytes likewise."""
        connection = self.connection
        return NOT_OPEN if connection is None else followed(self.vu, connection.send_binary(data))

    def shut(self, code: int, reason: str) -> None:
        """Begin the closing handshake, or give up the dial."""
        if self.connection is not None:
            # First: a core that refuses leaves the socket as it was.
            self.connection.close(code, reason, self._close_timeout)
        self._enter(CLOSING)
        self._asked_code = code

    def shut_if_open(self, code: int, reason: str) -> None:
        """The same, as another thread wants it."""
        if self.state < CLOSING and not self.vu.is_cut:
            self.shut(code, reason)

    # What the loop calls ----------------------------------------------------------------------------

    def abandon(self) -> None:
        """Leave the VU, which is being cut: a Close goes out, nobody is told, nothing is awaited."""
        self._enter(CLOSED)
        if self.connection is not None:
            self.connection.cut(NORMAL, CUT_PATIENCE_MS)
        self._let_go()

    def wind_down(self) -> None:
        """Close because the iteration failed; ``close`` listeners still run."""
        if self.state < CLOSING:
            self.shut(NORMAL, "")

    def deliver(self, kind: int, data: Any) -> None:  # noqa: C901 - one branch for each event
        """Run the listeners of an event."""
        if kind == _MESSAGES:
            self._messages(data)
        elif kind in {_core.TEXT, _core.BINARY}:
            self._message(data)
        elif kind in {_core.PING, _core.PONG}:
            if self.state < CLOSED:
                name = "ping" if kind == _core.PING else "pong"
                self.emit(name, Event(name, self._face, data))
        elif kind == _core.CLOSED:
            self._peer_closed(*data)
        elif kind == _core.OPENED:
            self._opened()
        elif kind == _core.REFUSED:
            self._refused()
        elif kind == _core.ENDED:
            self._let_go()
        elif kind == _core.WRITABLE:
            self.has_room()
        elif kind in OF_REQUESTS:
            self.told_of_requests(kind, data)

    def event_of(self, arrival: _core.Arrival) -> Any:
        """What listeners are given of a message that no request has taken."""
        return arrival.event(self._face)

    def raised(self, kind: int, error: BaseException) -> None:
        """A listener raised: the iteration fails, and a socket whose message it was is closed."""
        vu = self.vu
        vu.failed(error)
        if vu.is_cut or self.state != OPEN or kind in {_core.PING, _core.PONG}:
            return
        self.shut(_INTERNAL_ERROR, "")
        try:
            self.emit("error", ErrorEvent(self._face, error))
        except BaseException as second:  # noqa: BLE001 - the first one is what ended the iteration
            error.add_note(f"an error listener raised as well: {second!r}")

    # Within -----------------------------------------------------------------------------------------

    def _enter(self, state: int) -> None:
        self.state = state
        self._hear()

    def _hear(self) -> None:
        """Have messages that an open socket receives given to their one listener itself: the hot path."""
        calls = self.calls["message"]
        one = calls[0] if self.state == OPEN and len(calls) == 1 else None
        self.on_text = one
        self.on_binary = None if self.binary_type == BLOB else one

    def set_binary_type(self, value: str) -> None:
        """Have binary messages be of this kind from now on."""
        self.binary_type = value
        self._hear()

    def _message(self, event: _core.MessageEvent) -> bool:
        if self.state != OPEN:
            if self.connection is not None:
                self.connection.dropped()
            return False
        if self.binary_type == BLOB and type(event.data) is bytes:
            event = event.with_data(Blob([event.data]))
        return self.emit("message", event)

    def _messages(self, events: list[_core.MessageEvent]) -> None:
        """Run the listeners of messages that arrived one after the other; any of them may change all."""
        left = iter(events)
        try:
            for event in left:
                call = self.on_text
                if call is None or (self.binary_type == BLOB and type(event.data) is bytes):
                    has_begun = self._message(event)
                else:
                    result = call(event)
                    has_begun = (
                        result is not None
                        and returned(self.vu, self, "message", result) is not None
                    )
                if has_begun:
                    break
        except BaseException:
            if self.connection is not None:
                for _ in left:
                    self.connection.dropped()
            raise
        rest = list(left)
        if rest and self.vu.host is not None:
            self.vu.host.turns.defer_first(self, _MESSAGES, rest)

    def _opened(self) -> None:
        connection = self.connection
        if connection is None or self.state != CONNECTING:
            return
        # First: what raises here closes a socket that is open.
        self._enter(OPEN)
        if self.vu.who.run is not None:
            self.send_by(connection, True)
        if self._handshake is not None:
            self._handshake.settled(is_refused=False)
        for name, value in self._settle_handshake():
            if name == "Sec-Websocket-Protocol":
                self.protocol = value
            elif name == "Sec-Websocket-Extensions":
                self.extensions = (*self.extensions, value)
        self.emit("open", Event("open", self._face))

    def _refused(self) -> None:
        was_asked = self.state == CLOSING
        if self._handshake is not None and not was_asked:
            self._handshake.settled(is_refused=True)
        self._enter(CLOSED)
        # What a jar or a listener raises does not keep the others from being told.
        with ExitStack() as stack:
            stack.callback(self._let_go)
            stack.callback(
                lambda: self.emit("close", CloseEvent(self._face, ABNORMAL, "", was_clean=False))
            )
            stack.callback(lambda: None if was_asked else self._tell_refusal())
            self._settle_handshake()

    def _tell_refusal(self) -> None:
        if self._refusal is not None:
            self.emit("error", ErrorEvent(self._face, self._refusal))

    def _settle_handshake(self) -> list[tuple[str, str]]:
        """Take the answer in; its headers."""
        handshake, self._handshake = self._handshake, None
        outcome = None if self.connection is None else self.connection.take_outcome()
        if outcome is None or handshake is None:
            return []
        status, headers, body, cookies, failure = outcome
        if failure is not None:
            text, hint, phase, cause = failure
            self._refusal = ConnectError(
                text,
                hint,
                url=self.url,
                phase=phase,
                cause=cause,
                status=status,
                headers=dict(headers),
                body=body,
            )
        # Last: a script's jar may raise.
        handshake.store_cookies(cookies)
        return headers

    def _peer_closed(
        self,
        code: int,
        reason: str,
        text: str,
        failure: Failure | None,
    ) -> None:
        """No more messages: the peer closed, broke the protocol, or is gone."""
        if self.state == CLOSED:
            return
        self._enter(CLOSED)
        fine = CLEAN | {self._asked_code, ABNORMAL}
        error = error_of(code, reason, text, failure, fine)
        was_clean = failure is None and code != ABNORMAL
        try:
            if error is not None:
                self.emit("error", ErrorEvent(self._face, error))
        finally:
            self.emit("close", CloseEvent(self._face, code, reason, was_clean=was_clean))

    def _let_go(self) -> None:
        """The stream is gone: the VU need not wait any more, and nothing refers to the socket."""
        if self.connection is not None:
            self._unhandled.tell(self.connection)
        self.connection = None
        self.send_by(None, True)
        self.vu.release(self)
        # Listeners refer to their socket, and so does this: only the garbage collector would free them.
        self._listeners.clear()
        self._hear()
        self._face = None
        # Last: whoever waits goes on at once.
        self.stop_asking()
