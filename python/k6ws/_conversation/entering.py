"""``on_open``: what a session does each time that it has a connection, before anybody else may speak on it.

It runs in a greenlet or a task of its own, so that it may wait. What is said *inside* goes out at once; what
others say waits until it returns. What it has registered the time before (rules, handlers, messages that are
sent again and again) goes first, or each of them would be there twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

from k6ws._loop import Vu, adapt_arity, check_result, follow, is_awaitable
from k6ws.errors import Interrupted

if TYPE_CHECKING:
    from asyncio import Task

_WHAT = "on_open"
_inside: ContextVar[object] = ContextVar("k6ws.on_open", default=None)
Ended = Callable[[BaseException | None], object]


class Entering:
    """The ``on_open`` of one session."""

    __slots__ = ("_call", "_greenlet", "_task", "_undo", "_vu", "is_under_way")

    def __init__(self, vu: Vu, call: Callable[..., Any]) -> None:
        """Made by ``open``.

        Raises:
            TypeError: ``call`` cannot be called with a session, or is a coroutine function where nobody would
                run it.
        """
        if not callable(call):
            message = f"on_open is called with the session, and {call!r} cannot be called"
            raise TypeError(message)
        self._vu = vu
        follow(vu)
        self._call = adapt_arity(vu, call, 1, _WHAT)
        self._greenlet: greenlet | None = None
        self._task: Task[Any] | None = None
        self._undo: list[Callable[[], object]] = []
        self.is_under_way = False

    def is_inside(self) -> bool:
        """Whether it is this that asks."""
        if not self.is_under_way:
            return False
        return _inside.get() is self or self._greenlet is getcurrent()

    def undoes(self, undo: Callable[[], object]) -> None:
        """Have something taken back when it runs anew, if it is this that did it."""
        if self.is_inside():
            self._undo.append(undo)

    def begin(self) -> None:
        """Take back what it did the time before; it is under way from here on."""
        undo, self._undo = self._undo, []
        self.is_under_way = True
        for one in undo:
            one()

    def over(self) -> None:
        """It has returned, or raised."""
        self.is_under_way = False
        self._greenlet = self._task = None

    def block(self, session: Any) -> None:
        """Run it in blocking code, here; what it raises is raised."""
        self.begin()
        self._greenlet = getcurrent()
        try:
            check_result(_WHAT, self._call(session))
        finally:
            self.over()

    async def run(self, session: Any) -> None:
        """The same, in a coroutine."""
        self.begin()
        result = self._speak(session)
        try:
            await self._awaited(result)
        finally:
            self.over()

    def apart(self, session: Any, then: Ended) -> None:
        """Run it as a handler that may wait, while its VU does whatever it does.

        Called by the leader, or where handlers of an asyncio loop run; ``then`` is told how it ended.
        """
        loop = self._vu.loop
        current = loop.current
        loop.lead_for(self._vu)
        error: BaseException | None = None
        try:
            self.block(session)
        except BaseException as raised:
            error = raised
            if not isinstance(raised, (Exception, Interrupted)):
                raise
        finally:
            loop.turn_to(current)
            then(error)

    def apart_in_asyncio(self, source: Any, session: Any, then: Ended) -> None:
        """The same where an asyncio loop runs the handlers."""
        self.begin()
        host = self._vu.host
        assert host is not None, "asked of a VU whose handlers it runs"  # noqa: S101
        try:
            result = self._speak(session)
        except Exception as error:  # noqa: BLE001 - it is told
            self.over()
            then(error)
            return
        if result is None:
            self.over()
            then(None)
            return

        async def awaited() -> None:
            error: BaseException | None = None
            try:
                await self._awaited(result)
            except BaseException as raised:
                error = raised
                if not isinstance(raised, (Exception, Interrupted)):
                    raise
            finally:
                self.over()
                then(error)

        self._task = host.start_handler(self._vu, source, awaited(), holds_events=False)

    def stop(self) -> None:
        """Nobody waits for it any more."""
        if self._task is not None and not self.is_inside():
            self._task.cancel()

    def _speak(self, session: Any) -> Awaitable[Any] | None:
        """Call it where asyncio runs; what is to be awaited."""
        self._greenlet = getcurrent()
        try:
            result = self._call(session)
        finally:
            self._greenlet = None
        if is_awaitable(result):
            return result
        check_result(_WHAT, result)
        return None

    async def _awaited(self, result: Awaitable[Any] | None) -> None:
        if result is not None:
            token = _inside.set(self)
            try:
                await result
            finally:
                _inside.reset(token)
