"""A request of which nothing is sent: the peer speaks first, or goes on by itself, and is timed.

The clock begins where the peer could begin: at the later of the connection's opening and the last message
sent, so that only its part is measured, however late the script asks.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from k6ws._conversation.asked import Asked, criteria
from k6ws._conversation.inbox import Message
from k6ws.errors import Interrupted, RecvTimeout, RequestFailed, SessionClosed


class Greeting:
    """One of them: recorded, whatever ends it."""

    __slots__ = ("_criteria", "_name", "_number", "_source", "_why")

    def __init__(self, source: Any, name: str, asked: Asked) -> None:
        """Made by ``request(None, …)``."""
        if asked.key is not None or asked.done is not None or asked.many:
            text = (
                "request(None, …) waits for one message: it takes timeout, match, check and default"
            )
            raise TypeError(text)
        self._source = source
        self._name = name
        self._criteria = criteria(asked)
        self._why = ""
        self._number = source.desk.number_of(name)
        source.desk.core.made(self._number)

    def of(self, message: Message) -> Any:
        """Take the message that came."""
        source = self._source
        wrong = self._wrong(message)
        if wrong:
            self._why = "check"
            raise self._failed(message.decoded)
        since = max(source.opened_at, source.sent_at)
        source.desk.core.answered(self._number, max(message.at - since, 0.0))
        return message.decoded

    def _wrong(self, message: Message) -> bool:
        is_wrong = False
        for name, check in self._criteria[2] if self._criteria else ():
            is_passed = bool(check.matches(message.data, message.decoded))
            if name is not None:
                self._source.desk.core.checked(name, is_passed)
            is_wrong |= not is_passed
        return is_wrong

    def _failed(self, reply: Any = None) -> RequestFailed:
        text = f"request {self._name!r} failed: {self._why}"
        return RequestFailed(text, error=self._why, name=self._name, reply=reply)

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
        elif not self._why:
            self._why = "cut" if isinstance(error, Interrupted) else "closed"
        self._source.desk.core.failed(self._number, self._why)
        if isinstance(error, (RecvTimeout, SessionClosed)):
            raise self._failed() from error
