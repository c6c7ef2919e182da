"""What sessions offer to scripts in both spellings, blocking and async: everything that waits for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, overload

from k6ws import _core
from k6ws._conversation.durations import UNSET, patience, shown
from k6ws._conversation.inbox import Message
from k6ws._conversation.instead import excerpt
from k6ws._conversation.matching import Match, matcher_of
from k6ws._conversation.source import Source
from k6ws._conversation.speaking import Speaking
from k6ws._conversation.states import CLOSED, OPEN
from k6ws._conversation.waits import MessageWait
from k6ws._core import Matcher
from k6ws._loop import current, handed_over, synchronise
from k6ws._params import part_of
from k6ws._socket.close_code import close_code
from k6ws._socket.ends import NORMAL
from k6ws._socket.send_room import FULL, GIVEN_UP, NOT_OPEN
from k6ws.errors import (
    InvalidCloseCode,
    InvalidCloseReason,
    K6Error,
    RecvTimeout,
    TCPError,
    WSError,
)

if TYPE_CHECKING:
    from typing_extensions import TypeVar as DefaultTypeVar

    from k6ws._socket.handlers import OnCodeAndReason, OnK6Error, OnMessage, OnPlain

    # Whoever writes `Session` or `AsyncSession` as a type means that of either kind of connection.
    S = DefaultTypeVar("S", bound=Source[Any], default=Any)
else:
    S = TypeVar("S", bound=Source)
EventName: TypeAlias = Literal["message", "data", "open", "close", "error", "ping", "pong"]

_LONGEST_REASON = 123


@part_of("Session")
class Face(Speaking, Generic[S]):
    """What a script holds of a session."""

    __slots__ = ("__weakref__", "_source")

    def __init__(self, source: S) -> None:
        """Made by ``open`` and ``aopen``."""
        self._source = source

    @property
    def is_open(self) -> bool:
        """Whether it can be sent on: neither side has begun to close it, and it is not down."""
        return self._source.state == OPEN and not self._source.is_held()

    @overload
    def on(self, event: Literal["close"], handler: Callable[[int, str], object]) -> None: ...
    @overload
    def on(self, event: Literal["close"], handler: Callable[[int], object]) -> None: ...
    @overload
    def on(self, event: Literal["message", "data"], handler: Callable[[Any], object]) -> None: ...
    @overload
    def on(self, event: Literal["error"], handler: Callable[[K6Error], object]) -> None: ...
    @overload
    def on(self, event: EventName, handler: Callable[[], object]) -> None: ...
    @overload
    def on(self, event: Literal["message", "data"]) -> OnMessage: ...
    @overload
    def on(self, event: Literal["close"]) -> OnCodeAndReason: ...
    @overload
    def on(self, event: Literal["error"]) -> OnK6Error: ...
    @overload
    def on(self, event: Literal["open", "ping", "pong"]) -> OnPlain: ...
    def on(self, event: EventName, handler: Callable[..., object] | None = None) -> Any:
        """Call ``handler`` for an event; several handlers of one event are called in order.

        Handlers of ``message`` are given what no ``recv`` waits for, what is in the inbox first. They run as
        those of every socket: in a blocking VU when its function has returned, in a coroutine at once.

        Args:
            event: ``message`` (the message; over TCP also as ``data``), ``close`` (code and reason of a
                WebSocket, nothing over TCP), ``error`` (what broke it), ``ping`` or ``pong``; of
                one with ``reconnect`` also ``open``: it is back, and ``on_open`` has returned.
            handler: Called with as many of the event's arguments as it accepts. Left out, ``on`` returns a
                decorator.

        Raises:
            InvalidParameter: There is no such event.
            TypeError: The handler cannot be called, or demands more arguments than the event has.

        Example:
            >>> session.on("message", print)          # doctest: +SKIP
        """
        if handler is None:

            def register(decorated: Callable[..., object]) -> Callable[..., object]:
                self._source.register(event, decorated)
                return decorated

            return register
        self._source.vu.loop.core.check_thread()
        self._source.register(event, handler)
        return None

    def keep(self) -> None:
        """Give the session to its VU: no iteration waits for its end from now on, or ends it.

        It stays open from one iteration to the next, until it is closed, or its VU is cut or leaves its
        scenario. Leaving its ``with`` block does not close it either.

        Example:
            >>> session = ws.open(url)                # doctest: +SKIP
            >>> session.keep()                        # doctest: +SKIP
        """
        self._source.vu.check_alive()
        self._source.vu.loop.core.check_thread()
        self._source.keep()

    # Within -----------------------------------------------------------------------------------------

    def _seek(
        self, match: Match | None, timeout: Any
    ) -> tuple[Matcher | None, float | None, Message | None]:
        """The beginning of every ``recv``: what for, how long, and what is there already."""
        source = self._source
        source.vu.check_alive()
        source.vu.loop.core.check_thread()
        matcher = matcher_of(match)
        ms = source.recv_timeout if timeout is UNSET else patience(timeout)
        return matcher, ms, source.look(matcher)

    def _must_come(self, call: str) -> None:
        """Refuse to wait for what cannot come.

        Raises:
            SessionClosed: The session is closed, and what it brought is taken.
        """
        source = self._source
        comeback = source.comeback
        if source.state == CLOSED or (comeback is not None and comeback.is_lost_inside()):
            raise source.ended().raised(call)

    def _got(self, wait: MessageWait, ms: float | None, call: str) -> Message:
        """The end of a wait for a message."""
        message, wait.message = wait.message, None
        if message is not None:
            return message
        if wait.error is not None:
            raise wait.error
        self._must_come(call)
        raise self._timeout(wait.matcher, ms, call)

    def _timeout(self, matcher: Matcher | None, ms: float | None, call: str) -> RecvTimeout:
        inbox = self._source.inbox
        what = "no message" if matcher is None else f"no message that fits {matcher!r}"
        text = f"{call}: {what} within {shown(ms)}"
        hint = ""
        if (last := inbox.last()) is not None:
            others = f"{len(inbox)} other messages are" if len(inbox) > 1 else "another message is"
            hint = f"{others} in the inbox, the last: {excerpt(last.data)}"
        return RecvTimeout(text, hint)

    def _record_check(self, name: str, *, passed: bool) -> None:
        """Record what ``expect`` expects as a check of whoever calls, in its group."""
        vu = current()
        synchronise(vu)
        who = vu.who
        if who.run is not None and who.account is not None:
            who.run.check(who.account, who.group, who.tags, name, passed)

    @staticmethod
    def _check_name(match: Match, name: str | None) -> str:
        if name is None:
            if callable(match):
                message = "expect() needs a name where it is given a function"
                raise TypeError(f'{message}: expect(function, "what it expects")')
            name = repr(matcher_of(match))
        if "::" in name:
            message = "group and check names may not contain '::'"
            raise K6Error(message, "give expect() a name as its second argument")
        return name

    def _begin_to_close(self, code: float, reason: str) -> bool:
        """Have the session close; false if another thread does it."""
        number = close_code(code)
        if not _core.may_close_with(number):
            message = f"invalid close code {number}"
            raise InvalidCloseCode(message, "use 1000-4999, but not 1004, 1006 or 1015")
        if len(reason.encode("utf-8", "surrogatepass")) > _LONGEST_REASON:
            message = f"a close reason has at most {_LONGEST_REASON} bytes of UTF-8"
            raise InvalidCloseReason(message)
        source = self._source
        if handed_over(source.vu.loop, lambda: source.shut(number, reason)):
            return False
        source.vu.check_alive()
        source.shut(number, reason)
        return True

    def _unsent(self, status: int) -> K6Error:
        """What is raised of a message that was not taken."""
        if status != NOT_OPEN and self._source.is_held():
            return self._source.ended().down("send()")
        if status in {FULL, GIVEN_UP}:
            text = "send(): the peer does not read what it is sent"
            hint = "a longer send_timeout waits for it; max_buffered may wait to be written"
            if self._source.is_tcp:
                return TCPError("write", text, hint, cause="send_blocked")
            return WSError(text, hint, cause="send_blocked")
        return self._source.ended().raised("send()")


CLOSE_CODE = NORMAL
"""What a session is closed with where nothing else is said."""
