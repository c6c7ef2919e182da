"""How a source takes events: what its VU accepts is delivered, the rest waits with the VU.

Where a handler begins and ends in blocking code: nothing else of the VU is delivered meanwhile, and what came
is delivered behind it. A message that is accepted and has one plain handler is given to that by the leader
itself, under the same rules: see ``SourceBase`` of the core. Sockets and timers are made of this; what their
events mean is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any

from k6ws import _core
from k6ws._loop.handlers import returned

if TYPE_CHECKING:
    from k6ws._loop.vu import Vu

_TEXT = _core.TEXT
_BINARY = frozenset({_core.BINARY, _core.DATA})


class Acceptance(_core.SourceBase):
    """A source whose events are delivered one at a time, in order, while its VU accepts them."""

    __slots__ = ("afterwards", "context", "vu")

    def __init__(self, vu: Vu, scope: object | None = None) -> None:
        """``scope`` is what the VU accepts while events of this source are delivered: itself, if not said."""
        self.vu = vu
        self.belong(vu, vu if scope is None else scope)
        self.context: Context | None = None
        # What is to be done when the handlers of an event have run: who waits for it goes on.
        self.afterwards: tuple[Callable[[], object], ...] = ()

    # What the loop calls ----------------------------------------------------------------------------

    def receive(self, kind: int, data: Any) -> None:  # noqa: C901 - calls would cost more
        """Take an event. The hot path: messages first."""
        vu = self.vu
        accepts = vu.accepts
        if accepts is not self.scope and not self.is_awaited(accepts, kind):
            self.hold(kind, data)
            return
        vu.accepts = None
        loop = vu.loop
        if loop.led is not vu:
            # As `lead_for` does, without a call.
            loop.current = loop.led = vu
            if (leader := loop.leader) is not None:
                leader.gr_context = vu.context
        try:
            if kind == _TEXT:
                handler = self.on_text
            elif kind in _BINARY:
                handler = self.on_binary
            else:
                handler = None
            if handler is None:
                self.deliver(kind, data)
            else:
                result = handler(data)
                if result is not None:
                    returned(vu, self, "message", result)
        except BaseException as error:  # noqa: BLE001 - it ends the iteration, not the loop
            self.raised(kind, error)
        vu.accepts = accepts
        if self.afterwards:
            self.conclude()
        if vu.is_unsettled:
            vu.settle()

    def answered(self, kind: int, result: object) -> None:
        """Take care of what a handler returned that the core had handed out itself."""
        try:
            returned(self.vu, self, "message", result)
        except BaseException as error:  # noqa: BLE001 - as what the handler raises
            self.raised(kind, error)

    def go_on(self) -> None:
        """A handler that the core had handed out itself has returned only now, or has raised."""
        vu = self.vu
        vu.accepts = self.scope
        if vu.is_unsettled:
            vu.settle()

    def dispatch(self, kind: int, data: Any) -> None:
        """Run the handlers of an event where an asyncio loop runs them."""
        try:
            self.deliver(kind, data)
        except BaseException as error:  # noqa: BLE001 - it ends the iteration, not the loop
            self.raised(kind, error)
        if self.afterwards:
            self.conclude()

    def holding(self, kind: int, data: Any) -> None:
        """Count an event that is held as undelivered."""

    def releasing(self, kind: int, data: Any) -> None:
        """Count it no more."""

    def ends_operation(self, _kind: int) -> bool:
        """Whether an event ends something that a script may wait for."""
        return False

    def abandon(self) -> None:
        """Leave the VU, which is being cut: without handlers and without waiting."""
        raise NotImplementedError

    def wind_down(self) -> None:
        """Close within bounded time, because the iteration failed."""
        raise NotImplementedError

    # What a source says of itself ---------------------------------------------------------------------

    def deliver(self, kind: int, data: Any) -> None:
        """Run the handlers of an event."""
        raise NotImplementedError

    def raised(self, _kind: int, error: BaseException) -> None:
        """A handler of such an event raised."""
        self.vu.failed(error)

    def is_awaited(self, _accepts: object, _kind: int) -> bool:
        """Whether the VU waits for what such an event ends."""
        return False

    def hold(self, kind: int, data: Any) -> None:
        """Take an event that is not accepted."""
        self.vu.hold(self, kind, data)

    def after(self, call: Callable[[], object]) -> None:
        """Have something done when the handlers of the event have run."""
        self.afterwards = (*self.afterwards, call)

    def conclude(self) -> None:
        """The handlers have run: do what was to be done then."""
        calls, self.afterwards = self.afterwards, ()
        for call in calls:
            call()
