"""A request of which nothing is sent: the peer speaks first, or goes on by itself, and is timed.

The clock begins where the peer could begin: at the later of the connection's opening and the last message
sent, so that only its part is measured, however late the script asks.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from k6ws._conversation.asked import Asked, criteria
from k6ws._conversation.durations import UNSET, patience
from k6ws._conversation.inbox import Message
from k6ws._conversation.reply import failed
from k6ws._core import Matcher
from k6ws.errors import Interrupted, RecvTimeout, RequestFailed, SessionClosed


class Greeting:
    """One of them: recorded, whatever ends it."""

    __slots__ = ("_cause", "_criteria", "_name", "_number", "_planned", "_source", "_why")

    def __init__(self, source: Any, name: str, asked: Asked) -> None:
        """Made by ``request(None, …)``."""
        if asked.key is not None or asked.done is not None or asked.many:
            text = (
                "request(None, …) waits for one message: it takes timeout, match, check and default"
            )
            raise TypeError(text)
        if asked.timeout is not UNSET:
            patience(asked.timeout)
        self._source = source
        self._name = name
        # What a check raised.
        self._cause: Exception | None = None
        self._criteria = criteria(asked)
        self._why = ""
        self._number = source.desk.number_of(name)
        # When an arrival rate had it made, if one had.
        self._planned: float | None = source.desk.core.awaited(self._number)

    def of(self, message: Message) -> Any:
        """Take the message that came."""
        source = self._source
        wrong = self._wrong(message)
        if wrong:
            self._why = "check"
            raise self._failed(message.decoded) from self._cause
        since = max(source.opened_at, source.sent_at)
        planned = self._planned
        source.desk.core.answered(
            self._number,
            max(message.at - since, 0.0),
            None if planned is None else max(message.at - planned, 0.0),
        )
        return message.decoded

    def _wrong(self, message: Message) -> bool:
        is_wrong = False
        for name, check in self._criteria[2] if self._criteria else ():
            is_passed = self._holds(check, message)
            if name is not None:
                self._source.desk.core.checked(name, is_passed)
            is_wrong |= not is_passed
        return is_wrong

    def _holds(self, check: Matcher, message: Message) -> bool:
        source = self._source

        def ask() -> bool:
            return check.matches(message.data, message.decoded, is_tcp=source.is_tcp)

        try:
            return source.ask_script(ask) if check.needs_python else ask()
        except Exception as error:  # noqa: BLE001 - it is the script's
            self._cause = error
            return False

    def _failed(self, reply: Any = None) -> RequestFailed:
        return failed(self._why, self._name, reply)

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
            self._why = "timeout"
        elif isinstance(error, Interrupted):
            self._why = "cut"
        elif not self._why:
            # Else what says which message it is has raised: no message was right.
            is_over = isinstance(error, SessionClosed) or not isinstance(error, Exception)
            self._why = "closed" if is_over else "check"
        self._source.desk.core.failed(self._number, self._why)
        if isinstance(error, (RecvTimeout, SessionClosed)):
            raise self._failed() from error
