"""The socket that a ``ws.connect`` callback is given: handlers, sends, timers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from k6ws import _core
from k6ws._conversation.asks import Asks
from k6ws._loop import check_opened, handed_over
from k6ws._params import in_range, milliseconds
from k6ws._socket.close_code import close_code
from k6ws._socket.ends import GOING_AWAY
from k6ws._socket.reading import Reading
from k6ws._socket.surrogates import send_well_formed
from k6ws.errors import InvalidCloseCode, K6Error, WSError
from k6ws.ws.payload import MISSING, as_bytes, as_text
from k6ws.ws.session import Session

if TYPE_CHECKING:
    from k6ws._socket.handlers import OnBinary, OnCode, OnPlain, OnText, OnWSError

EventName: TypeAlias = Literal[
    "open", "message", "binaryMessage", "binary_message", "ping", "pong", "close", "error"
]
Delay: TypeAlias = float | str | timedelta


class Socket(_core.TextSocketBase, Reading[Session], Asks):
    """One WebSocket session of a script; k6's ``Socket`` of ``k6/ws``.

    It is passed to the callback of :func:`k6ws.ws.connect` and lives until ``connect`` returns. Every name
    also works as k6 spells it (``set_timeout`` = ``setTimeout``).
    """

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        """Made by ``ws.connect``."""
        self._session = session
        self._sends_through(session)

    # What scripts call ------------------------------------------------------------------------------

    @overload
    def on(self, event: Literal["message"], handler: Callable[[str], object]) -> None: ...
    @overload
    def on(
        self,
        event: Literal["binaryMessage", "binary_message"],
        handler: Callable[[bytes], object],
    ) -> None: ...
    @overload
    def on(self, event: Literal["close"], handler: Callable[[int], object]) -> None: ...
    @overload
    def on(self, event: Literal["error"], handler: Callable[[WSError], object]) -> None: ...
    @overload
    def on(self, event: EventName, handler: Callable[[], object]) -> None: ...
    @overload
    def on(self, event: Literal["message"]) -> OnText: ...
    @overload
    def on(self, event: Literal["binaryMessage", "binary_message"]) -> OnBinary: ...
    @overload
    def on(self, event: Literal["close"]) -> OnCode: ...
    @overload
    def on(self, event: Literal["error"]) -> OnWSError: ...
    @overload
    def on(self, event: Literal["open", "ping", "pong"]) -> OnPlain: ...
    def on(self, event: EventName, handler: Callable[..., object] | None = None) -> Any:
        """Call ``handler`` for an event; several handlers of one event are called in order.

        Args:
            event: ``open``, ``message`` (text: ``str``), ``binaryMessage`` (``bytes``), ``ping``, ``pong``,
                ``close`` (code: ``int``) or ``error`` (:class:`k6ws.WSError`). Another name is a
                warning, and never fires.
            handler: Called with as many of the event's arguments as it accepts. Left out, ``on`` returns
                a decorator. Something that cannot be called is ignored, as in k6.

        Raises:
            TypeError: The handler demands more arguments than the event has.

        Example:
            >>> @socket.on("message")              # doctest: +SKIP
            ... def _(text):
            ...     print("got", text)
        """
        if handler is None:

            def register(decorated: Callable[..., object]) -> Callable[..., object]:
                self._register(event, decorated)
                return decorated

            return register
        self._register(event, handler)
        return None

    def _send(self, data: str | float) -> None:
        """Send what the core has not taken as it is."""
        if type(data) is not str:
            data = as_text(data)
        session = self._session
        try:
            status = session.send_text(data)
        except UnicodeEncodeError:
            data, status = send_well_formed(session.send_text, data)
        if status:
            session.not_sent(status, session.send_text, data)

    def send_binary(self, data: Any = MISSING) -> None:
        """Send a binary message: ``bytes``, or anything with the buffer protocol. As :meth:`send`.

        Raises:
            K6Error: Not a buffer, in k6's words.
            WSError: As for :meth:`send`.
        """
        if type(data) is not bytes:
            data = as_bytes(data)
        session = self._session
        status = session.send_binary(data)
        if status:
            session.not_sent(status, session.send_binary, data)

    def ping(self) -> None:
        """Send a ping; its pong gives a ``ws_ping`` sample and a ``pong`` event. After the end as `send`."""
        session = self._session
        status = session.send_ping()
        if status:
            session.not_sent(status, session.send_ping)

    def close(self, code: float = GOING_AWAY) -> None:
        """Close the session: ``close`` handlers run, then ``connect`` returns. Again: does nothing.

        The one call that works from every thread: made from another one it returns at once, and the session
        is closed at its own thread's next turn.

        Args:
            code: What the peer is told; 1005 sends an empty Close frame (RFC 6455 section 7.4).

        Raises:
            InvalidCloseCode: A code that may not travel; nothing is closed.
            TypeError: No code at all.
        """
        number = close_code(code)
        if not _core.may_close_with(number):
            message = f"invalid close code {number}"
            raise InvalidCloseCode(message, "use 1000-4999, but not 1004, 1006 or 1015")
        session = self._session
        if not handed_over(session.vu.loop, lambda: session.close_in_turn(number)):
            session.close(number)

    def set_timeout(self, function: Callable[[], object], delay: Delay = 0.0) -> None:
        """Call ``function`` once, ``delay`` milliseconds (or ``"1.5s"``) from now, while the session lives.

        Raises:
            K6Error: The delay is not above zero.
            TypeError: ``function`` cannot be called.
        """
        self._add_timer("setTimeout", function, delay, repeats=False)

    def set_interval(self, function: Callable[[], object], delay: Delay = 0.0) -> None:
        """Call ``function`` every ``delay`` milliseconds while the session lives.

        The rate is fixed: a call that comes late does not move the others, and late ones become one.
        Raises as :meth:`set_timeout`.
        """
        self._add_timer("setInterval", function, delay, repeats=True)

    sendBinary = send_binary  # noqa: N815 - k6's spelling, here and below
    setTimeout = set_timeout  # noqa: N815
    setInterval = set_interval  # noqa: N815

    # Within ----

    def _register(self, event: str, handler: Any) -> None:
        if event == "binary_message":
            event = "binaryMessage"
        self._session.register(event, handler)

    def _add_timer(self, name: str, function: Any, delay: Delay, *, repeats: bool) -> None:
        session = self._session
        session.vu.check_alive()
        check_opened(session.vu, f"{name}()")
        if not callable(function):
            message = f"{name} takes a function, not {function!r}"
            raise TypeError(message)
        if isinstance(delay, (int, float)) and not delay > 0.0:
            shown = "NaN" if delay != delay else f"{in_range(delay):.2f}"  # noqa: PLR0124 - NaN
            message = f"{name} requires a >0 timeout parameter, received {shown} "
            raise K6Error(message)
        ms = milliseconds(delay, name)
        session.add_timer(name, function, ms, repeats=repeats)
