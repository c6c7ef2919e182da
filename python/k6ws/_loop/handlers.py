"""Handlers are called with as many of an event's arguments as they accept, as in JavaScript.

One that is a coroutine function runs as a task where an asyncio loop runs; elsewhere, and for a generator
function everywhere, it is refused: what it returns would never run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from k6ws._loop.results import check_result, is_awaitable

if TYPE_CHECKING:
    from asyncio import Task

    from k6ws._loop.source import Source
    from k6ws._loop.vu import Vu

# What code objects say of themselves, as `inspect` names it, which is dear to load: it is asked about what no
# flag tells, callable objects and functions that something has wrapped.
VARARGS, GENERATOR, COROUTINE = 0x04, 0x20, 0x80
ITERABLE_COROUTINE, ASYNC_GENERATOR = 0x100, 0x200
_GENERATORS = GENERATOR | ASYNC_GENERATOR
_MARKED = _GENERATORS | COROUTINE


def adapt_arity(vu: Vu, handler: Callable[..., Any], given: int, what: str) -> Callable[..., Any]:
    """``handler`` as a callable that takes exactly ``given`` arguments.

    Args:
        vu: Whose handler it is.
        handler: What the script registered.
        given: How many arguments the event has.
        what: Names the event in the error.

    Raises:
        TypeError: ``handler`` demands more arguments than the event has, is a generator function, or is a
            coroutine function where no asyncio loop would run it.
    """
    _check_kind(vu, handler, what)
    least, most = _arity(handler)
    if least > given:
        message = f"the {what} handler takes {least} arguments, the event has {given}"
        raise TypeError(message)
    if most >= given:
        return handler
    if most == 0:
        return lambda *_: handler()
    return lambda *arguments: handler(*arguments[:most])


def returned(
    vu: Vu, source: Source | None, what: str, result: object, *, holds_events: bool = True
) -> Task[Any] | None:
    """Take care of what a handler returned; call it for whatever is not ``None``.

    Args:
        vu: Whose handler it was.
        source: The socket whose event it was; its end waits for the coroutine.
        what: Names the event.
        result: What it returned. A coroutine is started where an asyncio loop runs.
        holds_events: Whether later events of ``source`` wait for it as well.

    Returns:
        The task that the handler has become, if it has.

    Raises:
        K6Error: It is a coroutine where no asyncio loop runs, or a generator.
    """
    host = vu.host
    if host is not None and is_awaitable(result):
        return host.start_handler(vu, source, result, holds_events=holds_events)
    check_result(f"the {what} handler", result)
    return None


def in_turn(
    vu: Vu, source: Source, what: str, handlers: tuple[Callable[..., Any], ...]
) -> Callable[[Any], object]:
    """What is called with each message: the one handler itself, or what calls each of them.

    One that is registered meanwhile is not among them: that makes another one of these.
    """
    if len(handlers) == 1:
        return handlers[0]

    def each(data: Any) -> None:
        for handler in handlers:
            result = handler(data)
            if result is not None:
                returned(vu, source, what, result)

    return each


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    """Whether calling it gives a coroutine, for all that can be seen: an object's ``__call__`` included."""
    while isinstance(function, partial):
        function = function.func
    plain = function.__func__ if isinstance(function, MethodType) else function
    if isinstance(plain, FunctionType) and not plain.__dict__:
        return bool(plain.__code__.co_flags & COROUTINE)
    import inspect  # noqa: PLC0415 - as above

    return inspect.iscoroutinefunction(function) or (
        not isinstance(function, (FunctionType, MethodType, type))
        and inspect.iscoroutinefunction(type(function).__call__)
    )


def is_generator_function(function: Callable[..., Any]) -> bool:
    """Whether calling it gives a generator, of either kind."""
    import inspect  # noqa: PLC0415 - as above

    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def _check_kind(vu: Vu, handler: Callable[..., Any], what: str) -> None:
    plain = handler.__func__ if isinstance(handler, MethodType) else handler
    if isinstance(plain, FunctionType) and not plain.__dict__:
        # The common case, told at a glance: nothing wraps it, nothing marks it.
        flags = plain.__code__.co_flags & _MARKED
        if not flags:
            return
        is_generator = bool(flags & _GENERATORS)
    elif is_generator_function(handler):
        is_generator = True
    elif is_coroutine_function(handler):
        is_generator = False
    else:
        return
    name = getattr(handler, "__qualname__", None) or type(handler).__qualname__
    if is_generator:
        message = f"the {what} handler {name}() is a generator function, which nobody would run"
        raise TypeError(f"{message}: take `yield` out of it")
    if vu.host is None:
        message = f"the {what} handler {name}() is a coroutine function, which only an asyncio loop"
        raise TypeError(
            f"{message} can run: make the VU's function `async def`, or the handler `def`"
        )


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
        return max(least, 0), 255 if code.co_flags & VARARGS else most
    import inspect  # noqa: PLC0415 - as above

    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):
        return 0, 255
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in positional)
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return least, 255 if takes_any else len(positional)
