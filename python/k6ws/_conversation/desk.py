"""Requests and rules of one session, as far as Python has a part in them: who waits, time, callables.

Whose a message is, is settled in the core (``_core.Conversation``), also while Python is busy. Three things
are done here:

* a timer fails the requests whose time has come: one for all of them, armed for the next;
* whoever waits for a reply goes on when the core says that it is there;
* where a callable of the script has a say, the core asks here, message by message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from greenlet import getcurrent

from k6ws import _core
from k6ws._conversation import deciding
from k6ws._conversation.reply import Named, Reply
from k6ws._conversation.waits import Wait
from k6ws._loop import Vu
from k6ws._socket.send_room import ACCEPTED, DOWN, FULL, GIVEN_UP, UNFIT

if TYPE_CHECKING:
    from k6ws._conversation.comeback import Comeback

_MESSAGES = {
    _core.UNDECIDED_TEXT: _core.TEXT,
    _core.UNDECIDED_BINARY: _core.BINARY,
    _core.UNDECIDED_DATA: _core.DATA,
}
NAMELESS = 'a request has a name, which it is recorded by: request(message, "name")'
_ANSWERED = _core.ANSWERED
# Timers have no longer time.
_LONGEST_MS = 1e11


class Owner(deciding.Owner, Protocol):
    """The session, as its desk sees it."""

    asked: int
    """How many replies are waited for."""
    readers: int
    """How many read on and on."""

    def weigh(self) -> None:
        """More replies are waited for, or less, while somebody reads on and on."""
        ...

    def passed_on(self, kind: int, arrival: _core.Arrival, /) -> None:
        """Take a message that is nobody's here."""
        ...

    def latest(self, messages: int, /) -> Any:
        """The last of so many messages that were the script's, if one of them waits to be taken."""
        ...

    def why_closed(self, drops: int, /) -> tuple[str, str] | None:
        """What is said of a request that failed by the end of its connection, and what to do, where known."""
        ...


class Desk:
    """The requests and rules of one session."""

    __slots__ = (
        "_alarm",
        "_due",
        "_had_its_time",
        "_measured",
        "_names",
        "_owner",
        "_waiting",
        "_watched",
        "comeback",
        "core",
        "is_plain",
        "young_rules",
    )

    def __init__(self, owner: Owner, core: _core.Conversation, *, is_plain: bool) -> None:
        self.core = core
        # Of a session that comes back: where requests wait for that.
        self.comeback: Comeback | None = None
        # Messages go and come as they are, and the core finds their keys.
        self.is_plain = is_plain
        self._owner = owner
        self._names: dict[str, Named] = {}
        # Replies that somebody waits for, by their numbers, and who does: thousands may never be waited for.
        self._waiting: dict[int, tuple[Reply, list[Wait]]] = {}
        # The timer, when it is due, and in how many milliseconds it was when it was armed.
        self._alarm: int | None = None
        self._due = 0.0
        self._watched = 0.0
        self._had_its_time = False
        # How long what is measured may take, of which nobody says here when it is sent.
        self._measured: float | None = None
        # Rules that messages on their way may not have met: until when such arrived, the rule's number.
        self.young_rules: list[tuple[float, int]] = []

    @property
    def vu(self) -> Vu:
        """Whose requests these are."""
        return self._owner.vu

    def decoded(self, data: Any) -> Any:
        """What a script gets of a message."""
        return self._owner.decoded(data)

    def waiting(self, replies: int) -> None:
        """So many more replies are waited for, or less: nothing that nobody reads is in their way."""
        owner = self._owner
        owner.asked += replies
        if owner.readers:
            owner.weigh()

    def latest(self, messages: int) -> Any:
        """The last of so many messages that were the script's, if one of them waits to be taken."""
        return self._owner.latest(messages)

    def why_closed(self, drops: int) -> tuple[str, str] | None:
        """What is said of a request that failed by the end of its connection, where that is known."""
        return self._owner.why_closed(drops)

    # Requests ---------------------------------------------------------------------------------------

    def named(self, name: str) -> Named:
        """What the requests with this name have in common from now on.

        Raises:
            TypeError: It is no text.
        """
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - a script may
            raise TypeError(NAMELESS)
        named = self._names.get(name)
        drops = 0 if self.comeback is None else self.comeback.drops
        if named is None or named.drops != drops:
            number = self.core.name(name) if named is None else named.number
            named = self._names[name] = Named(self, name, number, drops)
        return named

    def begin(  # noqa: PLR0917 - what a request consists of
        self,
        reply: Reply,
        message: str | bytes,
        ms: float | None,
        criteria: tuple[Any, ...] | None = None,
        key: bytes | None = None,
        planned: float | None = None,
        *,
        waits: bool = False,
    ) -> int:
        """Make a request; what its sending was answered with. One that ``waits`` is not sent yet."""
        comeback, number = self.comeback, reply.named.number
        is_held = comeback is not None and comeback.holds()
        status = self.core.request(
            reply, message, number, ms, criteria, key, planned, waits=waits or is_held
        )
        if ms is not None and (self._alarm is None or ms < self._watched):
            self._watch(ms)
        if comeback is not None and (is_held or status == DOWN):
            self._stand_by(comeback, reply, message)
            return ACCEPTED
        return status

    def _stand_by(self, comeback: Comeback, reply: Reply, message: Any) -> None:
        """Have a request that was made go out when its session is back."""
        comeback.standby.keep(
            lambda: self.core.send_again(reply, message),
            lambda: self.core.not_sent(reply, is_lost=True),
            lambda: self.core.not_sent(reply),
        )

    def start(self, message: Any, name: str, ms: float | None) -> Reply | None:
        """Make a plain request that nobody waits for yet; the short way of :meth:`begin`.

        ``None`` where its message does not go as it is, and none was made.
        """
        # What is no text may not be a key.
        named = self._names.get(name) if type(name) is str else None
        comeback = self.comeback
        if named is None or comeback is not None:
            named = self.named(name)
        reply = Reply.of(named, None)
        status = self.core.start(reply, message, named.number, ms)
        if status == UNFIT:
            return None
        if ms is not None and (self._alarm is None or ms < self._watched):
            self._watch(ms)
        if status == FULL:
            self.core.not_sent(reply)
        elif status == DOWN and comeback is not None:
            self._stand_by(comeback, reply, message)
        return reply

    def ask(self, message: Any, name: str, ms: float | None) -> tuple[str | None, Any, int] | None:
        """Make a plain request and wait for its reply, in blocking code: why it failed, or what came.

        The short way of :meth:`begin` and a wait; ``None`` where there is no room for it or no connection, or
        its message does not go as it is, and none was made. Where it had no reply in time, what came is what
        came instead: see :class:`Instead`. Last stands the number of the request.
        """
        named = self._names.get(name) if type(name) is str else None
        number = (named or self.named(name)).number
        core, owner = self.core, self._owner
        me = getcurrent()
        wake, request = me.switch, 0
        try:
            request = core.ask(message, number, ms, wake)
            if request < 0:
                if request in {-FULL, -DOWN, -UNFIT}:
                    return None
                return ("send" if request == -GIVEN_UP else "closed"), None, request
            if ms is not None and (self._alarm is None or ms < self._watched):
                self._watch(ms)
            suspend = owner.vu.loop.suspend
            # As `waiting` does, without calls.
            owner.asked += 1
            try:
                if owner.readers:
                    owner.weigh()
                woken = suspend(me)
                # Whoever is switched to for another reason is told nothing; or of a request that was left.
                while not woken or woken[0] != _ANSWERED or woken[1][2] != request:
                    woken = suspend(me)
            finally:
                owner.asked -= 1
                if owner.readers:
                    owner.weigh()
        except BaseException:
            # A signal may have kept its number from being known: its reply would end another wait.
            if request > 0:
                core.let_go(request)
            else:
                core.leave(wake)
            raise
        return woken[1]

    def answered(self, number: int) -> None:
        """Whoever waits for this request goes on."""
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            for wait in waiting[1]:
                wait.end()

    def await_reply(self, reply: Reply, wait: Wait) -> bool:
        """Have a wait ended when the reply is there. False if it is there already."""
        if reply._want():  # noqa: SLF001 - its base is the core's
            return False
        number = reply._number()  # noqa: SLF001 - as above
        assert number is not None, "it stands for a request"  # noqa: S101
        self._waiting.setdefault(number, (reply, []))[1].append(wait)
        self.waiting(1)
        return True

    def leave_reply(self, reply: Reply, wait: Wait) -> None:
        """Have a wait told no more, which :meth:`await_reply` has taken."""
        self.waiting(-1)
        number = reply._number()  # noqa: SLF001 - as above
        waiting = None if number is None else self._waiting.get(number)
        if waiting is not None and wait in waiting[1]:
            waiting[1].remove(wait)

    def expect_within(self, ms: float | None) -> None:
        """Look at what is measured as often as that may be too late."""
        self._measured = ms
        if ms is not None and (self._alarm is None or ms < self._watched):
            self._watch(ms)

    def _watch(self, ms: float) -> None:
        """Look at what has waited too long in so many milliseconds, at the latest."""
        core = self.vu.loop.core
        due = core.now() + ms
        if self._alarm is not None:
            if self._due <= due:
                return
            core.cancel_timer(self._alarm)
        self._due, self._had_its_time = due, False
        self._watched = ms
        self._alarm = core.add_timer(min(ms, _LONGEST_MS), self._expire)

    def _expire(self, _kind: int, _data: object) -> None:
        if not self._had_its_time:
            # What lies behind this event was there in time: however late the script looks, the peer was not.
            self._had_its_time = True
            self._alarm = self.vu.loop.core.add_timer(0.0, self._expire)
            return
        self._alarm = None
        ms, measured = self.core.expire(), self._measured
        if self.comeback is not None:
            # No event comes of a connection that is gone.
            self._tell_ended()
        if measured is not None and (ms is None or ms > measured):
            # Whatever is measured next may be too late by then.
            ms = measured
        if ms is not None:
            # A little later than asked for, so that it is due by then.
            self._watch(ms + 0.01)

    def close(self) -> None:
        """The session is over; replies that are on their way still come."""
        if self._alarm is not None:
            self.vu.loop.core.cancel_timer(self._alarm)
            self._alarm = None

    def connection_gone(self) -> None:
        """Nothing arrives any more on this connection: whoever waits for what it took along goes on."""
        self._tell_ended()
        self._wake_all()

    def _tell_ended(self) -> None:
        for number, (reply, _) in list(self._waiting.items()):
            if reply.done:
                self.answered(number)

    def over(self) -> None:
        """Nothing arrives any more, and every request has its outcome: whoever waits goes on.

        What a callable decided while the end was on its way already is told here, and by no event.
        """
        self.close()
        for number in list(self._waiting):
            self.answered(number)
        self._wake_all()

    def _wake_all(self) -> None:
        # One at a time: who goes on may end the wait of another.
        while (woken := self.core.asking()) is not None:
            wake, outcome = woken
            wake(_ANSWERED, outcome)

    # What the core tells ----------------------------------------------------------------------------

    def receive(self, kind: int, data: Any) -> None:
        """Take an event of the core."""
        if kind == _ANSWERED:
            self.answered(data)
        else:
            self._decide(kind, data)

    def _decide(self, kind: int, arrival: _core.Arrival) -> None:
        core = self.core
        try:
            is_left = deciding.decided(
                self._owner, core, arrival.data, lambda said: core.decide(arrival, said)
            )
        except BaseException:
            # The message is given up, and those behind it are decided about again.
            core.give_up_deciding(arrival)
            raise
        if is_left:
            self._owner.passed_on(_MESSAGES[kind], arrival)

    def obey(self, data: str | bytes, first: int) -> bool:
        """Have the rules from this one on look at a message that was there before them.

        Returns:
            Whether it is still the script's.
        """
        core = self.core
        return deciding.decided(self._owner, core, data, lambda said: core.obey(data, first, said))
