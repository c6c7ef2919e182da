"""Handlers are called with as many of an event's arguments as they accept, as in JavaScript."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k6ws._loop.vu import Vu

_VARARGS = inspect.CO_VARARGS


def fit(vu: Vu, handler: Callable[..., Any], given: int, what: str) -> Callable[..., Any]:
    """``handler`` as a callable that takes exactly ``given`` arguments.

    Args:
        vu: Whose handler it is. A coroutine function becomes a task of an async VU each time.
        handler: What the script registered.
        given: How many arguments the event has, 0 or 1.
        what: Names the event in the error.

    Raises:
        TypeError: ``handler`` demands more arguments than the event has, or is a coroutine function where
            no asyncio loop would run it.
    """
    if _is_coroutine_function(handler):
        handler = _as_task(vu, handler, what)
    least, most = _arity(handler)
    if least > given:
        message = f"the {what} handler takes {least} arguments, the event has {given}"
        raise TypeError(message)
    if most >= given:
        return handler
    return lambda *_: handler()


def _is_coroutine_function(handler: Callable[..., Any]) -> bool:
    if isinstance(handler, FunctionType) and not handler.__dict__:
        # The common case, told at a glance: nothing wraps it, nothing marks it.
        return bool(handler.__code__.co_flags & inspect.CO_COROUTINE)
    return inspect.iscoroutinefunction(handler)


def _as_task(vu: Vu, handler: Callable[..., Any], what: str) -> Callable[..., Any]:
    """A coroutine function as a plain handler that starts it as a task."""
    host = vu.host
    if host is None:
        message = f"the {what} handler is a coroutine function, which only an asyncio loop can run"
        raise TypeError(message + ": make the VU's function `async def`, or the handler `def`")
    _, most = _arity(handler)

    def start(*arguments: Any) -> None:
        host.start_handler(vu, handler(*arguments[:most]))

    return start


def _arity(handler: Callable[..., Any]) -> tuple[int, int]:
    """How many positional arguments a callable demands and takes at most."""
    function, bound = handler, 0
    if isinstance(function, MethodType):
        function, bound = function.__func__, 1
    if isinstance(function, FunctionType):
        # The common case by far, read without building a signature object.
        code = function.__code__
        most = code.co_argcount - bound
        least = most - len(function.__defaults__ or ())
        return max(least, 0), 255 if code.co_flags & _VARARGS else most
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):
        return 0, 255
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in positional)
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return least, 255 if takes_any else len(positional)
