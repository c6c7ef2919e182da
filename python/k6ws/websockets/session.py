"""The life of one WebSocket: how events reach listeners, how it closes, what an exception does.

What scripts hold is a ``WebSocket``, which has one of these. The state machine:

| state | opened | refused | peer's Close, error | ``close()`` |
| --- | --- | --- | --- | --- |
| ``CONNECTING`` | ``open``, to ``OPEN`` | ``error``, ``close``, to ``CLOSED`` | – | to ``CLOSING`` |
| ``OPEN`` | – | – | perhaps ``error``, then ``close``, to ``CLOSED`` | Close sent, to ``CLOSING`` |
| ``CLOSING`` | – | ``close`` 1006, to ``CLOSED`` | ``close``, to ``CLOSED`` | – |
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from k6ws import _core, _params
from k6ws._loop import Vu, context_of_task, following, returned
from k6ws._loop.places import here
from k6ws._socket import handshake as _request
from k6ws._socket import url as _url
from k6ws._socket.send_room import Room
from k6ws._socket.unhandled import Unhandled
from k6ws.errors import ConnectError, WSError
from k6ws.websockets.blob import Blob
from k6ws.websockets.events import CloseEvent, ErrorEvent, Event
from k6ws.websockets.listeners import Listeners

CONNECTING, OPEN, CLOSING, CLOSED = range(4)
BLOB = "blob"

_TEXT, _BINARY, _MESSAGES = _core.TEXT, _core.BINARY, _core.MESSAGES
# What counts as undelivered while it is held.
_BOUNDED = frozenset({_TEXT, _BINARY, _MESSAGES, _core.PING, _core.PONG})
_NORMAL = 1000
_CLEAN = (1000, 1001)
_ABNORMAL = 1006
_INTERNAL_ERROR = 1011
_CUT_PATIENCE_MS = 100.0


class Session:
    """One WebSocket from its attempt to its end, as the loop sees it."""

    __slots__ = (
        "_asked_code",
        "_calls",
        "_close_timeout",
        "_face",
        "_handshake",
        "_refusal",
        "_unhandled",
        "binary_type",
        "connection",
        "context",
        "extensions",
        "listeners",
        "loop",
        "protocol",
        "room",
        "send_binary",
        "send_text",
        "state",
        "url",
        "vu",
    )

    is_within_call = False

    def __init__(
        self, face: object, vu: Vu, url: str, params: _params.Params, protocols: str
    ) -> None:
        """``face`` is the socket that scripts hold, the target of its events."""
        self._face: object = face
        self.vu = vu
        self.loop = vu.loop
        self.url = url
        self.state = CONNECTING
        self.binary_type = BLOB
        self.protocol = ""
        self.extensions: list[str] = []
        self._close_timeout = params.close_timeout
        self._asked_code: int | None = None
        self.room = Room(vu, params.send_timeout)
        self._refusal: WSError | None = None
        self.connection: _core.Connection | None = None
        self._handshake: _request.Handshake | None = None
        self.send_text: Callable[[str], int] = _not_open
        self.send_binary: Callable[[bytes], int] = _not_open
        vu.keep(self, here())
        try:
            self.context = context_of_task(vu)
            # Handlers that are coroutine functions need to know where they run.
            self._unhandled = Unhandled(vu, "socket.onmessage = …")
            self.listeners = Listeners(vu, self._unhandled)
            self._calls = self.listeners.calls
            self._dial(params, protocols)
        except BaseException:
            vu.release(self)
            raise

    def _dial(self, params: _params.Params, protocols: str) -> None:
        vu = self.vu
        try:
            target = _url.parse(self.url)
        except _url.MalformedError as error:
            _request.count_malformed(vu, self.url, params, is_named=True)
            self._refusal = WSError(str(error), error.hint, cause="url")
            self.loop.core.add_timer(0.0, lambda _kind, _data: self.receive(_core.REFUSED, None))
            return
        self._handshake = _request.Handshake(vu, self.url, params)
        connection = self._handshake.begin(
            target, params, self.receive, self._face, protocols=protocols
        )
        self.connection = connection
        self.send_text = following(vu, connection.send_text)
        self.send_binary = following(vu, connection.send_binary)

    # What the loop calls ----------------------------------------------------------------------------

    def receive(self, kind: int, data: Any) -> None:
        """Take an event of the connection. The hot path: messages first."""
        vu = self.vu
        if vu.accepts is not vu:
            if kind == _core.WRITABLE:
                self.room.opened()
            else:
                vu.hold(self, kind, data)
            return
        vu.accepts = None
        loop = self.loop
        if loop.led is not vu:
            # As `lead_for` does, without a call.
            loop.current = loop.led = vu
            if (leader := loop.leader) is not None:
                leader.gr_context = vu.context
        try:
            if kind == _TEXT and self.state == OPEN and (call := self.listeners.only) is not None:
                result = call(data)
                if result is not None:
                    returned(vu, self, "message", result)
            elif kind == _MESSAGES:
                self._messages(data)
            else:
                self._deliver(kind, data)
        except BaseException as error:  # noqa: BLE001 - it ends the iteration, not the loop
            self._raised(kind, error)
        vu.accepts = vu
        if vu.is_unsettled:
            vu.settle()

    def dispatch(self, kind: int, data: Any) -> None:
        """Run the handlers of an event where an asyncio loop runs them."""
        try:
            self._deliver(kind, data)
        except BaseException as error:  # noqa: BLE001 - it ends the iteration, not the loop
            self._raised(kind, error)

    def pause_reading(self, is_paused: bool) -> None:
        """Read nothing more from the peer, or again."""
        if self.connection is not None:
            self.connection.pause_reading(is_paused)

    def holding(self, kind: int, data: Any) -> None:
        """Count an event that is held as undelivered."""
        if kind in _BOUNDED and self.connection is not None:
            for size in _sizes(kind, data):
                self.connection.held(size)

    def releasing(self, kind: int, data: Any) -> None:
        """Count it no more."""
        if kind in _BOUNDED and self.connection is not None:
            for size in _sizes(kind, data):
                self.connection.released(size)

    def ends_operation(self, _kind: int) -> bool:
        """Nothing here returns an operation."""
        return False

    def abandon(self) -> None:
        """Leave the VU, which is being cut: a Close goes out, nobody is told, nothing is awaited."""
        self.state = CLOSED
        if self.connection is not None:
            self.connection.cut(_NORMAL, _CUT_PATIENCE_MS)
        self._let_go()

    def wind_down(self) -> None:
        """Close because the iteration failed; ``close`` listeners still run."""
        if self.state < CLOSING:
            self.shut(_NORMAL, "")

    # Within -----------------------------------------------------------------------------------------

    def _deliver(self, kind: int, data: Any) -> None:
        """Run the listeners of an event."""
        if kind in {_TEXT, _BINARY}:
            self._message(data)
        elif kind == _MESSAGES:
            self._messages(data)
        elif kind in {_core.PING, _core.PONG}:
            if self.state < CLOSED:
                name = "ping" if kind == _core.PING else "pong"
                self._emit(name, Event(name, self._face, data))
        elif kind == _core.CLOSED:
            self._peer_closed(*data)
        elif kind == _core.OPENED:
            self._opened()
        elif kind == _core.REFUSED:
            self._refused()
        elif kind == _core.ENDED:
            self._let_go()
        elif kind == _core.WRITABLE:
            self.room.opened()

    def _message(self, event: _core.MessageEvent) -> bool:
        if self.state != OPEN:
            if self.connection is not None:
                self.connection.dropped()
            return False
        if self.binary_type == BLOB and type(event.data) is bytes:
            event = event.with_data(Blob([event.data]))
        return self._emit("message", event)

    def _messages(self, events: list[_core.MessageEvent]) -> None:  # noqa: C901 - calls would cost more
        """Run the listeners of messages that arrived one after the other; any of them may change all."""
        listeners = self.listeners
        left = iter(events)
        has_begun = False
        try:
            for event in left:
                if self.state != OPEN or (self.binary_type == BLOB and type(event.data) is bytes):
                    if self._message(event):
                        break
                    continue
                call = listeners.only
                if call is None:
                    has_begun = self._emit("message", event)
                elif (result := call(event)) is not None:
                    has_begun = returned(self.vu, self, "message", result) is not None
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
        self.state = OPEN
        for name, value in self._settle_handshake():
            if name == "Sec-Websocket-Protocol":
                self.protocol = value
            elif name == "Sec-Websocket-Extensions":
                self.extensions.append(value)
        self._emit("open", Event("open", self._face))

    def _refused(self) -> None:
        was_asked, self.state = self.state == CLOSING, CLOSED
        # What a jar or a listener raises does not keep the others from being told.
        with ExitStack() as stack:
            stack.callback(self._let_go)
            stack.callback(
                lambda: self._emit("close", CloseEvent(self._face, _ABNORMAL, "", was_clean=False))
            )
            stack.callback(lambda: None if was_asked else self._tell_refusal())
            self._settle_handshake()

    def _tell_refusal(self) -> None:
        if self._refusal is not None:
            self._emit("error", ErrorEvent(self._face, self._refusal))

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
        failure: tuple[str, str, str] | None,
    ) -> None:
        """No more messages: the peer closed, broke the protocol, or is gone."""
        if self.state == CLOSED:
            return
        self.state = CLOSED
        error = None
        if failure is not None:
            why, cause, hint = failure
            error = WSError(why, hint, code=code, reason=reason, cause=cause)
        elif code not in {*_CLEAN, self._asked_code} and code != _ABNORMAL:
            error = WSError(text, code=code, reason=reason, cause="closed")
        was_clean = failure is None and code != _ABNORMAL
        try:
            if error is not None:
                self._emit("error", ErrorEvent(self._face, error))
        finally:
            self._emit("close", CloseEvent(self._face, code, reason, was_clean=was_clean))

    def _raised(self, kind: int, error: BaseException) -> None:
        """A listener raised: the iteration fails, and a socket whose message it was is closed."""
        vu = self.vu
        vu.failed(error)
        if vu.is_cut or self.state != OPEN or kind in {_core.PING, _core.PONG}:
            return
        self.shut(_INTERNAL_ERROR, "")
        try:
            self._emit("error", ErrorEvent(self._face, error))
        except BaseException as second:  # noqa: BLE001 - the first one is what ended the iteration
            error.add_note(f"an error listener raised as well: {second!r}")

    def shut(self, code: int, reason: str) -> None:
        """Begin the closing handshake, or give up the dial."""
        if self.connection is not None:
            # First: a core that refuses leaves the socket as it was.
            self.connection.close(code, reason, self._close_timeout)
        self.state = CLOSING
        self._asked_code = code

    def _emit(self, name: str, event: Any) -> bool:
        """Run the listeners of an event; whether one of them has begun a coroutine."""
        has_begun = False
        for handler in self._calls.get(name, ()):
            result = handler(event)
            if result is not None:
                # One that waits for what the peer says to it must not keep messages back.
                task = returned(self.vu, self, name, result, holds_events=name != "open")
                has_begun |= task is not None
        return has_begun

    def _let_go(self) -> None:
        """The stream is gone: the VU need not wait any more, and nothing refers to the socket."""
        self.send_text = self.send_binary = _not_open
        if self.connection is not None:
            self._unhandled.tell(self.connection)
        self.connection = None
        self.vu.release(self)
        # Listeners refer to their socket, and so does this: only the garbage collector would free them.
        self.listeners.clear()
        self._face = None


def _sizes(kind: int, data: Any) -> list[int]:
    """Payload bytes of each message in an event; pings and pongs have none that count."""
    if kind == _MESSAGES:
        return [len(one.data) for one in data]
    return [len(data.data) if kind in {_TEXT, _BINARY} else 0]


def _not_open(_data: object) -> int:
    """Stand in for a connection that is not there."""
    return 1
