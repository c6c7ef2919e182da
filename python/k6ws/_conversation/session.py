"""``Session``: one session as blocking code speaks on it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from k6ws._conversation.blocking import BlockingRequests
from k6ws._conversation.durations import UNSET, Timeout
from k6ws._conversation.face import CLOSE_CODE, Face, S
from k6ws._conversation.inbox import Message
from k6ws._conversation.matching import Match
from k6ws._socket.ends import GOING_AWAY
from k6ws._socket.send_room import ACCEPTED, DOWN, FULL
from k6ws.errors import RecvTimeout, SessionClosed


class Session(BlockingRequests, Face[S]):
    """A session that a script speaks on: it sends, waits for what it wants, reads on, closes.

    Made by :func:`k6ws.ws.open` and :func:`k6ws.tcp.open`. Every call that waits blocks its VU only; nothing
    else of that VU is delivered meanwhile. What nobody waits for stays in the inbox, in order, for the next
    ``recv``: 1,024 messages or 1 MiB; then the oldest are dropped and counted (``ws_msgs_unhandled``).

    Leaving its ``with`` block closes it with 1000 and waits for the peer's Close, within ``close_timeout``;
    an exception that leaves the block closes it with 1001.

    Example:
        >>> with ws.open("ws://127.0.0.1:8765/") as session:       # doctest: +SKIP
        ...     session.send("hello")
        ...     print(session.recv(timeout="1s"))
    """

    __slots__ = ()

    def send(self, message: Any) -> None:
        """Send a message: ``str`` is text, bytes are binary; over TCP text is sent as UTF-8.

        It leaves before the next event is handled. Where more waits to be sent than ``max_buffered``, the
        call waits for room, up to ``send_timeout``.

        Args:
            message: Text, or anything with the buffer protocol.

        Raises:
            SessionClosed: The session is closed, or closing; or it is down, and was not back within
                ``send_timeout``.
            WSError: There was no room in time; over TCP a :class:`k6ws.TCPError`.
            TypeError: Something else than text or bytes.
        """
        source = self._source
        said = source.said(message)
        status = source.transmit(said)
        if status == ACCEPTED:
            return
        source.vu.check_alive()
        if status in {FULL, DOWN}:
            status = source.wait_for_room(lambda: source.transmit(said))
        if status != ACCEPTED:
            raise self._unsent(status)

    def recv(
        self, match: Match | None = None, *, timeout: Timeout = UNSET, default: Any = UNSET
    ) -> Any:
        """Wait for the next message, or the next one that fits; the others stay in the inbox, in order.

        Args:
            match: What it must be: text or bytes that it equals, a mapping of JSON pointers to values, a
                compiled pattern, a matcher of ``k6ws.match``, or a function that is called with it.
            timeout: How long to wait: ``"1.5s"``, a ``timedelta``, ``None`` for no end, 0 for what is here
                already. Without it ``recv_timeout`` of the session, which is 10 s.
            default: Returned when nothing came in time, instead of an exception.

        Returns:
            The message: ``str`` or ``bytes``, or what the session's codec makes of it.

        Raises:
            RecvTimeout: Nothing came in time. It is a ``TimeoutError``.
            SessionClosed: The session is closed, and the inbox has nothing that fits.
            K6Error: Called where an asyncio loop runs; open the session with ``aopen`` there.
            BaseException: What ``match`` raised.
        """
        try:
            return self._receive(match, timeout, "recv()").decoded
        except RecvTimeout:
            if default is UNSET:
                raise
            return default

    def _receive(self, match: Match | None, timeout: Timeout, call: str) -> Message:
        source = self._source
        self._check_may_block(call)
        matcher, ms, message = self._seek(match, timeout)
        if message is None:
            self._must_come(call)
            wait = source.await_message(matcher, call)
            try:
                wait.block(ms)
                message = self._got(wait, ms, call)
            finally:
                source.leave(wait)
        return message

    def expect(self, match: Match, name: str | None = None, *, timeout: Timeout = UNSET) -> Any:
        """Wait for a message that fits, and record as a check whether it came.

        Args:
            match: As for :meth:`recv`.
            name: The name of the check; without it what ``match`` says of itself.
            timeout: As for :meth:`recv`.

        Returns:
            The message, or ``None`` where the check failed: nothing came in time, or the session is closed.

        Raises:
            TypeError: A function without a name.
            K6Error: A name with ``::``.
            BaseException: What ``match`` raised; the check counts as failed.

        Example:
            >>> session.expect(starts_with("0"), "handshake")      # doctest: +SKIP
        """
        name = self._check_name(match, name)
        try:
            message = self.recv(match, timeout=timeout)
        except Exception as error:
            self._record_check(name, passed=False)
            if isinstance(error, (RecvTimeout, SessionClosed)):
                return None
            raise
        self._record_check(name, passed=True)
        return message

    def __iter__(self) -> Messages:
        """Each message, until the session is closed: without a timeout, and the peer waits for a slow reader.

        It ends by itself where the session ended in order (1000, 1001, no code, the end of a TCP stream, our
        own close), and raises :class:`k6ws.SessionClosed` where it broke.
        """
        return Messages(self)

    def close(self, code: float = CLOSE_CODE, reason: str = "") -> None:
        """Close the session and wait for the peer's Close, at most ``close_timeout``. Again: does nothing.

        What comes before that Close is still there for ``recv``. Made from another thread it returns at once,
        and the session's own thread closes it. Over TCP it ends our side, and waits for the peer's.

        Args:
            code: 1000 to 4999, but not 1004, 1006 or 1015; 1005 sends a Close without a code.
            reason: At most 123 bytes of UTF-8.

        Raises:
            InvalidCloseCode: A code that may not travel; nothing is closed.
            InvalidCloseReason: A longer reason; nothing is closed.
        """
        if self._source.vu.loop.core.is_own_thread():
            self._check_may_block("close()")
        if self._begin_to_close(code, reason):
            self._source.gone()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        source = self._source
        if not source.closes_with_its_block():
            return
        if kind is None or issubclass(kind, Exception):
            source.shut(CLOSE_CODE if kind is None else GOING_AWAY)
            source.gone()
            source.count_rest()
        else:
            # Ctrl-C, a cut: nobody waits for a peer any more.
            source.cut()

    def _check_may_block(self, call: str) -> None:
        source = self._source
        vu = source.vu
        # Every call asks: its words are put together only where they are needed.
        if vu.is_cut or vu.loop.is_in_asyncio():
            instead = f"async with {source.api}.aopen(…) as session: await session.{call}"
            vu.check_may_block(f"session.{call}", instead)

    def __repr__(self) -> str:
        return f"<{self._source.api}.{type(self).__name__} {self._source.state}>"


class Messages:
    """The messages of a session, one after the other."""

    __slots__ = ("_session",)

    def __init__(self, session: Session[Any]) -> None:
        self._session: Session[Any] | None = session
        session._source.read_on(1)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        session = self._session
        if session is None:
            raise StopIteration
        try:
            return session.recv(timeout=None)
        except SessionClosed:
            self._end()
            if session._source.ended().is_clean:
                raise StopIteration from None
            raise

    def _end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session._source.read_on(-1)

    __del__ = _end
