"""A session that asks and is answered: its requests and rules take messages before whoever waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from k6ws import _core
from k6ws._conversation import spoken as _spoken
from k6ws._conversation.delivery import Delivery
from k6ws._conversation.desk import Desk
from k6ws._conversation.inbox import Message
from k6ws._loop import Vu
from k6ws._socket.messages import Messages
from k6ws._socket.send_room import FULL

if TYPE_CHECKING:
    from k6ws._conversation.comeback import Comeback
    from k6ws._conversation.ending import Ending

C = TypeVar("C", bound=_core.Connection | _core.TcpConnection)


class Conversing(Delivery[C]):
    """The part of a session that requests and rules belong to."""

    __slots__ = ("_spoken_on", "comeback", "correlation", "opened_at", "own_desk", "sent_at")

    is_tcp: ClassVar[bool]
    recv_timeout: float | None
    ending: Ending | None

    def __init__(self, vu: Vu, send_timeout: float, messages: Messages | None = None) -> None:
        super().__init__(vu, send_timeout, messages)
        # Its requests and rules, once it has some.
        self.own_desk: Desk | None = None
        # Kept when the session is over: a request on it fails, and is counted.
        self._spoken_on: C | None = None
        self.correlation: _core.Correlation | None = None
        # Of one that has a policy.
        self.comeback: Comeback | None = None
        # When the connection opened, and when something was sent on it last, as the loop tells time.
        self.opened_at = 0.0
        self.sent_at = 0.0

    @property
    def desk(self) -> Desk:
        """Its requests and rules; it has some from the first look on."""
        if self.own_desk is None:
            assert self._spoken_on is not None, "asked of one that was opened"  # noqa: S101
            correlation, messages = self.correlation, self.messages
            finds_keys = correlation is None or not correlation.needs_python
            is_plain = messages is None and finds_keys
            self.own_desk = Desk(self, self._spoken_on.converse(), is_plain=is_plain)
            if messages is not None and messages.has_own_codec:
                self.own_desk.core.use_own_codec()
            if correlation is not None:
                self.own_desk.core.correlate(correlation)
            if self.comeback is not None:
                self.own_desk.comeback = self.comeback
                self.own_desk.core.outlast()
        return self.own_desk

    def correlate(self, correlation: _core.Correlation) -> None:
        """Know replies by this from now on."""
        self.correlation = correlation
        if self.own_desk is not None:
            self.own_desk.core.correlate(correlation)
            self.own_desk.is_plain = self.messages is None and not correlation.needs_python

    @property
    def conversation(self) -> _core.Conversation | None:
        """What a later connection takes up."""
        return None if self.own_desk is None else self.own_desk.core

    @property
    def request_timeout(self) -> float | None:
        """How long a request has that does not say it, in milliseconds."""
        return self.recv_timeout

    def attached(self, connection: C) -> None:
        """There is a connection, in the making."""
        self._spoken_on = connection
        if self.comeback is not None:
            # Each of its connections has the same.
            _ = self.desk

    def take_up(self, connection: C) -> None:
        """Go on with a later connection, which is open."""
        self.connection = self._spoken_on = connection
        desk = self.desk
        desk.core = connection.resume(desk.core)
        if self.messages is not None:
            self.messages = self.messages.anew()
        self.opened_at = self.vu.loop.core.arrived()

    def connection_gone(self) -> None:
        """Nothing arrives any more on the connection that it has lost."""
        self.desk.connection_gone()

    def is_held(self) -> bool:
        """Whether what is said now waits for the session to be back."""
        return self.comeback is not None and self.comeback.holds()

    def is_bound(self, call: str) -> bool:
        """Whether what this call waits for comes on this connection or not at all."""
        return self.comeback is not None and self.comeback.binds(call)

    def wait_for_room(self, again: Callable[[], int], most: float | None = None) -> int:
        """Wait until there is room, or a connection: see :meth:`Room.wait`."""
        if self.comeback is not None:
            patience = self.send_timeout if most is None else min(most, self.send_timeout)
            status = self.comeback.standby.outlast(again, patience)
            if status != FULL:
                return status
        return super().wait_for_room(again, most)

    def why_closed(self, drops: int | None = None) -> tuple[str, str] | None:
        """What is said of a request that failed by the end of its connection, and what to do, where known.

        It had lost ``drops`` connections when that was made; without them that has failed just now.
        """
        ending, comeback = self.ending, self.comeback
        if comeback is not None and drops is None:
            ending = ending or comeback.last
        elif comeback is not None and drops is not None and comeback.drops != drops:
            # Of one that was lost before the latest nobody knows it any more.
            ending = comeback.last if comeback.drops == drops + 1 else None
        return None if ending is None else ending.why()

    def undoes(self, undo: Callable[[], object]) -> None:
        """Have what is registered now go before ``on_open`` runs anew, if that registers it."""
        if self.comeback is not None:
            self.comeback.undoes(undo)

    def stop_asking(self) -> None:
        """Nothing more comes of its requests; one that is made now fails."""
        if self.own_desk is not None:
            self.own_desk.close()

    def told_of_requests(self, kind: int, data: Any) -> None:
        """Take an event that tells of requests, or a message that callables have a say in."""
        self.desk.receive(kind, data)

    def answers_are_over(self) -> None:
        """Nothing arrives any more: have whoever waits for a reply go on."""
        if self.own_desk is not None:
            self.own_desk.over()

    def passed_on(self, kind: int, arrival: _core.Arrival) -> None:
        """Take a message that no request and no rule has taken."""
        self.arrived(kind, arrival.data, has_met=True)

    def decoded(self, data: Any) -> Any:
        """What scripts get of a message."""
        return _spoken.decoded(self.messages, data, is_tcp=self.is_tcp)

    def encoded(self, message: Any) -> str | bytes:
        """A message as it is sent, before it is framed."""
        return _spoken.encoded(self.messages, message)

    def as_answer(self, reply: Any) -> str | bytes:
        """What a rule is to answer, before it is framed."""
        return _spoken.as_answer(self.messages, reply)

    def rule_added(self, number: int) -> None:
        """Have the latest rule look at what was there before it, in the inbox or on its way."""
        desk = self.desk
        left = self.inbox.take_all()
        try:
            while left:
                if desk.obey(left[0].data, number):
                    self.inbox.put_back(left[0])
                del left[0]
        finally:
            # Also where Ctrl-C struck a function of the script: no message is lost.
            for message in left:
                self.inbox.put_back(message)
        self.undoes(lambda: desk.core.remove_rule(number))
        desk.young_rules.append((desk.core.unmet_until(), number))
        if self._obeys not in self.takers:
            self.takers = (*self.takers, self._obeys)

    def _obeys(self, message: Message) -> bool:
        """Whether a rule takes a message that arrived before it was one."""
        desk = self.desk
        young, arrived = desk.young_rules, self.vu.loop.core.arrived()
        # Messages come in the order of their arrival: what these have met, all behind it have.
        while young and arrived > young[0][0]:
            del young[0]
        if not young:
            self.takers = tuple(one for one in self.takers if one != self._obeys)
            return False
        return not desk.obey(message.data, young[0][1])

    def ask_script(self, call: Callable[[], Any]) -> Any:
        """Call what must not wait, where handlers run; what it raises is raised here."""
        result: Any = None
        raised: Exception | None = None

        def ask() -> None:
            nonlocal result, raised
            try:
                result = call()
            except Exception as error:  # noqa: BLE001 - it belongs to whoever asks, not to the iteration
                raised = error

        self.run_now(ask)
        if raised is not None:
            raise raised
        return result
