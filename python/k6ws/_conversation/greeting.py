"""A request of which nothing is sent: the peer speaks first, or goes on by itself, and is timed.

The clock begins where the peer could begin: at the later of the connection's opening and the last message
sent, so that only its part is measured, however late the script asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self

from k6ws._conversation.asked import Asked, criteria, kept, predicate, wrong
from k6ws._conversation.durations import UNSET, Timeout, patience, shown
from k6ws._conversation.ending import ending_of
from k6ws._conversation.inbox import Message
from k6ws._conversation.reply import CHECK_HINT, TOO_LONG, failed
from k6ws._conversation.requests import check_many
from k6ws._core import Matcher
from k6ws.errors import Interrupted, RecvTimeout, RequestFailed, SessionClosed

MOST_KEPT = 16 << 20
"""Bytes of all messages of a reply that are kept, as of replies to requests; one alone may be longer."""


class Greeting:
    """One of them: recorded, whatever ends it."""

    __slots__ = (
        "_asked",
        "_came",
        "_cause",
        "_checks",
        "_done",
        "_messages",
        "_ms",
        "_name",
        "_number",
        "_planned",
        "_said",
        "_since",
        "_size",
        "_source",
        "_why",
    )

    def __init__(self, source: Any, name: str, asked: Asked) -> None:
        """Made by ``request(None, …)``."""
        if asked.key is not None:
            text = "request(None, …) waits for what the peer says by itself, which has no key="
            raise TypeError(f"{text}; match= says which message it is")
        if asked.many:
            check_many(source, asked)
        self._ms = source.recv_timeout if asked.timeout is UNSET else patience(asked.timeout)
        self._source = source
        self._name = name
        self._asked = asked = kept(asked)
        said = criteria(asked)
        self._done = None if said is None else said[1]
        self._checks = [] if said is None else said[2]
        # What a check raised.
        self._cause: Exception | None = None
        self._why = ""
        self._said: tuple[str, str] | None = None
        self._messages: list[Message] = []
        self._size = 0
        # When each came, from where the peer could begin.
        self._came: list[float] = []
        self._since = source.vu.loop.core.now()
        self._number = source.desk.named(name).number
        # When an arrival rate had it made, if one had.
        self._planned: float | None = source.desk.core.awaited(self._number)

    def left(self) -> Timeout:
        """How long it may still take."""
        if self._ms is None:
            return None
        ms = self._since + self._ms - self._source.vu.loop.core.now()
        return timedelta(milliseconds=ms) if ms > 0 else 0

    def take(self, message: Message) -> bool:
        """Take a message that came; whether it was the last one."""
        source = self._source
        since = max(source.opened_at, source.sent_at)
        if not self._asked.many:
            self._messages.clear()
        self._messages.append(message)
        self._size += message.size if self._asked.many else 0
        if self._size > MOST_KEPT and len(self._messages) > 1:
            self._why, self._said = "check", TOO_LONG
            raise self._failed()
        self._came.append(max(message.at - since, *self._came[-1:], 0.0))
        return self._is_last(message)

    def reply(self) -> Any:
        """What is returned, when the last one was taken."""
        decoded = [message.decoded for message in self._messages]
        reply = decoded if self._asked.many else decoded[-1]
        failing = self._failing(self._messages[-1], reply)
        if failing is not None:
            what = wrong(self._asked.check, failing, reply, self._cause)
            self._why, self._said = "check", (what, CHECK_HINT)
            raise self._failed(reply) from self._cause
        planned = self._planned
        if planned is not None:
            planned = max(self._messages[-1].at - planned, 0.0)
        self._source.desk.core.answered(self._number, planned, *self._came)
        return reply

    def _is_last(self, message: Message) -> bool:
        if self._done is not None:
            return self._says(self._done, message)
        correlation = self._source.correlation
        if not self._asked.many or correlation is None:
            return True

        def ask() -> bool:
            is_tcp = self._source.is_tcp
            return correlation.is_done(message.data, message.decoded, is_tcp=is_tcp) is not False

        return self._source.ask_script(ask) if correlation.needs_python else ask()

    def _failing(self, last: Message, reply: Any) -> int | None:
        """The number of the first check that does not hold; those with names are recorded."""
        failing = None
        for number, (name, check) in enumerate(self._checks):
            one = predicate(self._asked.check, number)
            if one is not None and one.is_of_all:
                is_passed = self._holds(partial(self._source.ask_script, partial(one, list(reply))))
            else:
                is_passed = self._holds(partial(self._says, check, last))
            if name is not None:
                self._source.desk.core.checked(name, is_passed)
            if not is_passed and failing is None:
                failing = number
        return failing

    def _holds(self, says: Callable[[], bool]) -> bool:
        try:
            return says()
        except Exception as error:  # noqa: BLE001 - it is the script's
            self._cause = error
            return False

    def _says(self, matcher: Matcher, message: Message) -> bool:
        source = self._source

        def ask() -> bool:
            return matcher.matches(message.data, message.decoded, is_tcp=source.is_tcp)

        return source.ask_script(ask) if matcher.needs_python else ask()

    def _failed(self, reply: Any = None) -> RequestFailed:
        return failed(self._why, self._name, reply, self._said)

    def _timed_out(self, error: RecvTimeout) -> None:
        self._why = "timeout"
        within = "" if self._ms is None else f" within {shown(self._ms)}"
        parts = len(self._came)
        what = f"{parts} of its messages came{within}, and not the last" if parts else ""
        self._said = what or f"no message{within}", error.hint

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        if isinstance(error, RecvTimeout):
            self._timed_out(error)
        elif isinstance(error, Interrupted):
            self._why = "cut"
        elif not self._why:
            # Else what says which message it is has raised: no message was right.
            is_over = isinstance(error, SessionClosed) or not isinstance(error, Exception)
            self._why = "closed" if is_over else "check"
            if isinstance(error, SessionClosed):
                self._said = ending_of(error).why()
        self._source.desk.core.failed(self._number, self._why)
        if isinstance(error, (RecvTimeout, SessionClosed)):
            raise self._failed() from error
