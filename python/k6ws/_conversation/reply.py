"""``Reply``: a request that was started, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Protocol, Self, TypeAlias

from k6ws import _core
from k6ws._conversation.asked import Asked, raised_by, wrong
from k6ws._conversation.durations import UNSET, Timeout, patience, shown
from k6ws._conversation.instead import Instead
from k6ws._conversation.waits import Wait
from k6ws._loop import Vu
from k6ws.errors import RecvTimeout, RequestFailed


class Asking(Protocol):
    """Who made the request, as its reply sees it."""

    is_plain: bool
    """Whether messages come as they are."""

    @property
    def vu(self) -> Vu:
        """Whose it is."""
        ...

    def decoded(self, data: Any, /) -> Any:
        """What a script gets of a message."""
        ...

    def await_reply(self, reply: Reply, wait: Wait, /) -> bool:
        """Have a wait ended when the reply is there. False if it is there already."""
        ...

    def leave_reply(self, reply: Reply, wait: Wait, /) -> None:
        """Have a wait told no more, which ``await_reply`` has taken."""
        ...

    def latest(self, messages: int, /) -> Any:
        """The last of so many messages that were the script's, if one of them waits to be taken."""
        ...

    def why_closed(self, drops: int, /) -> tuple[str, str] | None:
        """What is said of a request that failed by the end of its connection, and what to do, where known."""
        ...


CHECK_HINT = "`.reply` of this error is all that came"
_HINTS = {
    "closed": "the session ended first: its close event, or SessionClosed of recv(), says why",
    "check": CHECK_HINT,
    "send": "more than max_buffered waits to be written: the peer does not read",
    "cut": "the VU was cut: its time was up",
}
TOO_LONG = (
    "its reply is longer than what is kept of one",
    (
        "many=True keeps all messages of a reply: 16 MiB together, or as much as one message may have; raise "
        "that (max_message_size, or max of the framing), or take only the last one (done= without many)"
    ),
)


# Why it failed, what came, what was raised on the way, what is said of that and what to do about it, where
# more is known than why; and what is returned in place of a failure.
_Outcome: TypeAlias = tuple[str | None, Any, Exception | None, tuple[str, str] | None, Any]


class Named:
    """What the requests of one name have in common, as long as their session keeps its connection."""

    __slots__ = ("desk", "drops", "name", "number")

    def __init__(self, desk: Asking, name: str, number: int, drops: int) -> None:
        self.desk = desk
        self.name = name
        self.number = number
        """That of the name, for the core."""
        self.drops = drops
        """How often the session had lost a connection."""


class Reply(_core.ReplyBase):
    """A request under way, or what came of it: what ``start`` returns.

    Wait for it with ``wait()``, in a coroutine with ``await``, as often and by as many as is wanted. One that
    nobody waits for is measured and counted all the same.

    Example:
        >>> reply = session.start('{"id": 1}', "first")          # doctest: +SKIP
        >>> reply.wait()                                         # doctest: +SKIP
        '{"id": 1, "result": true}'
    """

    # There are as many as requests under way: what several have in common is `Named`, and its desk knows who
    # waits for one.
    __slots__ = ("_state", "named")

    named: Named
    """What it shares with others."""
    # What was asked, nothing of a plain one; then its outcome.
    _state: Asked | _Outcome | None

    @classmethod
    def of(cls, named: Named, asked: Asked | None) -> Self:
        """Make one for a request; scripts get theirs of ``start`` and ``request``."""
        # No `__init__`: to be called from the outside costs it as much as all the rest.
        self = cls()
        self.named = named
        self._state = asked
        return self

    @property
    def name(self) -> str:
        """As what it is recorded."""
        return self.named.name

    @property
    def done(self) -> bool:
        """Whether it has its outcome."""
        return type(self._state) is tuple or self._has_ended()

    @property
    def failed(self) -> str | None:
        """Why it failed: ``timeout``, ``closed``, ``check``, ``send``, ``cut``; else ``None``."""
        if not self.done:
            return None
        return self._result()[0]

    def wait(self, timeout: Timeout = None) -> Any:
        """Wait for the reply; blocks this VU only, and nothing else of it is delivered meanwhile.

        Args:
            timeout: How long, as ``"1s"`` or a ``timedelta``; ``None`` for as long as the request has. The
                request goes on in any case.

        Returns:
            The reply, decoded where the session has a codec; a list of messages with ``many=True``; the
            ``default`` of a request that failed, if it has one.

        Raises:
            RequestFailed: It has failed; where a check raised, that is its ``__cause__``.
            CodecError: The codec of the session cannot read the reply.
            RecvTimeout: It had no outcome within ``timeout``.
            K6Error: Called where an asyncio loop runs; ``await`` it there.
        """
        desk = self.named.desk
        if self._state is None and desk.is_plain:
            # The short way of one that has arrived.
            last = self._last()
            if last is not None:
                why, reply = last
                if why is None:
                    self._state = why, reply, None, None, UNSET
                    return reply
                # Of one that failed it is what came instead.
                self._state = why, None, None, self._said(why, reply), UNSET
        if not self.done:
            vu = desk.vu
            vu.check_may_block("reply.wait()", "await reply")
            ms = None if timeout is None else patience(timeout)
            wait = Wait(vu)
            if desk.await_reply(self, wait):
                try:
                    wait.block(ms)
                finally:
                    desk.leave_reply(self, wait)
            if not self.done:
                message = f"reply.wait(): no reply to {self.name!r} within {shown(ms)}"
                raise RecvTimeout(message, "the request goes on")
        return self.outcome()

    def __await__(self) -> Generator[Any, None, Any]:
        """Wait for the reply in a coroutine."""
        return self.arrival().__await__()

    async def arrival(self) -> Any:
        """The reply, in a coroutine."""
        await self.ended()
        return self.outcome()

    async def ended(self) -> None:
        """Wait until there is an outcome, in a coroutine."""
        desk = self.named.desk
        desk.vu.check_alive()
        while not self.done:
            wait = Wait(desk.vu)
            if desk.await_reply(self, wait):
                try:
                    await wait.arrival()
                finally:
                    desk.leave_reply(self, wait)

    def outcome(self) -> Any:
        """What ``wait`` returns or raises, of one that is done."""
        why, reply, error, said, default = self._result()
        if why is None:
            if error is not None:
                raise error
            return reply
        if default is not UNSET:
            return default
        raise failed(why, self.name, reply, said) from error

    def _result(self) -> _Outcome:
        asked = self._state
        if asked is None or isinstance(asked, Asked):
            taken = self._take()
            assert taken is not None, "asked of one that is done"  # noqa: S101
            why, messages, check, instead = taken
            desk = self.named.desk
            checks = None if asked is None else asked.check
            raised = error = None if check is None else raised_by(checks, check)
            reply: Any = messages
            try:
                decoded = [desk.decoded(one) for one in messages]
                is_many = asked is not None and asked.many
                reply = (decoded if is_many else decoded[-1]) if decoded else None
            except Exception as unreadable:  # noqa: BLE001 - the codec may be the script's
                error = error or unreadable
            if check is not None:
                said = wrong(checks, check, reply, raised), CHECK_HINT
            elif why == "check":
                # Wrong, and of no check: more came than is kept.
                said = TOO_LONG
            else:
                said = self._said(why, instead)
            default = UNSET if asked is None else asked.default
            self._state = outcome = why, reply, error, said, default
            return outcome
        return asked

    def _said(self, why: str | None, instead: Any) -> tuple[str, str] | None:
        if instead is not None:
            return Instead(*instead).told(self.named.desk.latest)
        return self.named.desk.why_closed(self.named.drops) if why == "closed" else None

    def __repr__(self) -> str:
        state = "under way" if not self.done else self.failed or "answered"
        return f"<Reply {self.name!r} {state}>"


def failed(
    why: str, name: str, reply: Any = None, said: tuple[str, str] | None = None
) -> RequestFailed:
    """What is raised of a request that failed; ``said`` is more than why, and what to do about it."""
    what, hint = said or ("", _HINTS[why])
    text = f"request {name!r} failed: {why}{what and ': '}{what}"
    return RequestFailed(text, hint, error=why, name=name, reply=reply)


def timed_out(name: str, instead: Any, latest: Callable[[int], Any]) -> RequestFailed:
    """What is raised of a plain request that had no reply in time; ``instead`` as the core says it."""
    return failed("timeout", name, said=Instead(*instead).told(latest))
