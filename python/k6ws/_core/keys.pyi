"""Where the key of a message stands."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias, final

# Where the key of a message stands: a JSON pointer, a group of a pattern, bytes, what a callable says.
KeySource: TypeAlias = (
    str
    | Capture
    | Field
    | re.Pattern[str]
    | re.Pattern[bytes]
    | Callable[[Any], str | bytes | int | None]
)

@final
class Capture:
    """A group of a pattern, as a key."""

    def __new__(
        cls,
        pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes],
        group: int | str | None = None,
    ) -> Capture:
        """Take the only group, unless `group` says which by its number or name."""

@final
class Field:
    """Bytes at a place, as a key."""

    def __new__(cls, offset: int, size: int) -> Field:
        """Take `size` bytes, behind the first `offset` ones."""
