"""The functions of the ``k6`` module: ``check``, ``group``, ``sleep``, ``fail``, ``random_seed``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence, Sized
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from types import CoroutineType, GeneratorType, MethodType
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar, overload

from k6ws._loop import (
    Vu,
    check_counted,
    check_result,
    current,
    is_awaitable,
    is_coroutine_function,
    stand,
)
from k6ws._loop.handlers import ITERABLE_COROUTINE, VARARGS
from k6ws._params import in_range, milliseconds, tag_pairs
from k6ws.errors import InitContextError, K6Error

if TYPE_CHECKING:
    from re import Match

    from k6ws._params.keywords import Tags

__all__ = ["check", "fail", "group", "randomSeed", "random_seed", "sleep", "wait"]

Value = TypeVar("Value")
Truth: TypeAlias = "bool | float | str | bytes | Sized | Match[Any] | None"
"""What a check may be besides a function: something that Python knows to be true or false."""
Returned = TypeVar("Returned")
_MISSING: Any = object()
_NO_ASYNC_CHECK = (
    "the built-in check() does not support async functions as arguments",
    "await the value first and check the result",
)
_NO_ASYNC_GROUP = (
    "group() does not support async functions as arguments",
    "use `with group(name):` inside the async function",
)


@overload
def check(
    value: Value, sets: Mapping[str, Callable[[Value], object] | Truth], tags: Tags | None = None
) -> bool: ...
@overload
def check(
    value: Value, sets: list[Callable[[Value], object] | Truth], tags: Tags | None = None
) -> bool: ...
@overload
def check(
    value: object, sets: Mapping[str, Callable[[], object] | Truth], tags: Tags | None = None
) -> bool: ...
def check(value: Any, sets: Any = _MISSING, tags: Mapping[str, Any] | None = None) -> bool:
    """Record whether something holds. A failed check never fails the test by itself.

    Args:
        value: What is checked; passed to each predicate.
        sets: Names to predicates or plain values, in order; a list is named ``0``, ``1`` … Python decides
            what is true: an empty container is false (in k6 it is true).
        tags: Added to the ``checks`` samples.

    Returns:
        Whether all of them hold.

    Raises:
        K6Error: No checks, a name with ``::``, an async predicate or a bad tag, in k6's words.
        BaseException: What a predicate raised; its check counts as failed, later ones are not made.

    Example:
        >>> from k6ws import check
        >>> check(7, {"is odd": lambda n: n % 2 == 1, "is small": 7 < 10})
        True
    """
    vu = _vu("check")
    if sets is _MISSING:
        message = "no checks provided to `check`"
        raise K6Error(message)
    tagged = vu.who.tags
    extra = tag_pairs(tags, "")
    if extra:
        tagged = tagged.extended(extra)
    holds = True
    for name, predicate in _entries(sets):
        if "::" in name:
            raise K6Error(_NO_COLONS)
        passed = False
        try:
            passed = _passes(predicate, value)
        finally:
            if vu.who.run is not None and vu.who.account is not None:
                vu.who.run.check(vu.who.account, vu.who.group, tagged, name, passed)
        holds = holds and passed
    return holds


def _entries(sets: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(sets, Mapping):
        for name, predicate in sets.items():  # pyright: ignore[reportUnknownVariableType]
            yield str(name), predicate  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(sets, Sequence) and not isinstance(sets, (str, bytes, bytearray)):
        for index, predicate in enumerate(sets):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield str(index), predicate
    elif isinstance(sets, (int, float)) and not isinstance(sets, bool):
        return
    else:
        message = f"check takes a mapping of names to predicates, not {sets!r}"
        if isinstance(sets, str):
            message += f": write {{{sets!r}: …}}"
        raise TypeError(message)


def _passes(predicate: Any, value: Any) -> bool:
    if not callable(predicate):
        return bool(predicate)
    if is_coroutine_function(predicate):
        raise K6Error(*_NO_ASYNC_CHECK)
    result = predicate(value) if _takes_argument(predicate) else predicate()
    _refuse_unrun("the predicate", result, _NO_ASYNC_CHECK)
    return bool(result)


def _refuse_unrun(what: str, result: object, refusal: tuple[str, str]) -> None:
    """An async function or a generator in disguise: what it returned would never run."""
    if result is True or result is False or result is None:
        return
    if is_awaitable(result) or isinstance(result, Awaitable) or _is_old_coroutine(result):
        if isinstance(result, CoroutineType):
            result.close()
        raise K6Error(*refusal)
    check_result(what, result)


def _is_old_coroutine(result: object) -> bool:
    """Whether it is that of a generator which `types.coroutine` has marked."""
    return isinstance(result, GeneratorType) and bool(result.gi_code.co_flags & ITERABLE_COROUTINE)


def _takes_argument(predicate: Callable[..., Any]) -> bool:
    code = getattr(predicate, "__code__", None)
    if code is None:
        return True
    bound = isinstance(predicate, MethodType)
    return code.co_argcount > bound or bool(code.co_flags & VARARGS)


_NO_COLONS = "group and check names may not contain '::'"


@overload
def group(name: object) -> AbstractContextManager[None]: ...
@overload
def group(name: object, function: Callable[[], Returned]) -> Returned: ...
def group(name: object, function: Any = _MISSING) -> Any:
    """Run something as a named section of the iteration; its samples carry the tag ``group``.

    Either ``group("login", function)``, which returns what ``function`` returns, or
    ``with group("login"): …``. Groups nest: ``::outer::inner``.

    Raises:
        K6Error: A name with ``::``, no function or an async one, in k6's words.

    Example:
        >>> from k6ws import group
        >>> with group("login"):
        ...     pass
    """
    _vu("group")
    text = str(name)
    if "::" in text:
        raise K6Error(_NO_COLONS)
    if function is _MISSING:
        return _section(text)
    if not callable(function):
        message = "group() requires a callback as a second argument"
        raise K6Error(message)
    if is_coroutine_function(function):
        raise K6Error(*_NO_ASYNC_GROUP)
    with _section(text):
        result = function()
    _refuse_unrun("the function given to group()", result, _NO_ASYNC_GROUP)
    return result


@contextmanager
def _section(name: str) -> Generator[None]:
    # Asked anew: between the call and the `with` another task may have run.
    vu = current()
    run, outer_group, outer_tags = vu.who.run, vu.who.group, vu.who.tags
    group, tags = outer_group, outer_tags
    if name or outer_group:
        group = f"{outer_group}::{name}"
    if run is not None and run.has_system_tag("group"):
        tags = tags.extended([("group", group)])
    if run is not None:
        stand(vu, group, tags)
    began = vu.loop.core.now()
    try:
        yield
    finally:
        if run is not None and vu.who.account is not None:
            run.group_ended(vu.who.account, tags, vu.loop.core.now() - began)
        # A generator that is thrown away half-way may end anywhere: in another group, or in another VU.
        if current() is vu and f"{vu.who.group}::".startswith(f"{group}::"):
            # Tags that were set within stay, as in k6; that of the group does not.
            stay, outer = outer_tags, outer_tags.get("group")
            if vu.who.tags is not tags:
                stay = vu.who.tags if outer is None else vu.who.tags.extended([("group", outer)])
            stand(vu, outer_group, stay)


def sleep(seconds: float | str | timedelta = 0.0) -> None:
    """Suspend this VU, and only it, for this many seconds, or as long as ``"500ms"`` or a ``timedelta`` says.

    Nothing, a negative number, NaN or something that is no time returns at once, as in k6.

    Raises:
        Interrupted: The VU was cut meanwhile.
        K6Error: Called in a coroutine; ``await asyncio.sleep(seconds)`` there.
    """
    vu = current()
    vu.check_may_block("sleep()", "await asyncio.sleep(seconds)")
    try:
        ms = in_range(seconds) * 1000.0  # pyright: ignore[reportArgumentType] - k6 takes "1" as well
    except (TypeError, ValueError):
        ms = _duration(seconds)
    if ms > 0.0:
        vu.loop.sleep(min(ms, 1e11))


def _duration(time: object) -> float:
    """The milliseconds of a time with a unit; 0 of what is none."""
    try:
        return milliseconds(time, "seconds") if isinstance(time, (str, timedelta)) else 0.0
    except K6Error:
        return 0.0


def wait(timeout: float | str | timedelta | None = None) -> bool:
    """Run handlers until every socket of this VU is closed and every timer done, as an iteration's end does.

    A plain program needs this: its handlers run here, and nowhere else. In a VU function it is an early end
    of what the sockets do; the function goes on after it.

    Args:
        timeout: Give up after this many milliseconds (or ``"1.5s"``); sockets stay open.

    Returns:
        Whether everything is closed and done.

    Raises:
        BaseException: What a handler raised.
        Interrupted: The VU was cut meanwhile.
        K6Error: Called in a coroutine, where handlers run anyway; or in a handler, which would wait for
            itself.

    Example:
        >>> from k6ws import wait
        >>> wait("2s")
        True
    """
    vu = current()
    vu.check_may_block("wait()", "await event.wait() of an asyncio.Event that a handler sets")
    if vu.parked or any(source.scope is not vu for source in vu.sources):
        # The function is put aside, or waits in `ws.connect`: this is a handler.
        message = "wait() cannot be called in a handler: it would wait for the handler itself"
        raise K6Error(message, "return from the handler; k6ws.sleep() waits in one")
    return vu.finish(None if timeout is None else milliseconds(timeout, "timeout"))


def fail(message: object = "") -> NoReturn:
    """End this iteration as failed; the test goes on.

    Raises:
        K6Error: Always, with ``message`` as its text.
    """
    raise K6Error(str(message))


def random_seed(seed: Any) -> None:
    """Seed ``execution.vu.random`` of this VU, so that it gives the same sequence again.

    In the body of a script it seeds every VU of the run: each gets a sequence of its own, made of the seed
    and the VU's number in the whole test, which is the same in every run with that seed.

    Python's global generator is left alone. The numbers are not those of k6, which uses another generator.

    Args:
        seed: A number; what is none counts as 0, as in k6.

    Example:
        >>> random_seed(12345)
    """
    try:
        number = int(float(seed))
    except (TypeError, ValueError, OverflowError):
        number = 0
    from random import Random  # noqa: PLC0415 - few scripts seed

    vu = current()
    if vu.who.is_init:
        vu.loop.seed = number
    vu.who.random = Random(number)  # noqa: S311 - a load test wants repeatable, not secret


randomSeed = random_seed  # noqa: N816 - k6's spelling


def _vu(function: str) -> Vu:
    vu = current()
    vu.check_alive()
    check_counted(vu, f"{function}()")
    if vu.who.is_init:
        message = f"Using {function}() in the init context is not supported"
        raise InitContextError(message, "use it in the function that VUs run")
    return vu
