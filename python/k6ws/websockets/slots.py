"""The ``on…`` attributes of a WebSocket: one handler each, which is called before the listeners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar, overload

Given = TypeVar("Given")


class NoArguments(Protocol):
    """A handler that takes nothing.

    It is no ``Callable``: of two of these in a union mypy would not know which one a ``lambda`` is meant for.
    """

    def __call__(self) -> object:
        """Handle the event."""
        ...


class Slot(Generic[Given]):
    """An attribute that holds the handler of an event, or ``None``.

    It takes one that is given the event, and one that takes nothing.
    """

    def __init__(self, event: str, doc: str) -> None:
        self._event = event
        self.__doc__ = doc

    @overload
    def __get__(self, socket: None, owner: type, /) -> Self: ...
    @overload
    def __get__(self, socket: Any, owner: type, /) -> Callable[..., Any] | None: ...
    def __get__(self, socket: Any, owner: type, /) -> Self | Callable[..., Any] | None:
        """The handler."""
        return self if socket is None else socket._session.slot(self._event)  # noqa: SLF001 - its attribute

    def __set__(
        self, socket: Any, handler: Callable[[Given], object] | NoArguments | None, /
    ) -> None:
        """Replace it; ``None`` takes it away."""
        socket._session.set_slot(self._event, handler)  # noqa: SLF001 - its attribute
