"""Who gets a message of a session.

It goes, once, to the first of:

1. a *taker*, in their order: what is asked before anybody who waits;
2. a ``recv`` or ``expect`` that waits and that it fits, in the order of their calls;
3. the handlers of ``message``, as soon as the VU accepts them;
4. the inbox, where the next ``recv`` looks first.

1, 2 and 4 happen when the message comes, whatever the VU accepts just then. A matcher that is a function of
the script runs then, too, in the dispatcher: it must not wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias, TypeVar

from k6ws import _core
from k6ws._conversation.inbox import Inbox, Message
from k6ws._conversation.waits import MessageWait, Wait
from k6ws._core import Matcher
from k6ws._loop import Vu
from k6ws._socket import session as _session
from k6ws._socket.coder import Coder
from k6ws._socket.messages import Messages
from k6ws.errors import CodecError, Interrupted

C = TypeVar("C", bound=_core.Connection | _core.TcpConnection)
Taker: TypeAlias = Callable[[Message], bool]
"""Called with each message before anybody else; true if it has taken it. It runs in the dispatcher."""

# Has a matcher that is Python asked where handlers run.
_ASK = -1
_ASKING = "a matcher or a codec must not wait: every message behind the one that it looks at would"


class Delivery(_session.Session[C]):
    """A session whose messages are taken by whoever waits for them."""

    __slots__ = (
        "_number",
        "_waits",
        "asked",
        "inbox",
        "is_broken",
        "messages",
        "readers",
        "takers",
    )

    is_tcp: ClassVar[bool] = False
    """Whether its messages are neither text nor binary, whatever type they have by now."""
    unhandled: ClassVar[str]
    """The metric that counts the messages that nobody takes."""

    def __init__(self, vu: Vu, send_timeout: float, messages: Messages | None = None) -> None:
        super().__init__(vu, send_timeout)
        # How it speaks, where messages are more than text and bytes.
        self.messages: Messages | None = messages
        # What came was none of its messages: nothing more is taken.
        self.is_broken = False
        self.inbox = Inbox()
        self.takers: tuple[Taker, ...] = ()
        # Requests under way: while there are any the inbox never keeps a peer waiting.
        self.asked = 0
        self._waits: tuple[MessageWait, ...] = ()
        self._number = 0
        # Who reads on and on.
        self.readers = 0

    def arrived(self, kind: int, data: Any, *, has_met: bool = False) -> None:
        """Take a message that has just come; one that ``has_met`` all takers is for whoever waits."""
        coder = None if self.messages is None else self.messages.coder
        if coder is None:
            self._number += 1
            message = Message(self._number, kind, data, data, self.came())
            self._offer(message, is_new=True, has_met=has_met)
            return
        at = self.came()
        for raw, decoded in self._decoded(coder, kind, data):
            if self.is_broken:
                return
            self._number += 1
            message = Message(self._number, kind, raw, decoded, at)
            self._offer(message, is_new=True, has_met=has_met)

    def _decoded(self, coder: Coder, kind: int, data: Any) -> list[tuple[str | bytes, Any]]:
        """What the codec makes of what came; nothing where that is none of its messages."""
        pairs: list[tuple[str | bytes, Any]] = []
        failure: CodecError | None = None

        def decode() -> None:
            nonlocal failure
            try:
                pairs.extend(coder.pairs(kind, data))
            except CodecError as error:
                failure = error
            except Exception as error:  # noqa: BLE001 - the script's: it ends its session, not the loop
                failure = CodecError(f"codec: parse raised {error!r}")

        if not self.is_broken:
            if coder.is_python:
                self.run_now(decode)
            else:
                decode()
        if failure is not None:
            self.is_broken = True
            self.unreadable(failure)
        return pairs

    def came(self) -> float:
        """When what is being delivered arrived, as the loop tells time."""
        return self.vu.loop.core.arrived()

    def latest(self, messages: int) -> Any:
        """The last of so many messages that have come, if one of them is in the inbox."""
        last = self.inbox.last()
        return None if last is None or last.number <= self._number - messages else last.data

    def look(self, matcher: Matcher | None) -> Message | None:
        """Take the first message of the inbox that fits."""
        inbox = self.inbox
        if not len(inbox):
            return None
        if matcher is None:
            return inbox.take()
        if not matcher.needs_python:
            return inbox.take(lambda one: self._means(matcher, one))
        loop = self.vu.loop
        outer, loop.refusal = loop.refusal, _ASKING
        try:
            return inbox.take(lambda one: self._means(matcher, one))
        finally:
            loop.refusal = outer

    def await_message(self, matcher: Matcher | None, call: str) -> MessageWait:
        """Stand in line for a message, for this call; :meth:`leave` it in the end."""
        wait = MessageWait(self.vu, matcher)
        wait.is_bound = self.is_bound(call)
        self._waits = (*self._waits, wait)
        return wait

    def is_bound(self, call: str) -> bool:  # noqa: ARG002 - of one that comes back
        """Whether what this call waits for comes on this connection or not at all."""
        return False

    def bound_waits(self, error: BaseException) -> list[Wait]:
        """The connection is lost, and another one may follow: whose waits end with it, by ``error``."""
        over = [one for one in self._waits if one.is_bound]
        self._waits = tuple(one for one in self._waits if not one.is_bound)
        for one in over:
            one.error = error
        return list(over)

    def leave(self, wait: MessageWait) -> None:
        """Stand in line no more; a message that was given and not taken is there for the next one."""
        self._waits = tuple(one for one in self._waits if one is not wait)
        message, wait.message = wait.message, None
        if message is not None:
            self._offer(message, is_new=False)

    def read_on(self, readers: int) -> None:
        """So many more, or less, read on and on: the peer waits for them where they are slow."""
        self.readers += readers
        self.weigh()

    def weigh(self) -> None:
        """Have what is in the inbox count as undelivered, or not: a reply must come whoever reads."""
        self.inbox.count_by(self.connection if self.readers and not self.asked else None)

    def _offer(self, message: Message, *, is_new: bool, has_met: bool = False) -> None:
        """Give a message to the first who takes it."""
        if is_new and not has_met and any(taker(message) for taker in self.takers):
            return
        over: list[MessageWait] = []
        taken = False
        try:
            for wait in self._waits:
                taken = self._fits(wait, message)
                if taken:
                    wait.message = message
                if taken or wait.error is not None:
                    over.append(wait)
                if taken:
                    break
        finally:
            # Also where Ctrl-C struck a matcher: no message is lost.
            if over:
                self._waits = tuple(one for one in self._waits if one not in over)
            if not taken:
                self._keep(message, is_new=is_new)
            for wait in over:
                wait.end()

    def _keep(self, message: Message, *, is_new: bool) -> None:
        if "message" in self.calls:
            self.to_handlers(message)
        elif not is_new:
            self.inbox.put_back(message)
        elif (left := self.inbox.put(message)) > 0:
            self.count_unhandled(left)
            self.vu.loop.notices.warn(
                Delivery,
                "messages arrive on a session and nobody takes them: the oldest are dropped "
                f"({self.unhandled} counts them); recv() them, iterate, or "
                'register on("message", …)',
            )

    def _means(self, matcher: Matcher, message: Message) -> bool:
        return matcher.matches(message.data, message.decoded, is_tcp=self.is_tcp)

    def _fits(self, wait: MessageWait, message: Message) -> bool:
        matcher = wait.matcher
        if matcher is None:
            return True
        if not matcher.needs_python:
            return self._means(matcher, message)
        fits = False

        def ask() -> None:
            nonlocal fits
            try:
                fits = self._means(matcher, message)
            except (KeyboardInterrupt, Interrupted):
                raise
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
                wait.error = error

        self.run_now(ask)
        return fits

    def dispatched(self, call: Callable[[], object]) -> None:
        """Run something where an asyncio loop runs the handlers."""
        host = self.vu.host
        assert host is not None, "asked of a VU that has one"  # noqa: S101
        host.dispatch(self.vu, self, _ASK, call)

    def run_now(self, call: Callable[[], object]) -> None:
        """Run what is a function of the script where handlers run; it must not wait."""
        vu = self.vu
        if vu.host is not None:
            self.dispatched(call)
            return
        vu.loop.ask(vu, _ASKING, call)

    def nobody_waits(self) -> tuple[Wait, ...]:
        """Nothing comes any more: those who stood in line, who are to be told."""
        over, self._waits = self._waits, ()
        return over

    def dispatch(self, kind: int, data: Any) -> None:
        """Run the handlers of an event where an asyncio loop runs them."""
        if kind == _ASK:
            data()
        else:
            super().dispatch(kind, data)

    def count_rest(self) -> None:
        """Count what is in the inbox: nobody will take it."""
        left = len(self.inbox.take_all())
        if left:
            self.count_unhandled(left)

    def __del__(self) -> None:
        if len(self.inbox):
            self.count_rest()

    def to_handlers(self, message: Message) -> None:
        """Give a message to the handlers of messages, as soon as the VU accepts it."""
        raise NotImplementedError

    def count_unhandled(self, messages: int) -> None:
        """Count messages that nobody took."""
        raise NotImplementedError

    def unreadable(self, error: CodecError) -> None:
        """End it: what came is none of its messages."""
        raise NotImplementedError
