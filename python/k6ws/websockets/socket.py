"""The WebSocket that scripts make: listeners, sends, properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, Unpack, overload

from k6ws import _core, _params
from k6ws._conversation.asks import Asks
from k6ws._loop import check_opened, current, follow, handed_over
from k6ws._socket.reading import Reading
from k6ws._socket.send_room import FULL, GIVEN_UP, NOT_OPEN
from k6ws._socket.surrogates import send_well_formed
from k6ws.errors import InitContextError, InvalidStateError, K6Error, WSError
from k6ws.websockets import arguments
from k6ws.websockets.events import CloseEvent, ErrorEvent, Event
from k6ws.websockets.listeners import EventName, Handler
from k6ws.websockets.session import BLOB, CLOSED, CLOSING, CONNECTING, OPEN, Session
from k6ws.websockets.slots import Slot

if TYPE_CHECKING:
    from k6ws._params.keywords import Params

BinaryType: TypeAlias = Literal["blob", "arraybuffer"]

_OVER = "make a new WebSocket: this one does not open again"
_NOT_OPEN = {
    CONNECTING: ("still connecting", "send in its open handler, or after it"),
    OPEN: ("not connected", _OVER),
    CLOSING: ("closing", _OVER),
    CLOSED: ("closed", _OVER),
}
"""State to what it is called and what helps."""


class WebSocket(_core.WebSocketBase, Reading[Session], Asks):
    """A WebSocket as browsers have it. The constructor returns at once; the handshake goes on behind it.

    Args:
        url: ``ws://…`` or ``wss://…``, without a fragment.
        protocols: The subprotocols to offer, one or a list.
        params: The parameters of :func:`k6ws.ws.connect`; ``close_timeout`` is 5 s here.
        **keywords: The same parameters by name.

    Raises:
        K6Error: The URL or a parameter is wrong, in k6's words. A connection that cannot be made is no
            exception: it is an ``error`` event, then ``close``.
        UnknownOption: A parameter that does not exist.
        InitContextError: Made in the body of a script.

    Example:
        >>> socket = WebSocket("ws://127.0.0.1:8765/")                       # doctest: +SKIP
        >>> socket.onopen = lambda: socket.send("hello")                     # doctest: +SKIP
        >>> socket.add_event_listener("message", lambda event: print(event.data))  # doctest: +SKIP

    Every name also works as k6 spells it (``ready_state`` = ``readyState``).
    See https://grafana.com/docs/k6/latest/javascript-api/k6-websockets/.
    """

    __slots__ = ("__weakref__", "_session")

    CONNECTING: Final = CONNECTING
    OPEN: Final = OPEN
    CLOSING: Final = CLOSING
    CLOSED: Final = CLOSED

    @_params.named(_params.WEBSOCKET)
    def __init__(
        self,
        url: str | None = None,
        protocols: str | list[str] | tuple[str, ...] | None = None,
        params: Params | None = None,
        **keywords: Unpack[Params],
    ) -> None:
        vu = current()
        vu.check_may_begin()
        check_opened(vu, "WebSocket()")
        checked = arguments.check_url(url)
        if vu.who.is_init:
            message = "using websockets in the init context is not supported"
            raise InitContextError(message, "connect in the function that VUs run")
        read = arguments.read(protocols, params, keywords)
        self._session = session = Session(self, vu, checked, read)
        self._sends_through(session)

    # Listeners --------------------------------------------------------------------------------------

    @overload
    def add_event_listener(
        self, event: Literal["message"], handler: Callable[[_core.MessageEvent], object], /
    ) -> None: ...
    @overload
    def add_event_listener(
        self, event: Literal["error"], handler: Callable[[ErrorEvent], object], /
    ) -> None: ...
    @overload
    def add_event_listener(
        self, event: Literal["close"], handler: Callable[[CloseEvent], object], /
    ) -> None: ...
    @overload
    def add_event_listener(
        self, event: Literal["open", "ping", "pong"], handler: Callable[[Event], object], /
    ) -> None: ...
    @overload
    def add_event_listener(self, event: EventName, handler: Callable[[], object], /) -> None: ...
    def add_event_listener(
        self, event: EventName, handler: Handler, _options: Any = None, /
    ) -> None:
        """Call ``handler`` for an event, behind the ``on…`` attribute and those that were added before.

        Args:
            event: ``open``, ``message``, ``ping``, ``pong``, ``error`` or ``close``; another name is a
                warning, as in k6.
            handler: Called with the event if it takes an argument. May be a coroutine function where an
                asyncio loop runs it.

        Raises:
            K6Error: ``handler`` is ``None``.
            TypeError: It cannot be called, or demands more than one argument.
        """
        self._session.vu.check_alive()
        self._session.add_listener(event, handler)

    def remove_event_listener(self, event: EventName, handler: Handler, /) -> None:
        """Take a listener away; one that was not added is ignored."""
        self._session.remove_listener(event, handler)

    onopen: Slot[Event] = Slot(
        "open", "Called first when the connection is open. ``None`` if nobody is; likewise below."
    )
    onmessage: Slot[_core.MessageEvent] = Slot("message", "Called first for a message.")
    onerror: Slot[ErrorEvent] = Slot("error", "Called first for an error.")
    onclose: Slot[CloseEvent] = Slot("close", "Called first when the connection is closed.")
    onping: Slot[Event] = Slot("ping", "Called first for a ping, which has been answered by then.")
    onpong: Slot[Event] = Slot("pong", "Called first for a pong.")

    # Sending ----------------------------------------------------------------------------------------

    def _send(self, data: Any) -> None:
        """Send what the core has not taken as it is."""
        session = self._session
        if session.state != OPEN:
            self._refuse_state()
        if isinstance(data, str):
            try:
                status = session.send_text(data)
            except UnicodeEncodeError:
                data, status = send_well_formed(session.send_text, data)
            if status:
                self._not_sent(status, lambda: session.send_text(data))
            return
        content = data if type(data) is bytes else arguments.content(data)
        status = session.send_binary(content)
        if status:
            self._not_sent(status, lambda: session.send_binary(content))

    def ping(self) -> None:
        """Send a ping; its pong gives a ``ws_ping`` sample and a ``pong`` event.

        Raises:
            InvalidStateError: The socket is not open.
        """
        session = self._session
        connection = session.connection
        if session.state != OPEN or connection is None:
            self._refuse_state()
        assert connection is not None, "an open socket has a connection"  # noqa: S101
        follow(session.vu)
        status = connection.ping()
        if status:
            self._not_sent(status, connection.ping)

    def keep(self) -> None:
        """Give the socket to its VU: no iteration waits for its end from now on, or ends it.

        It stays open from one to the next, until it is closed, or its VU is cut or leaves its scenario.
        Listeners run at the end of an iteration and between two of them. One that is closed is left as it is.

        Example:
            >>> socket = WebSocket(url)              # doctest: +SKIP
            >>> socket.keep()                        # doctest: +SKIP
        """
        self._session.vu.check_alive()
        self._session.keep()

    def close(self, code: float | None = None, reason: str | None = None) -> None:
        """Close the connection; the ``close`` event follows, at the latest after ``close_timeout``.

        A socket that is connecting gives up. One that is closing or closed ignores the call. It works from
        every thread: made from another one it returns at once, and the socket's own thread closes it.

        Args:
            code: 1000 or 3000-4999; default 1000.
            reason: At most 123 bytes of UTF-8.

        Raises:
            InvalidAccessError: Another code; nothing is closed.
            TypeError: No code at all.
            InvalidCloseReason: A longer reason; nothing is closed.
        """
        session = self._session
        if session.state >= CLOSING:
            session.vu.check_alive()
            return
        number, text = arguments.check_code(code), arguments.check_reason(reason)
        if handed_over(session.vu.loop, lambda: session.shut_if_open(number, text)):
            return
        session.vu.check_alive()
        follow(session.vu)
        session.shut(number, text)

    def _not_sent(self, status: int, again: Callable[[], int]) -> None:
        """More waits than may, or the peer has gone: `error` and `close` are on their way and say so."""
        self._session.vu.check_alive()
        connection = self._session.connection
        if status == FULL:
            status = self._session.wait_for_room(again)
        if status == NOT_OPEN and connection is not None:
            connection.unsent()
        if status in {FULL, GIVEN_UP}:
            text, hint = "write: i/o timeout", "the peer does not read what it is sent"
            raise WSError(text, hint, cause="send_blocked")

    def _refuse_state(self) -> None:
        self._session.vu.check_alive()
        state, hint = _NOT_OPEN[self._session.state]
        message = f"InvalidStateError: the WebSocket is {state}, so nothing can be sent"
        raise InvalidStateError(message, hint)

    # Properties -------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The URL it was made with, its scheme in lower case."""
        return self._session.url

    @property
    def ready_state(self) -> int:
        """0 ``CONNECTING``, 1 ``OPEN``, 2 ``CLOSING``, 3 ``CLOSED``."""
        follow(self._session.vu)
        return self._session.state

    @property
    def buffered_amount(self) -> int:
        """Payload bytes that were given to ``send`` and are not written yet."""
        connection = self._session.connection
        return 0 if connection is None else connection.buffered_payload()

    @property
    def protocol(self) -> str:
        """The subprotocol that the server chose, or empty."""
        return self._session.protocol

    @property
    def extensions(self) -> list[str]:
        """The values of the answer's ``Sec-WebSocket-Extensions``."""
        return list(self._session.extensions)

    @property
    def binary_type(self) -> BinaryType:
        """How binary messages arrive: ``"blob"`` or ``"arraybuffer"``, which is ``bytes``."""
        return "blob" if self._session.binary_type == BLOB else "arraybuffer"

    @binary_type.setter
    def binary_type(self, value: BinaryType) -> None:
        if value not in (BLOB, "arraybuffer"):
            message = f'unknown binaryType {value}, the supported ones are "blob" and "arraybuffer"'
            raise K6Error(message)
        self._session.set_binary_type(value)

    def __repr__(self) -> str:
        state = ("connecting", "open", "closing", "closed")[self._session.state]
        return f"<WebSocket {self._session.url} {state}>"

    addEventListener = add_event_listener  # noqa: N815 - k6's spelling, here and below
    removeEventListener = remove_event_listener  # noqa: N815
    readyState = ready_state  # noqa: N815
    bufferedAmount = buffered_amount  # noqa: N815
    binaryType = binary_type  # noqa: N815
