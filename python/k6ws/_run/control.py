"""The run as its own script may steer it: ``execution.test``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from k6ws import _core
from k6ws._run import exit_codes

logger = logging.getLogger("k6ws")


class TestControl:
    """What ``execution.test`` does. The run reads :attr:`has_failed` at its end."""

    __test__ = False

    def __init__(self, options: _core.Options, stop: Callable[[int], None]) -> None:
        """``stop`` ends the run with an exit code."""
        self._options = options
        self._stop = stop
        self._frozen: Mapping[str, Any] | None = None
        self.has_failed = False
        """Whether ``execution.test.fail()`` was called."""

    def let_go(self) -> None:
        """The run is over: refer back to it no more."""
        self._stop = _ignore

    def abort(self, message: str) -> None:
        """End the run now."""
        logger.error("test aborted%s", f": {message}" if message else "")
        self._stop(exit_codes.SCRIPT_ABORTED)

    def fail(self, message: str) -> None:
        """Have the run fail at its end."""
        logger.error("test marked as failed%s", f": {message}" if message else "")
        self.has_failed = True

    def options(self) -> Mapping[str, Any]:
        """The options of the run; nobody can change them."""
        frozen = self._frozen
        if frozen is None:
            frozen = self._frozen = _freeze(self._options.to_dict())
        return frozen


def _ignore(_exit_code: int) -> None:
    """There is nothing left to stop."""


def _freeze(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType(
            {key: _freeze(one) for key, one in cast("dict[str, Any]", value).items()}
        )
    if isinstance(value, list):
        return tuple(_freeze(one) for one in cast("list[Any]", value))
    return value
