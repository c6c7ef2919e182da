"""Data that all VUs share: mappings and lists that can be read like any other, and not be changed.

What `setup` returns may be megabytes, and VUs are many: a copy for each would be their greatest part.
"""

from __future__ import annotations

import copy
from typing import Any, NoReturn, cast

from k6ws.errors import K6Error


class SharedDataError(K6Error, TypeError):
    """A VU wanted to change what `setup` returned."""


def _refused(self: object, *_arguments: object, **_keywords: object) -> NoReturn:
    message = (
        f"what setup() returned is shared by all VUs: this {_plain_name(self)} cannot be changed"
    )
    raise SharedDataError(message, "copy.deepcopy(data) is your own")


def _plain_name(value: object) -> str:
    return "mapping" if isinstance(value, dict) else "list"


class SharedDict(dict[str, Any]):
    """A mapping to read."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refused  # type: ignore[assignment]
    clear = pop = popitem = setdefault = update = _refused  # type: ignore[assignment]

    def __copy__(self) -> dict[str, Any]:
        """A mapping that may be changed."""
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        """One that may be changed, with all that is in it."""
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes as what it looks like."""
        return dict, (dict(self),)


class SharedList(list[Any]):
    """A list to read."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refused  # type: ignore[assignment]
    append = clear = extend = insert = pop = remove = reverse = sort = _refused  # type: ignore[assignment]

    def __copy__(self) -> list[Any]:
        """A list that may be changed."""
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        """One that may be changed, with all that is in it."""
        return [copy.deepcopy(value, memo) for value in self]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes as what it looks like."""
        return list, (list(self),)


def shared(value: Any) -> Any:
    """JSON data for all VUs."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return SharedDict({key: shared(one) for key, one in entries})
    if isinstance(value, list):
        return SharedList([shared(one) for one in cast("list[Any]", value)])
    return value
