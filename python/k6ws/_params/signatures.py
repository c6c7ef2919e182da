"""What ``help``, a notebook and an editor show of a call: the names of its parameters, not ``**keywords``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

_EITHER, _BY_NAME = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
Called = TypeVar("Called", bound=Callable[..., Any])


def named(keywords: Iterable[str], positional: Iterable[str] = ()) -> Callable[[Called], Called]:
    """A decorator that shows these names in place of ``**keywords``, and others in place of ``*arguments``.

    Of the latter the first is required; what is really given is checked by the call itself, in k6's words.
    """

    def show(function: Called) -> Called:
        shown = inspect.signature(function)
        kept = [
            one
            for one in shown.parameters.values()
            if one.kind not in {one.VAR_KEYWORD, one.VAR_POSITIONAL}
        ]
        first: Any = inspect.Parameter.empty
        for name in positional:
            kept.append(inspect.Parameter(name, _EITHER, default=first))
            first = None
        known = {one.name for one in kept}
        kept += [
            inspect.Parameter(name, _BY_NAME, default=None)
            for name in keywords
            if name not in known
        ]
        function.__signature__ = shown.replace(parameters=kept)  # pyright: ignore[reportFunctionMemberAccess]
        return function

    return show
