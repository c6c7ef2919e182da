"""What the decorators ``@session.on("…")`` take, for type checkers: see ``ws/handlers.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, overload

from k6ws.errors import K6Error

OfNothing = TypeVar("OfNothing", bound=Callable[[], object])
OfMessage = TypeVar("OfMessage", bound=Callable[[Any], object])
OfCode = TypeVar("OfCode", bound=Callable[[int], object])
OfReason = TypeVar("OfReason", bound=Callable[[int, str], object])
OfError = TypeVar("OfError", bound=Callable[[K6Error], object])


class OnPlain(Protocol):
    """Takes a handler of ``open``, ``ping`` or ``pong``."""

    def __call__(self, handler: OfNothing, /) -> OfNothing:
        """Register it."""
        ...


class OnMessage(Protocol):
    """Takes a handler of messages: text, bytes, or whatever the codec makes of them."""

    @overload
    def __call__(self, handler: OfMessage, /) -> OfMessage: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnClose(Protocol):
    """Takes a handler of ``close``."""

    @overload
    def __call__(self, handler: OfReason, /) -> OfReason: ...
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
