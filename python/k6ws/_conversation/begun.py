"""What async methods of a session return that begin at their call: awaitable, and a coroutine to asyncio.

So ``asyncio.create_task(session.send(…))`` takes it, and nobody is warned where it is not awaited: what was
begun goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, NoReturn, TypeVar

Value = TypeVar("Value")


class Begun(Coroutine[Any, Any, Value]):
    """Something that was begun and is waited for only if somebody awaits this."""

    __slots__ = ("_awaited", "_is_done", "_wait")

    def __init__(
        self, wait: Callable[[], Coroutine[Any, Any, Value]], is_done: Callable[[], bool]
    ) -> None:
        """``wait`` makes the coroutine that waits for it."""
        self._wait = wait
        self._is_done = is_done
        self._awaited: Coroutine[Any, Any, Value] | None = None

    def __await__(self) -> Generator[Any, Any, Value]:
        return (yield from self._coroutine().__await__())

    def done(self) -> bool:
        """Whether it has ended."""
        return self._is_done()

    def send(self, value: Any) -> Any:
        """Go on, as asyncio has a coroutine do."""
        return self._coroutine().send(value)

    def throw(
        self,
        kind: Any,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
    ) -> Any:
        """Raise in the wait for it, as asyncio has a coroutine do."""
        if value is None and traceback is None:
            return self._coroutine().throw(kind)
        return self._coroutine().throw(kind, value, traceback)

    def close(self) -> None:
        """End the wait for it; it goes on itself."""
        if self._awaited is not None:
            self._awaited.close()

    def _coroutine(self) -> Coroutine[Any, Any, Value]:
        if self._awaited is None:
            self._awaited = self._wait()
        return self._awaited


class Done(Begun[None]):
    """Something that has ended by the time of its call."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_nothing, lambda: True)

    def __await__(self) -> Generator[Any, Any, None]:
        return
        yield

    def send(self, value: Any) -> NoReturn:  # noqa: ARG002 - there is nothing to wait for
        """End at once, as asyncio has a coroutine do."""
        raise StopIteration

    def _coroutine(self) -> Coroutine[Any, Any, None]:
        # A new one each time: this is given to whoever asks.
        return _nothing()


async def _nothing() -> None:
    """Wait for nothing."""


DONE = Done()
