"""The context of whoever runs, taken and put in place by hand.

``Context.run`` refuses a context that is entered already, which nested waits need.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

from greenlet import getcurrent


def here() -> Context:
    """The context of the caller itself, not a copy: what is set in it from now on is seen as well."""
    me = getcurrent()
    context = me.gr_context
    if context is None:
        # As Python does it at the first variable that is set.
        context = me.gr_context = Context()
    return context


def run_in(context: Context, function: Callable[..., object], *arguments: Any) -> None:
    """Call a function in a context, which may be that of whoever runs at the moment: unlike its ``run``."""
    me = getcurrent()
    outer = me.gr_context
    me.gr_context = context
    try:
        function(*arguments)
    finally:
        me.gr_context = outer
