"""What the decorators ``@socket.on("…")`` take, for type checkers: one class for each payload of events.

The forms stand from most arguments to fewest, so that a checker knows the arguments of a ``lambda``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, overload

from k6ws.errors import K6Error, TCPError, WSError

OfNothing = TypeVar("OfNothing", bound=Callable[[], object])
OfText = TypeVar("OfText", bound=Callable[[str], object])
OfBytes = TypeVar("OfBytes", bound=Callable[[bytes], object])
OfMessage = TypeVar("OfMessage", bound=Callable[[Any], object])
OfCode = TypeVar("OfCode", bound=Callable[[int], object])
OfReason = TypeVar("OfReason", bound=Callable[[int, str], object])
OfWSError = TypeVar("OfWSError", bound=Callable[[WSError], object])
OfTCPError = TypeVar("OfTCPError", bound=Callable[[TCPError], object])
OfK6Error = TypeVar("OfK6Error", bound=Callable[[K6Error], object])


class OnPlain(Protocol):
    """Takes a handler of an event that has no payload, such as ``open``."""

    def __call__(self, handler: OfNothing, /) -> OfNothing:
        """Register it."""
        ...


class OnText(Protocol):
    """Takes a handler of text: ``message`` of a socket of k6's."""

    @overload
    def __call__(self, handler: OfText, /) -> OfText: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnBinary(Protocol):
    """Takes a handler of bytes: ``binaryMessage``."""

    @overload
    def __call__(self, handler: OfBytes, /) -> OfBytes: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnMessage(Protocol):
    """Takes a handler of whatever framing and codec make of a message."""

    @overload
    def __call__(self, handler: OfMessage, /) -> OfMessage: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnCode(Protocol):
    """Takes a handler of ``close`` that is given the code."""

    @overload
    def __call__(self, handler: OfCode, /) -> OfCode: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnCodeAndReason(Protocol):
    """Takes a handler of ``close`` of a session."""

    @overload
    def __call__(self, handler: OfReason, /) -> OfReason: ...
    @overload
    def __call__(self, handler: OfCode, /) -> OfCode: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnWSError(Protocol):
    """Takes a handler of ``error`` of a WebSocket."""

    @overload
    def __call__(self, handler: OfWSError, /) -> OfWSError: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnTCPError(Protocol):
    """Takes a handler of ``error`` over TCP."""

    @overload
    def __call__(self, handler: OfTCPError, /) -> OfTCPError: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...


class OnK6Error(Protocol):
    """Takes a handler of ``error`` of a session."""

    @overload
    def __call__(self, handler: OfK6Error, /) -> OfK6Error: ...
    @overload
    def __call__(self, handler: OfNothing, /) -> OfNothing: ...
