"""Sockets and timers of one thread."""

from collections.abc import Callable
from typing import Any, TypeAlias, final

from k6ws._core.acceptance import SourceBase
from k6ws._core.receivers import Receiver

# The last one is the VU, whatever class of ours that is, or `None`.
_Event: TypeAlias = tuple[Callable[..., object], int, Any, Any]

@final
class Loop:
    """Sockets and timers of one thread, and the Python callables that events go to."""

    def __new__(cls) -> Loop:
        """Start the runtime.

        Raises:
            OSError: The system has no descriptors or threads left.
        """

    def poll_events(self, patience_ms: float | None = None) -> None:
        """Run sockets and timers until something happened or the patience is spent (`None`: no limit).

        Releases the interpreter meanwhile. Iterate over the loop for what there is: at most 256 events.
        """

    def __iter__(self) -> Loop: ...
    def __next__(self) -> _Event:
        """Take the next of the events that were polled or taken: `(call, kind, data, vu)`.

        With a `vu`, `call` is the handler itself of a message that this VU accepts: it is called with the
        data, and the VU accepts nothing until the next event is taken. Else `call` is a receiver, called with
        both.
        """

    def leave(self) -> SourceBase | None:
        """Take the source whose handler was handed out last and has not returned: it waits, or it raised.

        What that VU accepts is not put back.
        """

    def running(self) -> SourceBase | None:
        """Tell the source whose handler was handed out last."""

    def host(self) -> int:
        """Have the guardian drive the sockets from now on, for a program with an event loop of its own.

        Returns:
            A descriptor that becomes readable when `take_events` has something to bring.
        """

    def unhost(self) -> None:
        """Go back to being driven by `poll_events`."""

    def take_events(self) -> None:
        """Make what there is ready to be iterated over, without waiting and without driving anything."""

    def arrived(self) -> float:
        """When the event that was handed out last became known at its socket, as `now` tells time."""

    def now(self) -> float:
        """Milliseconds since the loop was made, by the clock that everything is measured with."""

    def add_timer(self, delay_ms: float, receiver: Receiver, period_ms: float | None = None) -> int:
        """Send TIMER to `receiver` after `delay_ms`, and then every `period_ms` if that is given.

        Returns:
            The timer's id.
        """

    def post(self, receiver: Receiver) -> None:
        """Send TIMER to `receiver` at the next turn: the one thing that every thread may ask for."""

    def cancel_timer(self, id: int) -> None:
        """Disarm a timer; nothing happens if it has fired for the last time."""

    def forked(self) -> None:
        """Refuse every further use: called in a forked child, where the loop's threads are missing."""

    def connections(self) -> int:
        """How many connections are being made, are open or are closing."""

    def check_thread(self) -> None:
        """Raise unless the calling thread is the loop's own: before anything is changed."""

    def is_own_thread(self) -> bool:
        """Whether the calling thread is the loop's own."""

    def polls(self) -> int:
        """How often `poll_events` was called."""

    def is_polling(self) -> bool:
        """Whether `poll_events` is running now; a signal handler may ask."""

    def takeovers(self) -> int:
        """How often the guardian thread drove the sockets because a handler took long."""

    def listen_for_holds(self) -> int:
        """Give a descriptor whose blocking read returns once for each hold.

        A hold is a time in which handlers keep the loop so long that the guardian looks after the sockets.
        """

    def ring_for_holds(self) -> None:
        """Have whoever reads that descriptor return from it."""

    def hold(self) -> int:
        """The number of the hold that is under way, from 1; 0 while there is none. From any thread."""

    def longest_hold(self) -> tuple[float, int]:
        """How long the longest hold of the run was, in milliseconds, and its number. From any thread."""

    def close(self, patience_ms: float) -> None:
        """Give everything back, whoever still has a part of it: the thread ends.

        Connections that were told to close have this long to say goodbye; no receiver is told anything.
        """
