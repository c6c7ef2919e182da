"""Who is told of an event: the ``on…`` attribute first, then listeners in order of adding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

from k6ws._loop import Vu, adapt_arity, follow, warn
from k6ws.errors import K6Error

EventName: TypeAlias = Literal["open", "message", "error", "close", "ping", "pong"]
Handler: TypeAlias = Callable[..., Any]

NAMES = ("open", "message", "error", "close", "ping", "pong")


class _Listener(NamedTuple):
    event: str
    is_slot: bool
    """Given to the ``on…`` attribute."""
    given: Handler
    call: Handler


class Listeners:
    """The listeners of one socket; each dispatch sees those that were there when it began.

    An idle socket is little else than this: one list, and what is called for an event that has listeners.
    """

    __slots__ = ("_known", "_nobody", "_vu", "calls")

    def __init__(self, vu: Vu, unhandled: Handler) -> None:
        """``unhandled`` is called with each message while there is no listener for them."""
        self._vu = vu
        self._nobody = (unhandled,)
        self._known: list[_Listener] = []
        # Messages always have an entry.
        self.calls: dict[str, tuple[Handler, ...]] = {"message": self._nobody}

    def add(self, name: str, handler: Any) -> None:
        """Add a listener; one that is added twice is called twice, as in k6."""
        if handler is None:
            message = f'handler for event type "{name}" isn\'t a callable function'
            raise K6Error(message)
        if not callable(handler):
            message = f"the {name} handler is not callable: {handler!r}"
            raise TypeError(message)
        if name not in NAMES:
            warn("can't add event handler: unknown event type: %s", name)
            return
        self._keep(name, handler, is_slot=False)

    def remove(self, name: str, handler: object) -> None:
        """Remove a listener, the first if it was added more than once; an unknown one is ignored."""
        for one in self._known:
            if one.event == name and not one.is_slot and one.given == handler:
                self._known.remove(one)
                self._gather(name)
                return

    def slot(self, name: str) -> Handler | None:
        """The handler in an ``on…`` attribute."""
        found = self._in_slot(name)
        return None if found is None else found.given

    def set_slot(self, name: str, handler: Any) -> None:
        """Replace the handler in an ``on…`` attribute; ``None`` removes it."""
        if handler is not None and not callable(handler):
            message = f"a value for 'on{name}' should be callable"
            raise K6Error(message)
        before = self._in_slot(name)
        if handler is not None:
            self._keep(name, handler, is_slot=True)
        if before is not None:
            self._known.remove(before)
            self._gather(name)

    def clear(self) -> None:
        """Let go of every handler: they may refer to the socket."""
        self._known.clear()
        self.calls.clear()
        self.calls["message"] = ()

    def _in_slot(self, name: str) -> _Listener | None:
        return next((one for one in self._known if one.is_slot and one.event == name), None)

    def _keep(self, name: str, handler: Handler, *, is_slot: bool) -> None:
        follow(self._vu)
        self._known.append(
            _Listener(name, is_slot, handler, adapt_arity(self._vu, handler, 1, name))
        )
        self._gather(name)

    def _gather(self, name: str) -> None:
        of_event = [one for one in self._known if one.event == name]
        of_event.sort(key=lambda one: not one.is_slot)
        calls = tuple([one.call for one in of_event])
        if name == "message":
            calls = calls or self._nobody
        self.calls[name] = calls
