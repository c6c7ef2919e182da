"""What the decorators ``@socket.on("…")`` take, for type checkers: see ``ws/handlers.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, overload

from k6ws.errors import TCPError

OfNothing = TypeVar("OfNothing", bound=Callable[[], object])
OfData = TypeVar("OfData", bound=Callable[[Any], object])
OfError = TypeVar("OfError", bound=Callable[[TCPError], object])


class OnPlain(Protocol):
    """Takes a handler of ``connect``, ``close`` or ``timeout``."""

    def __call__(self, handler: OfNothing, /) -> OfNothing:
        """Register it."""
        ...


class OnData(Protocol):
    """Takes a handler of ``data``: bytes, or whatever framing and codec make of them."""

    @overload
    def __call__(self, handler: OfData, /) -> OfData: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnError(Protocol):
    """Takes a handler of ``error``."""

    @overload
    def __call__(self, handler: OfError, /) -> OfError: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...
