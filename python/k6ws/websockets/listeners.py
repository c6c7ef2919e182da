"""Who is told of an event: the ``on…`` attribute first, then listeners in order of adding."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from k6ws._loop import Vu, fit
from k6ws.errors import K6Error

logger = logging.getLogger("k6ws")

EventName: TypeAlias = Literal["open", "message", "error", "close", "ping", "pong"]
Handler: TypeAlias = Callable[..., Any]

NAMES = ("open", "message", "error", "close", "ping", "pong")


class Listeners:
    """The listeners of one socket; each dispatch sees those that were there when it began."""

    __slots__ = ("_added", "_slots", "_vu", "calls")

    def __init__(self, vu: Vu) -> None:
        self._vu = vu
        # What the script gave, and what is called for it.
        self._slots: dict[str, tuple[Handler, Handler]] = {}
        self._added: dict[str, list[tuple[Handler, Handler]]] = {}
        self.calls: dict[str, tuple[Handler, ...]] = dict.fromkeys(NAMES, ())

    def add(self, name: str, handler: Any) -> None:
        """Add a listener; one that is added twice is called twice, as in k6."""
        if handler is None:
            message = f'handler for event type "{name}" isn\'t a callable function'
            raise K6Error(message)
        if not callable(handler):
            message = f"the {name} handler is not callable: {handler!r}"
            raise TypeError(message)
        if name not in NAMES:
            logger.warning("can't add event handler: unknown event type: %s", name)
            return
        self._added.setdefault(name, []).append((handler, fit(self._vu, handler, 1, name)))
        self._gather(name)

    def remove(self, name: str, handler: object) -> None:
        """Remove a listener, the first if it was added more than once; an unknown one is ignored."""
        added = self._added.get(name, [])
        for index, (given, _) in enumerate(added):
            if given == handler:
                del added[index]
                self._gather(name)
                return

    def slot(self, name: str) -> Handler | None:
        """The handler in an ``on…`` attribute."""
        found = self._slots.get(name)
        return None if found is None else found[0]

    def set_slot(self, name: str, handler: Any) -> None:
        """Replace the handler in an ``on…`` attribute; ``None`` removes it."""
        if handler is None:
            self._slots.pop(name, None)
        elif not callable(handler):
            message = f"a value for 'on{name}' should be callable"
            raise K6Error(message)
        else:
            self._slots[name] = (handler, fit(self._vu, handler, 1, name))
        self._gather(name)

    def clear(self) -> None:
        """Let go of every handler: they may refer to the socket."""
        self._slots.clear()
        self._added.clear()
        self.calls.update(dict.fromkeys(NAMES, ()))

    def _gather(self, name: str) -> None:
        slot = self._slots.get(name)
        first = () if slot is None else (slot[1],)
        self.calls[name] = (*first, *(call for _, call in self._added.get(name, ())))
