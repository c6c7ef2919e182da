"""An answer that is written from the message that it answers."""

from typing import final

from k6ws._core.matching import Matcher

@final
class Template:
    """An answer: text with what it takes from messages that a matcher has matched, or bytes."""

    def __new__(cls, reply: str | bytes, answered: Matcher) -> Template:
        """Read it; raises `InvalidParameter` if it takes what these messages cannot have."""

    def fill(self, data: str | bytes, *, is_tcp: bool = False) -> str | bytes | None:
        """The answer to a message; `None` if that has not what the answer takes."""

    @property
    def is_text(self) -> bool:
        """Whether it is text."""
