"""What ``aopen`` returns: awaited it is the session, in ``async with`` it also closes it."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from k6ws._conversation.async_session import AsyncSession

A = TypeVar("A", bound=AsyncSession[Any])


class Opening(Coroutine[Any, Any, A]):
    """A session that opens when this is awaited; a coroutine to asyncio."""

    __slots__ = ("_opening", "_session")

    def __init__(self, opening: Coroutine[Any, Any, A]) -> None:
        """``opening`` is a coroutine of Python's: it says so itself where nobody awaits it."""
        self._opening = opening
        self._session: A | None = None

    def __await__(self) -> Generator[Any, Any, A]:
        return self._opening.__await__()

    def send(self, value: Any) -> Any:
        """Go on, as asyncio has a coroutine do."""
        return self._opening.send(value)

    def throw(
        self,
        kind: Any,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
    ) -> Any:
        """Raise in the wait for it, as asyncio has a coroutine do."""
        if value is None and traceback is None:
            return self._opening.throw(kind)
        return self._opening.throw(kind, value, traceback)

    def close(self) -> None:
        """End the wait for it, which gives up the connection."""
        self._opening.close()

    def __enter__(self) -> NoReturn:
        """Say what is missing: ``async``."""
        # Nobody awaits it any more, and Python would say so of a function that is none of the script's.
        self._opening.close()
        text = "aopen() is for coroutines: write `async with …aopen(…) as session`, in an async def"
        raise TypeError(f"{text}; in blocking code `with …open(…) as session`")

    def __exit__(self, *_exception: object) -> None:
        """Without this Python says another thing is missing."""

    async def __aenter__(self) -> A:
        self._session = session = await self._opening
        return session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.__aexit__(kind, error, trace)
