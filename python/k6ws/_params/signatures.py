"""What ``help``, a notebook and an editor show of a call: the names of its parameters, not ``**keywords``.

They ask `inspect`, and that finds the names on another function, behind ``__wrapped__``. It is not asked
here: it is dear to load, at each start, for what few look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any, TypeVar, cast

Called = TypeVar("Called", bound=Callable[..., Any])
Part = TypeVar("Part", bound=type)


def named(keywords: Iterable[str], positional: Sequence[str] = ()) -> Callable[[Called], Called]:
    """A decorator that shows these names in place of ``**keywords``, and others in place of ``*arguments``.

    Of the latter the first is required; what is really given is checked by the call itself, in k6's words.
    """

    def show(function: Called) -> Called:
        plain = cast("FunctionType", function)
        plain.__wrapped__ = _with_names(plain, keywords, positional)  # pyright: ignore[reportFunctionMemberAccess]
        return function

    return show


def part_of(owner: str) -> Callable[[Part], Part]:
    """A decorator of a class that is mixed into those that scripts know by this name: errors say it."""

    def rename(part: Part) -> Part:
        for name, one in vars(part).items():
            if isinstance(one, FunctionType) and not name.startswith("_"):
                one.__qualname__ = f"{owner}.{one.__name__}"
        return part

    return rename


def _with_names(
    function: FunctionType, keywords: Iterable[str], positional: Sequence[str]
) -> FunctionType:
    """A function that nobody calls: it has the parameters that ``function`` is shown with, and its place."""
    code, given = function.__code__, function.__code__.co_argcount
    either = [*code.co_varnames[:given], *positional]
    by_name = [*code.co_varnames[given : given + code.co_kwonlyargcount]]
    added = [name for name in keywords if name not in {*either, *by_name}]
    names = (*either, *by_name, *added)
    shown = FunctionType(
        _nothing.__code__.replace(
            co_argcount=len(either),
            co_posonlyargcount=code.co_posonlyargcount,
            co_kwonlyargcount=len(by_name) + len(added),
            co_varnames=names,
            co_nlocals=len(names),
            co_filename=code.co_filename,
            co_firstlineno=code.co_firstlineno,
        ),
        function.__globals__,
        function.__name__,
        (*(function.__defaults__ or ()), *(None for _ in positional[1:])),
    )
    shown.__kwdefaults__ = {**(function.__kwdefaults__ or {}), **dict.fromkeys(added)}
    shown.__annotations__ = {
        name: one
        for name, one in function.__annotations__.items()
        if name in names or name == "return"
    }
    return shown


def _nothing() -> None:
    """The body of that function."""
