"""The life of one session that is opened, spoken on and closed: who takes its messages, how it ends.

What scripts hold is a face (``session``, ``async_session``), which has one of these; what is special to
WebSockets and to TCP stands in ``websocket`` and ``tcp``, who takes a message in ``delivery``. What ends a
session is taken in when it comes, whatever the VU accepts:

| state | opened | refused | peer's Close, failure | ``shut`` | stream gone |
| --- | --- | --- | --- | --- | --- |
| ``OPENING`` | to ``OPEN`` | to ``CLOSED`` | – | gives up, to ``CLOSING`` | – |
| ``OPEN`` | – | – | ``error``, ``close``, to ``CLOSED`` | to ``CLOSING`` | to ``CLOSED`` |
| ``CLOSING`` | – | to ``CLOSED`` | ``close``, to ``CLOSED`` | – | to ``CLOSED`` |
| ``CLOSED`` | – | – | – | – | gone: ``close()`` returns |

One that has a policy is ``DOWN`` between two connections: ``comeback`` has that part of the table.

In ``CLOSED`` nothing arrives any more, and whoever waits for a message is told so; what is in the inbox can
still be taken. Handlers are told when the VU accepts it, behind the messages that wait for them.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from k6ws import _core
from k6ws._conversation.backlog import Backlog
from k6ws._conversation.conversing import Conversing
from k6ws._conversation.ending import Ending
from k6ws._conversation.every import Every
from k6ws._conversation.inbox import Message
from k6ws._conversation.states import (
    BACK,
    CLOSED,
    CLOSING,
    OPEN,
    OPENING,
    OVER,
)
from k6ws._conversation.waits import Wait
from k6ws._loop import Vu, adapt_arity, context_of_task, follow
from k6ws._loop.places import here
from k6ws._socket.messages import Messages
from k6ws._socket.session import OF_REQUESTS
from k6ws.errors import InvalidParameter

C = TypeVar("C", bound=_core.Connection | _core.TcpConnection)
__all__ = ["CLOSED", "CLOSING", "OPEN", "OPENING", "Source"]

_MESSAGES = frozenset({_core.TEXT, _core.BINARY, _core.DATA})
_ANSWERED = _core.ANSWERED
_PINGS = frozenset({_core.PING, _core.PONG})
# What is more than a change of state.
_TOLD = _PINGS | {_core.CLOSED, _core.ENDED, _core.REFUSED}
# Added to the kind of an event that waits until the VU accepts it: who takes it is settled.
_SETTLED = 256


class Source(Conversing[C]):
    """One session, as the loop sees it."""

    __slots__ = (
        "_kept",
        "_watchers",
        "backlog",
        "beats",
        "ending",
        "is_gone",
        "is_kept",
        "is_leaving",
        "recv_timeout",
        "state",
    )

    events: ClassVar[dict[str, int]]
    """What handlers may be registered for, and how many arguments they are given."""
    synonyms: ClassVar[dict[str, str]] = {}
    api: ClassVar[str]
    """What scripts import to open one."""

    def __init__(
        self,
        vu: Vu,
        send_timeout: float,
        recv_timeout: float | None,
        messages: Messages | None = None,
    ) -> None:
        super().__init__(vu, send_timeout, messages)
        self.recv_timeout = recv_timeout
        self.state = OPENING
        self.ending: Ending | None = None
        # The stream is gone: nothing at all comes any more.
        self.is_gone = False
        self.is_kept = False
        # The script has ended its side: the peer ends its own because of that.
        self.is_leaving = False
        # Messages of coroutines that found no room; made when there is one.
        self.backlog: Backlog | None = None
        # What is sent again and again, until the session is over.
        self.beats: tuple[Every, ...] = ()
        # A tuple, as below: thousands of sessions idle with nobody who waits.
        self._watchers: tuple[Wait, ...] = ()
        # Events that wait until the VU accepts them.
        self._kept = 0

    # How it begins ----------------------------------------------------------------------------------

    def attach(self, connection: C) -> None:
        """Belong to a connection that is being made; the iteration waits for its end."""
        self.connection = connection
        self.attached(connection)
        self.vu.keep(self, here())
        self.context = context_of_task(self.vu)

    def opened(self) -> None:
        """Wait until the connection is open or refused; given up if anything else ends that wait."""
        try:
            while self.state == OPENING:
                self._watch().block()
        except BaseException:
            self.give_up()
            raise

    async def aopened(self) -> None:
        """The same, in a coroutine."""
        try:
            while self.state == OPENING:
                await self._watch().arrival()
        except BaseException:
            self.give_up()
            raise

    def _watch(self) -> Wait:
        """One who waits until it is open, or gone: ended by whatever comes first."""
        wait = Wait(self.vu)
        self._watchers = (*self._watchers, wait)
        return wait

    def give_up(self) -> None:
        """Leave a connection that nobody has got."""
        self.cut()
        self.let_go()

    @property
    def awaits_room(self) -> bool:
        """Whether somebody waits to send: what is asked from here on must not leave before."""
        if self.comeback is not None:
            if self.comeback.is_inside():
                # Others wait for `on_open` to return.
                return False
            if self.comeback.standby:
                return True
        return bool(self.backlog) or (self._room is not None and self._room.is_awaited)

    # Handlers ---------------------------------------------------------------------------------------

    def register(self, event: str, handler: Any) -> None:
        """Call ``handler`` for an event, behind those that are there; the inbox goes to it first."""
        name = self.synonyms.get(event, event)
        if name not in self.events:
            known = ", ".join((*self.events, *self.synonyms))
            message = f"a session has no event {event!r}"
            raise InvalidParameter(message, f"known are {known}")
        if not callable(handler):
            message = f"the {event} handler is not callable: {handler!r}"
            raise TypeError(message)
        follow(self.vu)
        adapted = adapt_arity(self.vu, handler, self.events[name], event)
        self.calls[name] = (*self.calls.get(name, ()), adapted)
        self.undoes(lambda: self._unregister(name, adapted))
        if name == "message":
            for message in self.inbox.take_all():
                self.to_handlers(message)

    def _unregister(self, name: str, handler: Any) -> None:
        left = tuple(one for one in self.calls.get(name, ()) if one is not handler)
        self.calls[name] = left
        if not left:
            del self.calls[name]

    # What the loop calls ----------------------------------------------------------------------------

    def receive(self, kind: int, data: Any) -> None:
        """Take an event."""
        if kind in _MESSAGES:
            self.arrived(kind, data)
        elif kind == _ANSWERED:
            self.desk.answered(data)
        elif kind in OF_REQUESTS:
            self.told_of_requests(kind, data)
        elif kind >= _SETTLED:
            super().receive(kind - _SETTLED, data)
        elif kind == _core.CLOSED and self.is_broken and self.state == CLOSED:
            # That has been told.
            return
        else:
            self._take_in(kind, data)

    def _take_in(self, kind: int, data: Any) -> None:
        """Take an event that changes what the session is, or that handlers are told of."""
        if self.comeback is not None and self.comeback.take(kind, data):
            return
        over = self.notice(kind, data)
        if kind in _TOLD:
            self.tell(kind, data)
        for wait in over:
            wait.end()
        if kind == _core.ENDED:
            self.answers_are_over()
        if self.vu.is_unsettled:
            self.vu.settle()

    def tell(self, kind: int, data: Any) -> None:
        """Tell handlers: behind what waits for the VU, or for a coroutine; at once where nobody is told."""
        in_line = self._kept or (kind not in _PINGS and self.vu.host is not None)
        if in_line or self._is_told(kind, data):
            super().receive(kind, data)
        else:
            self.deliver(kind, data)

    def to_handlers(self, message: Message) -> None:
        """Give a message to the handlers of messages, as soon as the VU accepts it."""
        super().receive(message.kind, message)

    def hold(self, kind: int, data: Any) -> None:
        """Take an event that is not accepted: it waits, and is nobody else's by then."""
        self.vu.hold(self, kind if self.vu.host is not None else kind + _SETTLED, data)

    def holding(self, kind: int, data: Any) -> None:
        """Count a message that is held as undelivered."""
        self._kept += 1
        if kind % _SETTLED in _MESSAGES and self.connection is not None:
            self.connection.held(data.size)

    def releasing(self, kind: int, data: Any) -> None:
        """Count it no more."""
        self._kept -= 1
        if kind % _SETTLED in _MESSAGES and self.connection is not None:
            self.connection.released(data.size)

    def notice(self, kind: int, data: Any) -> list[Any]:
        """Take in at once what an event changes; who is to go on when its handlers were told."""
        over: list[Any] = []
        if kind in {_core.OPENED, _core.REFUSED}:
            self.opened_at = self.vu.loop.core.arrived()
            self.state = OPEN if kind == _core.OPENED and self.state == OPENING else self.state
            if kind == _core.REFUSED:
                self.state, self.is_gone = CLOSED, True
            over += self._watchers
            self._watchers = ()
        elif kind == _core.CLOSED and self.state != CLOSED:
            self.ending = self.ended_by(data)
            self.state = CLOSED
            if self.comeback is not None:
                self.comeback.stop()
        elif kind == _core.ENDED:
            self.state, self.is_gone = CLOSED, True
            over += self._watchers
            self._watchers = ()
        elif kind == _core.WRITABLE:
            self.has_room()
        self.go_on()
        if self.state == CLOSED:
            over += self.nobody_waits()
        return over

    def deliver(self, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        if kind in _MESSAGES:
            self.emit("message", data.decoded)
        elif kind == _core.PING:
            self.emit("ping")
        elif kind == _core.PONG:
            self.emit("pong")
        elif kind == BACK:
            self.emit("open")
        elif kind == OVER:
            if data is not None:
                self.emit("error", data)
            self.let_go()
        elif kind in {_core.ENDED, _core.REFUSED}:
            self.let_go()

    def let_go(self) -> None:
        """Nothing comes any more: the iteration need not wait, and handlers refer to nothing."""
        vu = self.vu
        self.is_gone = True
        if vu.accepts is vu and self in vu.sources:
            # Its function has returned: nobody is there to take what is left.
            self.count_rest()
        vu.release(self)
        self.stop_asking()
        for beat in self.beats:
            # Its timer would keep the session until it is due.
            beat.stop()
        self.calls.clear()
        if not len(self.inbox):
            self.connection = None

    def _is_told(self, kind: int, data: Any) -> bool:
        """Whether there are handlers of it."""
        if kind == _core.PING:
            return "ping" in self.calls
        if kind == _core.PONG:
            return "pong" in self.calls
        if kind == BACK:
            return "open" in self.calls
        if kind == OVER:
            return data is not None and "error" in self.calls
        return kind == _core.CLOSED and ("close" in self.calls or "error" in self.calls)

    # How it ends ------------------------------------------------------------------------------------

    def ended(self) -> Ending:
        """How it ended, or is about to."""
        last = None if self.comeback is None else self.comeback.last
        return self.ending or last or Ending(None, "", "us")

    def over(self, ending: Ending) -> None:
        """End a session that is down: no connection follows."""
        self.ending, self.state, self.is_gone = ending, CLOSED, True
        over = [*self._watchers, *self.nobody_waits()]
        self._watchers = ()
        if self.backlog is not None:
            self.backlog.flush()
        self.tell(OVER, ending.error)
        # Last: a greenlet that waits goes on at once, and this behind it.
        self.answers_are_over()
        for wait in over:
            wait.end()

    def go_on(self) -> None:
        """Send what waits, in the order of the calls; where the session is over that has failed."""
        comeback = self.comeback
        if comeback is not None and self.state != CLOSED and not comeback.standby.flush():
            return
        if self.backlog is not None:
            self.backlog.flush()

    def nobody_waits(self) -> tuple[Wait, ...]:
        """Nothing comes any more: those who stood in line, who are to be told."""
        over = super().nobody_waits()
        return over if self.comeback is None else (*over, *self.comeback.standby.waiters())

    # Of one that comes back -----------------------------------------------------------------------------

    def abort(self, connection: C) -> None:
        """Give up a connection in the making."""
        raise NotImplementedError

    def leave_connection(self) -> None:
        """Close its connection, and not the session."""
        raise NotImplementedError

    def keep(self) -> None:
        """Belong to the VU from now on: no iteration ends it, and no block."""
        self.is_kept = True
        super().keep()

    def closes_with_its_block(self) -> bool:
        """Whether the end of its ``with`` block is its end; not of one that is kept, or whose VU is cut."""
        return not (self.is_kept or self.vu.is_cut)

    def gone(self) -> None:
        """Wait until the stream is gone; bounded by how long its closing may take."""
        while not self.is_gone:
            self._watch().block()

    async def agone(self) -> None:
        """The same, in a coroutine."""
        while not self.is_gone:
            await self._watch().arrival()

    def abandon(self) -> None:
        """Leave the VU, which is being cut: nobody is told, nothing is awaited."""
        self.cut()
        self.let_go()

    def send(self, message: Any) -> int:
        """Send a message; what the core answers."""
        return self.transmit(self.said(message))

    def said(self, message: Any) -> Any:
        """A message as it is sent, which is settled once, however often that is tried."""
        raise NotImplementedError

    def transmit(self, said: Any) -> int:
        """Send what is said; what the core answers."""
        raise NotImplementedError

    def shut(self, code: int, reason: str = "") -> None:
        """Begin to close, unless that has begun."""
        raise NotImplementedError

    def cut(self) -> None:
        """Close within bounds that do not depend on the peer."""
        raise NotImplementedError

    def ended_by(self, data: Any) -> Ending:
        """How it ended, of what the core tells."""
        raise NotImplementedError
