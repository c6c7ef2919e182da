"""The helpers of jslib's ``k6-utils``: random data that is the same in every run, for each VU its own.

They draw from ``execution.vu.random``, which is seeded with the VU's number or by ``random_seed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from k6ws._loop import current

__all__ = [
    "randomIntBetween",
    "randomItem",
    "randomString",
    "random_int_between",
    "random_item",
    "random_string",
    "uuidv4",
]

Item = TypeVar("Item")

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def random_string(length: int, charset: str = _LETTERS) -> str:
    """Text of ``length`` characters, each from ``charset``; lower-case letters unless given.

    Raises:
        ValueError: ``length`` is negative, or ``charset`` is empty and ``length`` is not 0.

    Example:
        >>> len(random_string(8))
        8
    """
    if length < 0:
        message = f"a text of {length} characters cannot be made"
        raise ValueError(message)
    if length and not charset:
        message = "random_string needs at least one character to choose from"
        raise ValueError(message)
    return "".join(current().generator().choices(charset, k=length))


def random_int_between(minimum: int, maximum: int) -> int:
    """A whole number from ``minimum`` to ``maximum``, both included.

    Raises:
        ValueError: ``maximum`` is the smaller one.

    Example:
        >>> 1 <= random_int_between(1, 6) <= 6
        True
    """
    return current().generator().randint(minimum, maximum)


def random_item(items: Sequence[Item]) -> Item:
    """One of ``items``.

    Raises:
        IndexError: There are none.

    Example:
        >>> random_item(["a"])
        'a'
    """
    return current().generator().choice(items)


def uuidv4() -> str:
    """A random UUID, version 4 (RFC 9562); repeatable, so not for secrets.

    Example:
        >>> len(uuidv4())
        36
    """
    from uuid import UUID  # noqa: PLC0415 - loads `platform`, and few scripts want one

    return str(UUID(int=current().generator().getrandbits(128), version=4))


randomString = random_string  # noqa: N816 - jslib's spelling, here and below
randomIntBetween = random_int_between  # noqa: N816
randomItem = random_item  # noqa: N816
