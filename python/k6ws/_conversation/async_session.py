"""``AsyncSession``: one session as coroutines speak on it."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from k6ws._conversation.backlog import Backlog, Then
from k6ws._conversation.begun import DONE, Begun
from k6ws._conversation.coroutines import AsyncRequests
from k6ws._conversation.durations import UNSET, Timeout
from k6ws._conversation.face import CLOSE_CODE, Face, S
from k6ws._conversation.inbox import Message
from k6ws._conversation.matching import Match
from k6ws._conversation.reply import Reply
from k6ws._loop import Operation
from k6ws._socket.ends import GOING_AWAY
from k6ws._socket.send_room import ACCEPTED, DOWN, FULL
from k6ws.errors import K6Error, RecvTimeout, SessionClosed


class AsyncSession(AsyncRequests, Face[S]):
    """A session that coroutines speak on: :class:`Session` with the same names, awaited.

    Made by :func:`k6ws.ws.aopen` and :func:`k6ws.tcp.aopen`, in `async def` VU functions and in programs
    with an asyncio loop. ``recv``, ``send``, ``close`` and ``async for`` have the shape of Python's
    ``websockets``, so that protocol libraries made for it run on a session; timeouts have a unit, though.

    ``send`` and ``close`` begin at their call, whether they are awaited or not. ``recv`` and ``expect`` begin
    when they are awaited; one that is cancelled takes no message.

    Example:
        >>> async with ws.aopen("ws://127.0.0.1:8765/") as session:       # doctest: +SKIP
        ...     await session.send("hello")
        ...     print(await session.recv(timeout="1s"))
    """

    __slots__ = ()

    def send(self, message: Any) -> Begun[None]:
        """Send a message: see :meth:`Session.send`. Awaiting it waits for room where there is none."""
        source = self._source
        said = source.said(message)
        may_wait = source.backlog or source.comeback is not None
        status = FULL if may_wait and source.awaits_room else source.transmit(said)
        if status == ACCEPTED:
            return DONE
        source.vu.check_alive()
        if status not in {FULL, DOWN}:
            raise self._unsent(status)
        operation: Operation[None] = Operation(source.vu, "session.send(…)")

        def then(error: K6Error | None) -> None:
            if error is None:
                operation._settle(None)
            else:
                operation._fail(error)

        self._send_later(lambda: source.transmit(said), then)
        return Begun(lambda: _outcome(operation), operation.done)

    def _send_later(self, send: Callable[[], int], then: Then) -> None:
        source = self._source
        if source.backlog is None:
            source.backlog = Backlog(source.vu, self._unsent)
        source.backlog.add(send, source.send_timeout, then)

    def _send_when_room(self, reply: Reply, data: str | bytes) -> None:
        desk = self._source.desk

        def then(error: K6Error | None) -> None:
            if error is not None:
                desk.core.not_sent(reply)

        def again() -> int:
            return desk.core.send_again(reply, data)

        try:
            self._send_later(again, then)
        except K6Error as error:
            # Too many wait for room already.
            then(error)

    async def recv(
        self,
        match: Match | None = None,
        *,
        timeout: Timeout = UNSET,  # noqa: ASYNC109 - it has a default, and 0 has a meaning
        default: Any = UNSET,
    ) -> Any:
        """Wait for the next message, or the next one that fits: see :meth:`Session.recv`."""
        try:
            return (await self._receive(match, timeout, "recv()")).decoded
        except RecvTimeout:
            if default is UNSET:
                raise
            return default

    async def _receive(
        self,
        match: Match | None,
        timeout: Timeout,  # noqa: ASYNC109 - as above
        call: str,
    ) -> Message:
        source = self._source
        matcher, ms, message = self._seek(match, timeout)
        if message is None:
            self._must_come(call)
            wait = source.await_message(matcher, call)
            try:
                await wait.arrival(ms)
                message = self._got(wait, ms, call)
            finally:
                source.leave(wait)
        return message

    async def expect(
        self,
        match: Match,
        name: str | None = None,
        *,
        timeout: Timeout = UNSET,  # noqa: ASYNC109 - as above
    ) -> Any:
        """Wait for a message that fits, and record as a check whether it came: see :meth:`Session.expect`."""
        name = self._check_name(match, name)
        try:
            message = await self.recv(match, timeout=timeout)
        except Exception as error:
            self._record_check(name, passed=False)
            if isinstance(error, (RecvTimeout, SessionClosed)):
                return None
            raise
        self._record_check(name, passed=True)
        return message

    def __aiter__(self) -> AsyncMessages:
        """Each message, until the session is closed: see :meth:`Session.__iter__`."""
        return AsyncMessages(self)

    def close(self, code: float = CLOSE_CODE, reason: str = "") -> Begun[None]:
        """Close the session; awaiting it waits for the peer's Close: see :meth:`Session.close`."""
        if not self._begin_to_close(code, reason):
            return DONE
        source = self._source
        return Begun(source.agone, lambda: source.is_gone)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
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
            await source.agone()
            source.count_rest()
        else:
            # Cancelled: nobody waits for a peer any more.
            source.cut()

    def __repr__(self) -> str:
        return f"<{self._source.api}.{type(self).__name__} {self._source.state}>"


class AsyncMessages:
    """The messages of a session, one after the other."""

    __slots__ = ("_session",)

    def __init__(self, session: AsyncSession[Any]) -> None:
        self._session: AsyncSession[Any] | None = session
        session._source.read_on(1)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        session = self._session
        if session is None:
            raise StopAsyncIteration
        try:
            return await session.recv(timeout=None)
        except SessionClosed:
            self._end()
            if session._source.ended().is_clean:
                raise StopAsyncIteration from None
            raise

    def _end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session._source.read_on(-1)

    __del__ = _end


async def _outcome(operation: Operation[None]) -> None:
    await operation
