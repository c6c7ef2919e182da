"""Whether a message is the one that is meant."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, final

# What scripts may write for a matcher.
Matchable: TypeAlias = (
    Matcher
    | str
    | bytes
    | Mapping[str, Any]
    | re.Pattern[str]
    | re.Pattern[bytes]
    | Callable[[Any], object]
)

@final
class Matcher:
    """Whether a message is the one that is meant."""

    @staticmethod
    def of(value: Matchable) -> Matcher:
        """What scripts write for a matcher; `TypeError` or `InvalidParameter` if it is none."""

    @staticmethod
    def equals(value: Any) -> Matcher:
        """It is this text, these bytes, or JSON of this value."""

    @staticmethod
    def contains(part: str | bytes) -> Matcher:
        """This is in it."""

    @staticmethod
    def starts_with(start: str | bytes) -> Matcher:
        """It begins with this."""

    @staticmethod
    def regex(pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes]) -> Matcher:
        """The pattern is found in it; `InvalidParameter` for what linear time cannot say."""

    @staticmethod
    def json(values: Mapping[str, Any]) -> Matcher:
        """It is JSON, and has these values at these pointers."""

    @staticmethod
    def has(pointer: str) -> Matcher:
        """It is JSON, and has this place, whatever is there."""

    @staticmethod
    def at(offset: int, bytes: bytes, mask: bytes | None = None) -> Matcher:
        """It has these bytes at a place, or those of their bits that the mask has."""

    @staticmethod
    def text() -> Matcher:
        """It is text, or came by TCP."""

    @staticmethod
    def binary() -> Matcher:
        """It is binary, or came by TCP."""

    def matches(self, data: str | bytes, decoded: Any = ..., *, is_tcp: bool = False) -> bool:
        """Whether a message is meant; callables are called with `decoded`, which is `data` unless given.

        What came by TCP is neither text nor binary, whatever type it has by now.
        """

    @property
    def needs_python(self) -> bool:
        """Whether a callable of the script may have the word."""

    def __and__(self, other: Matchable, /) -> Matcher: ...
    def __rand__(self, other: Matchable, /) -> Matcher: ...
    def __or__(self, other: Matchable, /) -> Matcher: ...
    def __ror__(self, other: Matchable, /) -> Matcher: ...
    def __invert__(self) -> Matcher: ...
    def __bool__(self) -> bool:
        """Raise `TypeError`: `and`, `or` and `not` would choose one of them now."""
