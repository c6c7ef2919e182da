"""A forked child must not use the loops of its parent: their threads are missing there."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from functools import cache

from k6ws import _core

_cores: weakref.WeakSet[_core.Loop] = weakref.WeakSet()
_also: list[Callable[[], None]] = []


def forget(core: _core.Loop) -> None:
    """In a forked child, let every use of ``core`` raise instead of hanging."""
    _watch()
    _cores.add(core)


def in_child(act: Callable[[], None]) -> None:
    """Do this in a forked child as well."""
    _also.append(act)


@cache
def _watch() -> None:
    """Register once: there is no way to take it back."""
    os.register_at_fork(after_in_child=_forked)


def _forked() -> None:
    for core in list(_cores):
        core.forked()
    _cores.clear()
    for act in _also:
        act()
