"""What a VU records with, whatever it records."""

from collections.abc import Sequence
from typing import final

@final
class Tags:
    """An immutable set of tags: equal sets are equal and hash alike."""

    def __new__(cls) -> Tags:
        """Make the empty set."""

    def extended(self, tags: Sequence[tuple[str, str]]) -> Tags:
        """Return these tags and more; a key that is given again takes the new value."""

    def get(self, key: str) -> str | None:
        """Return the value of a tag."""

    def items(self) -> list[tuple[str, str]]:
        """Return all tags, sorted by key."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Account:
    """What a VU and its connections share; opaque, made by `Run.account` and `Run.stage`."""

    def is_cut(self) -> bool:
        """Whether the VU has been told to stop."""
