"""What every session on a connection does alike, whatever it speaks: the rest is its state table.

A session is what the loop knows of a socket; scripts hold a face that has it. Each API says what an event is
to its handlers (``deliver``), what an exception of theirs does (``raised``), and how it is left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from k6ws import _core
from k6ws._loop import Acceptance, Vu, returned
from k6ws._socket.send_room import Room

C = TypeVar("C", bound=_core.Connection | _core.TcpConnection)
Handler = Callable[..., Any]

_PAYLOADS = frozenset({_core.TEXT, _core.BINARY, _core.DATA})
# What counts as undelivered while it is held.
_BOUNDED = _PAYLOADS | {_core.MESSAGES, _core.PING, _core.PONG}
# Handlers of these may wait for what the peer says to them: they must not keep messages back.
_OPENING = frozenset({"open", "connect"})


OF_REQUESTS = frozenset(
    {_core.ANSWERED, _core.UNDECIDED_TEXT, _core.UNDECIDED_BINARY, _core.UNDECIDED_DATA}
)
"""Events that tell of requests."""


class Asking(Protocol):
    """Requests and rules, as a session sees them."""

    def receive(self, kind: int, data: Any, /) -> None:
        """Take an event that tells of them."""
        ...

    def close(self) -> None:
        """The connection is gone: whoever still waits goes on."""
        ...


class Session(Acceptance, Generic[C]):
    """A connection, if there is one, and the handlers that its events are for."""

    __slots__ = ("_room", "asking", "calls", "connection", "send_timeout")

    silent = frozenset({_core.WRITABLE})
    """Events that no handler is told of: they are taken whatever the VU accepts."""

    def __init__(self, vu: Vu, send_timeout: float, scope: object | None = None) -> None:
        super().__init__(vu, scope)
        self.connection: C | None = None
        self.send_timeout = send_timeout
        # Requests and rules of a socket that has some; they take their events whatever the VU accepts.
        self.asking: Asking | None = None
        # Made on first use: thousands of sessions may never wait for room.
        self._room: Room | None = None
        # Tuples, so that a registration during a dispatch does not change that dispatch.
        self.calls: dict[str, tuple[Handler, ...]] = {}

    def keep(self) -> None:
        """Belong to the VU from now on: no iteration waits for the end of this, or ends it."""
        self.vu.adopt(self)

    def pause_reading(self, is_paused: bool) -> None:
        """Read nothing more from the peer, or again."""
        if self.connection is not None:
            self.connection.pause_reading(is_paused)

    def emit(self, name: str, *arguments: Any) -> bool:
        """Run the handlers of an event; whether one of them has begun a coroutine."""
        has_begun = False
        for handler in self.calls.get(name, ()):
            result = handler(*arguments)
            if result is not None:
                task = returned(self.vu, self, name, result, holds_events=name not in _OPENING)
                has_begun |= task is not None
        return has_begun

    def wait_for_room(self, again: Callable[[], int], most: float | None = None) -> int:
        """Wait until there is room for what the connection refused as full: see :meth:`Room.wait`.

        No longer than ``most`` milliseconds, if that is less than the session's own patience.
        """
        if self._room is None:
            self._room = Room(self.vu)
        patience = self.send_timeout if most is None else min(most, self.send_timeout)
        return self._room.wait(again, patience)

    def has_room(self) -> None:
        """Take the event that there is room again."""
        if self._room is not None:
            self._room.opened()

    def hold(self, kind: int, data: Any) -> None:
        """Take an event that is not accepted: it waits, unless no handler is told of it."""
        if kind in OF_REQUESTS:
            self.told_of_requests(kind, data)
            return
        if kind in self.silent and self.vu.host is None:
            self.deliver(kind, data)
            self.conclude()
        else:
            self.vu.hold(self, kind, data)

    def told_of_requests(self, kind: int, data: Any) -> None:
        """Take an event that tells of requests, or a message that they may take."""
        if self.asking is not None:
            self.asking.receive(kind, data)

    def stop_asking(self) -> None:
        """Nothing more comes of its requests: the connection is gone."""
        asking, self.asking = self.asking, None
        if asking is not None:
            asking.close()

    def event_of(self, arrival: _core.Arrival) -> Any:
        """What handlers are given of a message that no request has taken."""
        return arrival.data

    def holding(self, kind: int, data: Any) -> None:
        """Count what is held as undelivered, so that a peer cannot fill the memory."""
        if kind in _BOUNDED and self.connection is not None:
            for size in _sizes(kind, data):
                self.connection.held(size)

    def releasing(self, kind: int, data: Any) -> None:
        """Count it no more."""
        if kind in _BOUNDED and self.connection is not None:
            for size in _sizes(kind, data):
                self.connection.released(size)


def _sizes(kind: int, data: Any) -> list[int]:
    """Payload bytes of each message in an event; pings and pongs have none that count."""
    if kind == _core.MESSAGES:
        return [len(one.data) for one in data]
    if kind not in _PAYLOADS:
        return [0]
    return [len(data.data if type(data) is _core.MessageEvent else data)]
