"""What a script's function returned, where that does nothing by itself: a coroutine, a generator.

Dropped, it would be a function that never ran, in a run that looks well.
"""

from __future__ import annotations

from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from k6ws.errors import K6Error

_GENERATORS = (GeneratorType, AsyncGeneratorType)
_FOR_COROUTINES = "make the function that the VU runs `async def`, or this one plain"
_FOR_GENERATORS = "take `yield` out of it: what it would hand out goes nowhere"


def is_awaitable(result: object) -> bool:
    """Whether it runs only if somebody awaits it; tasks, futures and operations are on their way."""
    kind = type(result)
    return kind is CoroutineType or (hasattr(kind, "__await__") and not hasattr(kind, "done"))


def is_generator(result: object) -> bool:
    """Whether it runs only if somebody asks it for values."""
    return isinstance(result, _GENERATORS)


def check_result(what: str, result: object, hint: str = "") -> None:
    """Refuse what nobody would run.

    Args:
        what: Names who returned it.
        result: What was returned.
        hint: What to do about a coroutine, if there is something better than to make functions plain.

    Raises:
        K6Error: It is a coroutine or a generator.
    """
    if result is None:
        return
    if is_generator(result):
        hint = _FOR_GENERATORS
    elif is_awaitable(result):
        hint = hint or _FOR_COROUTINES
    else:
        return
    kind = "generator" if is_generator(result) else "coroutine"
    if isinstance(result, (CoroutineType, GeneratorType)):
        # It says so itself: Python's warning would come as well.
        result.close()
    message = f"{what} returned the {kind} {_name(result)}, which nobody would run"
    raise K6Error(message, hint)


def _name(result: Any) -> str:
    name = getattr(result, "__qualname__", "")
    return f"{name}()" if name else type(result).__qualname__
