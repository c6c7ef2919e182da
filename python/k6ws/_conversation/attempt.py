"""One call of ``open``: the attempts that it makes, and the session that one of them leads to.

What is special to WebSockets and to TCP stands where these are opened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from k6ws import _core
from k6ws._conversation.comeback import Comeback
from k6ws._conversation.entering import Entering
from k6ws._conversation.parameters import SessionParams
from k6ws._conversation.source import Source
from k6ws._conversation.waits import Wait
from k6ws._loop import Vu
from k6ws._socket.ends import GOING_AWAY
from k6ws._socket.refusals import answered, held_back, refused
from k6ws.errors import ConnectFailed

S = TypeVar("S", bound=Source[Any])
F = TypeVar("F")


class Attempt(Generic[S]):
    """Where to, how, and how often; the session belongs to ``source``."""

    __slots__ = ("_entering", "_failed", "connection", "own", "source", "vu")

    def __init__(self, vu: Vu, own: SessionParams) -> None:
        self.vu = vu
        self.own = own
        self._entering = None if own.on_open is None else Entering(vu, own.on_open)
        # How many of its attempts have failed.
        self._failed = 0
        self.source: S
        self.connection: Any

    # Of WebSockets, and of TCP -------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """Whom it dials, for whoever counts refusals."""
        raise NotImplementedError

    def made(self) -> S:
        """A session that has no connection yet."""
        raise NotImplementedError

    def dial(self, conversation: _core.Conversation | None, /) -> Any:
        """Begin to connect; events go to ``source``."""
        raise NotImplementedError

    def failure(self, connection: Any, /) -> ConnectFailed | None:
        """Why there is no connection, once it is known; asked once, and of each attempt."""
        raise NotImplementedError

    def taken_up(self, connection: Any, _face: Any, /) -> None:
        """Take in how the handshake of a later connection ended."""
        self.failure(connection)
        answered(self.vu, self.address)

    # What open and aopen do ----------------------------------------------------------------------------

    def open(self, face_of: Callable[[], F]) -> F:
        """Attempt it until there is a session, in blocking code.

        Raises:
            ConnectFailed: There is none.
            Exception: What ``on_open`` raised.
        """
        self._pause(held_back(self.vu, self.address, self.own.reconnect))
        while True:
            self._begin()
            self.source.opened()
            try:
                face = self._face(face_of)
                if self._entering is not None:
                    self._entering.block(face)
            except Exception as error:
                self.source.shut(GOING_AWAY)
                self.source.gone()
                ms = self._again(error)
                if ms is None:
                    raise
            except BaseException:
                self.source.give_up()
                raise
            else:
                return self._entered(face)
            self._pause(ms)

    async def aopen(self, face_of: Callable[[], F]) -> F:
        """The same, in a coroutine."""
        await self._apause(held_back(self.vu, self.address, self.own.reconnect))
        while True:
            self._begin()
            await self.source.aopened()
            try:
                face = self._face(face_of)
                if self._entering is not None:
                    await self._entering.run(face)
            except Exception as error:
                self.source.shut(GOING_AWAY)
                await self.source.agone()
                ms = self._again(error)
                if ms is None:
                    raise
            except BaseException:
                self.source.give_up()
                raise
            else:
                return self._entered(face)
            await self._apause(ms)

    def _begin(self) -> None:
        self.vu.check_may_begin()
        own = self.own
        self.source = source = self.made()
        if own.reconnect is not None:
            source.comeback = Comeback(source, self, own.reconnect, self._entering)
        source.correlation = own.correlation
        self.connection = connection = self.dial(None)
        source.attach(connection)
        if own.keep:
            source.keep()

    def _face(self, face_of: Callable[[], F]) -> F:
        failure = self.failure(self.connection)
        if failure is not None:
            refused(self.vu, self.address, self.own.reconnect)
            raise failure
        answered(self.vu, self.address)
        face = face_of()
        if self.source.comeback is not None:
            self.source.comeback.first(self.source.opened_at, face)
        return face

    def _entered(self, face: F) -> F:
        if self.source.comeback is not None and self._entering is not None:
            self.source.comeback.entered_first()
        return face

    def _again(self, error: Exception) -> float | None:
        """How long to wait before the next attempt, in milliseconds; ``None`` if this was the last."""
        backoff = self.own.reconnect
        failed, self._failed = self._failed, self._failed + 1
        vu = self.vu
        if backoff is None or not backoff.first or backoff.is_spent(failed) or vu.is_hurried:
            if failed:
                error.add_note(f"{failed + 1} attempts have failed")
            return None
        self.connection.reconnects()
        return backoff.pause(failed, vu.generator().random())

    def _pause(self, ms: float) -> None:
        if ms > 0:
            Wait(self.vu).block(ms)

    async def _apause(self, ms: float) -> None:
        if ms > 0:
            await Wait(self.vu).arrival(ms)
