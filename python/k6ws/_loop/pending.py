"""What a call gives that a coroutine has to await: one that is dropped is an error, which names its line."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import Any, TypeVar

from k6ws._loop.notices import warn
from k6ws._loop.places import here, shown
from k6ws._loop.vu import Vu
from k6ws.errors import K6Error

Value = TypeVar("Value")


class Pending(Coroutine[Any, Any, Value]):
    """A coroutine that is to be awaited, given to ``create_task``, or closed."""

    __slots__ = ("_begun", "_coroutine", "_place", "_vu", "_what")

    def __init__(self, vu: Vu, what: str, coroutine: Coroutine[Any, Any, Value]) -> None:
        """``what`` names the call in the error."""
        self._begun = False
        self._vu = vu
        self._what = what
        self._place = here()
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Value]:
        """Await it."""
        self._begun = True
        return self._coroutine.__await__()

    def send(self, value: Any, /) -> Any:
        """Go on, as tasks do."""
        self._begun = True
        return self._coroutine.send(value)

    def throw(
        self,
        kind: type[BaseException] | BaseException,
        value: BaseException | object = None,
        trace: TracebackType | None = None,
        /,
    ) -> Any:
        """Raise in it, as tasks do."""
        self._begun = True
        del value, trace
        return self._coroutine.throw(kind if isinstance(kind, BaseException) else kind())

    def close(self) -> None:
        """Give it up."""
        self._begun = True
        self._coroutine.close()

    def __del__(self) -> None:
        """Say that nobody has awaited it: what it was to do is not done."""
        if not self._begun:
            self._coroutine.close()
            where = "" if self._place is None else f" at {shown(self._place)}"
            text = f"{self._what}{where} was not awaited, so it did nothing"
            if self._vu.who.run is None:
                warn("%s: write `await %s`", text, self._what)
            else:
                self._vu.failed(K6Error(text, f"write `await {self._what}`"))
