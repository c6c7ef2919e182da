"""Exceptions that ended iterations: counted by kind and place, and told without flooding the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from k6ws._result import ScriptException
from k6ws._run.whose import leaves_the_run
from k6ws._script.load import place_of, script_traceback, text_of
from k6ws.errors import ConnectError, ConnectFailed, TCPError

logger = logging.getLogger("k6ws")

# A script that fails at once fails thousands of times a second: each place is told in full once.
_MAX_KINDS = 1000
# Of what is kept with the numbers: a recursion that is too deep has a long one.
_LONGEST_TRACE = 8_000
_UNTOLD = "<its text cannot be had>"
# What a run calls no more than once.
_ONCE = {"setup()", "teardown()", "handle_summary()"}
ITERATION = "an iteration of scenario "
"""What has failed where that is an iteration; the scenario's name follows."""


class ScriptExceptions:
    """All exceptions of a run."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[str, str], ScriptException] = {}
        self._told: set[tuple[str, str]] = set()
        self.refused = 0
        """Iterations that a connection ended which was not made, and which counts as that already."""
        # Those that the log has as exceptions: cause and status, which is how the core tells kinds apart.
        self._told_refusals: set[tuple[str, int | None]] = set()

    def add(self, error: BaseException, what: str) -> None:
        """Count one that ended ``what``, and log the first of its kind with its traceback."""
        kind, now = _kind(error), time.time() * 1000.0
        known = self._by_kind.get(kind)
        if known is None:
            if len(self._by_kind) >= _MAX_KINDS:
                kind = ("…", "more kinds of exceptions than are told apart")
            known = self._by_kind.setdefault(
                kind, ScriptException(kind[0], _asked(lambda: text_of(error), _UNTOLD), kind[1])
            )
            if known.count == 0:
                known.hint = _asked(lambda: str(getattr(error, "hint", None) or ""), "")
                known.first_at = now
                trace = _trace(error)
                # The core masks what may be secret in it, where the run is told.
                known.trace = trace[:_LONGEST_TRACE]
                more = "" if what in _ONCE else " (more of this kind are only counted)"
                logger.error("%s failed%s\n%s", what, more, trace)
                self._told_refusals |= _refusal(error)
        known.count += 1
        # The clock may have been set back meanwhile.
        known.last_at = max(known.last_at, now)
        if what.startswith(ITERATION) and _refusal(error):
            self.refused += 1

    def tell(self, error: BaseException, what: str) -> None:
        """Log one that ended nothing, the first of its kind, with its traceback."""
        kind = _kind(error)
        if kind not in self._told and len(self._told) < _MAX_KINDS:
            self._told.add(kind)
            text = "%s failed as well (more of this kind are not told)\n%s"
            logger.error(text, what, _trace(error))

    def taken_out_of(self, progress: dict[str, Any]) -> dict[str, Any]:
        """A progress of the core without failures that left iterations as exceptions, told as such."""
        live, figures = progress["live"], progress["figures"]
        live["errors"] = max(live["errors"] - self.refused, 0)
        figures["failures"] = [
            one
            for one in figures["failures"]
            if one["what"] != "connection"
            or (one["cause"], one["status"]) not in self._told_refusals
        ]
        return progress

    def all(self) -> list[ScriptException]:
        """Each kind, the most frequent first."""
        return sorted(self._by_kind.values(), key=lambda one: -one.count)


def _refusal(error: BaseException) -> set[tuple[str, int | None]]:
    """Cause and status of a connection that was not made, for which the core has counted a failure."""
    # An exception of a script may answer no question, that for its class neither.
    if not issubclass(type(error), (TCPError, ConnectFailed, ConnectError)):
        return set()
    if isinstance(error, TCPError):
        is_one = error.method == "connect" and bool(error.phase)
        return {(error.cause, None)} if is_one else set()
    if isinstance(error, (ConnectFailed, ConnectError)) and (error.phase or error.cause):
        return {(error.cause, error.status or None)}
    return set()


def _kind(error: BaseException) -> tuple[str, str]:
    """The name of its class, and the script's line."""
    return (
        _asked(lambda: type(error).__name__, "an exception without a name"),
        _asked(lambda: place_of(error), ""),
    )


def _trace(error: BaseException) -> str:
    return _asked(lambda: script_traceback(error), f"{_kind(error)[0]}: {_UNTOLD}")


def _asked(question: Callable[[], str], otherwise: str) -> str:
    """What an exception says of itself: its class is the script's, and what that raises is no news.

    But for what only struck here, and is the program's.
    """
    try:
        return question()
    except BaseException as failed:
        if leaves_the_run(failed):
            raise
        return otherwise
