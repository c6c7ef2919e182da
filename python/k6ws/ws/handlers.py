"""What the decorators ``@socket.on("…")`` take, for type checkers: one class for each event with a payload.

The forms stand from most arguments to fewest, so that a checker knows the arguments of a ``lambda``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar, overload

from k6ws.errors import WSError

OfNothing = TypeVar("OfNothing", bound=Callable[[], object])
OfText = TypeVar("OfText", bound=Callable[[str], object])
OfBytes = TypeVar("OfBytes", bound=Callable[[bytes], object])
OfCode = TypeVar("OfCode", bound=Callable[[int], object])
OfError = TypeVar("OfError", bound=Callable[[WSError], object])


class OnPlain(Protocol):
    """Takes a handler of ``open``, ``ping`` or ``pong``."""

    def __call__(self, handler: OfNothing, /) -> OfNothing:
        """Register it."""
        ...


class OnText(Protocol):
    """Takes a handler of ``message``."""

    @overload
    def __call__(self, handler: OfText, /) -> OfText: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnBinary(Protocol):
    """Takes a handler of ``binaryMessage``."""

    @overload
    def __call__(self, handler: OfBytes, /) -> OfBytes: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnClose(Protocol):
    """Takes a handler of ``close``."""

    @overload
    def __call__(self, handler: OfCode, /) -> OfCode: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnError(Protocol):
    """Takes a handler of ``error``."""

    @overload
    def __call__(self, handler: OfError, /) -> OfError: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...
