"""Which reply belongs to which request."""

from typing import Any, final

from k6ws._core.keys import KeySource
from k6ws._core.matching import Matchable

@final
class Correlation:
    """Which reply belongs to which request.

    What came by TCP (`is_tcp`) is neither text nor binary, whatever type it has by now.
    """

    @staticmethod
    def by(
        sent: KeySource,
        received: KeySource | None,
        where: Matchable | None,
        done: Matchable | None,
        name: str | None,
    ) -> Correlation:
        """A reply has the key of its request."""

    @staticmethod
    def in_order(where: Matchable | None, done: Matchable | None) -> Correlation:
        """Replies come in the order of their requests."""

    def key_of_sent(self, data: str | bytes, decoded: Any = ..., *, is_tcp: bool = False) -> bytes:
        """The key of a message to be sent; raises `InvalidParameter` if it has none, or one too long."""

    def key(self, value: str | bytes | int) -> bytes:
        """The key that a script gives itself for one request, as bytes."""

    def key_of_received(
        self, data: str | bytes, decoded: Any = ..., *, is_tcp: bool = False
    ) -> bytes | None:
        """The key of a message that has come; `None` if it is no reply. In order each reply has `b""`."""

    def is_done(
        self, data: str | bytes, decoded: Any = ..., *, is_tcp: bool = False
    ) -> bool | None:
        """Whether a message is the last one of its reply; `None` where each reply is one message."""

    @property
    def is_in_order(self) -> bool:
        """Whether replies come in the order of their requests, and have no keys."""

    @property
    def has_done(self) -> bool:
        """Whether it says which message is the last one of a reply."""

    @property
    def needs_python(self) -> bool:
        """Whether a callable of the script may have the word."""

    @property
    def name(self) -> str | None:
        """What exchanges are called that have no name of their own."""
