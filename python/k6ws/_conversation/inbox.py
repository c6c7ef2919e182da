"""Messages that nobody has taken yet, in the order of the wire.

It is bounded and never in the way of what comes: past its bound the oldest message leaves it. Only where
somebody reads on and on do its messages count as undelivered instead, so that a peer waits for a slow reader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

MAX_MESSAGES = 1024
MAX_BYTES = 1 << 20


class Message(NamedTuple):
    """A message on its way to whoever takes it."""

    number: int
    """Which one it is of its session: one that is put back goes where it was."""
    kind: int
    data: Any
    """As it came: text, or bytes."""
    decoded: Any
    """What scripts get: the same, unless there is a codec."""
    at: float = 0.0
    """When it arrived, as the loop tells time."""

    @property
    def size(self) -> int:
        """How much of the bound it takes."""
        return len(self.data)


class Counts(Protocol):
    """A connection that is told what was handed out and is kept back."""

    def held(self, bytes: int, /) -> None:  # noqa: A002 - as the core names it
        """Count a message as undelivered."""
        ...

    def released(self, bytes: int, /) -> None:  # noqa: A002
        """Count it no more."""
        ...


class Inbox:
    """The messages of one session that wait."""

    __slots__ = ("_counts", "_messages", "_size")

    def __init__(self) -> None:
        # Made with the first message: most sessions have none here, and an empty one is large.
        self._messages: deque[Message] | tuple[()] = ()
        self._size = 0
        # While they count as undelivered: where.
        self._counts: Counts | None = None

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: Message) -> int:
        """Put a message behind the others; how many had to leave for it."""
        messages = self._queue()
        messages.append(message)
        self._entered(message)
        left = 0
        while self._counts is None and len(messages) > 1 and self._is_over_full():
            self._left(messages.popleft())
            left += 1
        return left

    def put_back(self, message: Message) -> None:
        """Put a message where it was: whoever had taken it does not want it any more."""
        messages = self._queue()
        # From behind: where all are put back, one after the other, each has its place at once.
        at = len(messages)
        while at and messages[at - 1].number > message.number:
            at -= 1
        messages.insert(at, message)
        self._entered(message)

    def last(self) -> Message | None:
        """The newest of them, which stays."""
        return self._messages[-1] if self._messages else None

    def take(self, fits: Callable[[Message], bool] | None = None) -> Message | None:
        """The first message that fits; the others stay, in order."""
        messages = self._messages
        if not messages:
            return None
        if fits is None:
            message = messages.popleft()
            self._left(message)
            return message
        for at, message in enumerate(messages):
            if fits(message):
                del messages[at]
                self._left(message)
                return message
        return None

    def _queue(self) -> deque[Message]:
        messages = self._messages
        if isinstance(messages, tuple):
            messages = self._messages = deque()
        return messages

    def take_all(self) -> list[Message]:
        """All of them."""
        taken = list(self._messages)
        self._messages = ()
        for message in taken:
            self._left(message)
        return taken

    def count_by(self, counts: Counts | None) -> None:
        """Have the messages count as undelivered, and none leave; or no longer."""
        before, self._counts = self._counts, counts
        if before is counts:
            return
        for message in self._messages:
            if before is not None:
                before.released(message.size)
            if counts is not None:
                counts.held(message.size)

    def _is_over_full(self) -> bool:
        return len(self._messages) > MAX_MESSAGES or self._size > MAX_BYTES

    def _entered(self, message: Message) -> None:
        self._size += message.size
        if self._counts is not None:
            self._counts.held(message.size)

    def _left(self, message: Message) -> None:
        self._size -= message.size
        if self._counts is not None:
            self._counts.released(message.size)
