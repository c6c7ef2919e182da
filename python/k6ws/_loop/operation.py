"""Something that was begun and will end: a connect, a write.

It starts at the call that returns it. Blocking code waits with ``wait()``, a coroutine awaits it, and a
script may do neither: what fails unseen fails the iteration at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

from greenlet import getcurrent

from k6ws._loop.foreign import refuse_inner_asyncio
from k6ws._loop.source import Source
from k6ws._loop.vu import Vu

Value = TypeVar("Value")


class Operation(Generic[Value]):
    """The outcome of a call that goes on in the background, as a promise is in JavaScript.

    Example:
        >>> socket.connect(9000).wait()          # doctest: +SKIP
        >>> await socket.write("hello")          # doctest: +SKIP
    """

    __slots__ = ("_is_done", "_rejection", "_source", "_value", "_vu", "_waiting", "_what")

    def __init__(self, vu: Vu, what: str, source: Source | None = None) -> None:
        """Made by the call that begins it; ``what`` names that call in errors.

        ``source`` is the socket whose event ends it; that event may have come, and be held, before anybody
        waits.
        """
        self._vu = vu
        self._source = source
        self._what = what
        self._is_done = False
        self._value: Any = None
        self._rejection: BaseException | None = None
        self._waiting: list[Callable[[], object]] = []

    def wait(self) -> Value:
        """Wait for the outcome; blocks this VU only, and nothing else of it is delivered meanwhile.

        Raises:
            K6Error: Called where an asyncio loop runs; ``await`` the operation there.
            Interrupted: The VU was cut meanwhile.
            BaseException: What the operation failed with.
        """
        vu = self._vu
        vu.check_may_block(f"{self._what}.wait()", f"await {self._what}")
        if not self._is_done:
            vu.loop.core.check_thread()
            outer = vu.accepts
            context = vu.lend_context()
            sleeper = getcurrent()
            vu.accepts = self
            self._waiting.append(lambda: vu.loop.resume(sleeper))
            try:
                if self._source is not None:
                    vu.deliver_outcomes(self._source)
                while not self._is_done:
                    vu.loop.suspend()
            finally:
                self._waiting.clear()
                vu.accepts = outer
                vu.take_context(context)
        return self._outcome()

    def __await__(self) -> Generator[Any, None, Value]:
        """Wait for the outcome in a coroutine."""
        self._vu.check_alive()
        if not self._is_done:
            self._vu.loop.core.check_thread()
            refuse_inner_asyncio(self._vu, f"await {self._what}")
            from asyncio import get_running_loop  # noqa: PLC0415 - blocking scripts never load it

            future = get_running_loop().create_future()
            self._waiting.append(lambda: None if future.done() else future.set_result(None))
            yield from future
        return self._outcome()

    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._is_done

    def _settle(self, value: Value) -> None:
        """End it well. The last thing a dispatch does: who waits goes on at once."""
        if not self._is_done:
            self._value = value
            self._end()

    def _fail(self, error: BaseException, *, is_handled: bool = False) -> None:
        """End it badly; ``is_handled`` when an ``error`` handler is told as well."""
        if self._is_done:
            return
        self._rejection = error
        if not is_handled and not self._waiting:
            self._vu.reject(self)
        self._end()

    def _rejected(self) -> BaseException:
        """What it failed with."""
        assert self._rejection is not None, "asked of operations that failed"  # noqa: S101
        return self._rejection

    def _outcome(self) -> Value:
        if self._rejection is not None:
            rejected = self._vu.rejected
            if rejected and self in rejected:
                rejected.remove(self)
            raise self._rejection
        return self._value

    def _end(self) -> None:
        self._is_done = True
        waiting, self._waiting = self._waiting, []
        for wake in waiting:
            wake()


def settled(vu: Vu, what: str, value: Value) -> Operation[Value]:
    """An operation that has ended already."""
    done: Operation[Value] = Operation(vu, what)
    done._settle(value)
    return done
