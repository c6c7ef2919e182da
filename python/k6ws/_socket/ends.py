"""How a WebSocket session ends: the codes that it knows, and what an end is to the handlers of errors."""

from __future__ import annotations

from typing import TypeAlias

from k6ws.errors import WSError

NORMAL = 1000
GOING_AWAY = 1001
EMPTY_CLOSE = 1005
ABNORMAL = 1006
CLEAN: frozenset[int | None] = frozenset({NORMAL, GOING_AWAY})
"""How a session ends well."""

CUT_PATIENCE_MS = 100.0
"""How long the Close may take of a session that nobody waits for any more."""

Failure: TypeAlias = tuple[str, str, str]
"""Text, cause and hint, as the core tells them."""


def error_of(
    code: int, reason: str, text: str, failure: Failure | None, fine: frozenset[int | None]
) -> WSError | None:
    """What the handlers of errors are told of an end; nothing where its code is among those that are fine."""
    if failure is not None:
        why, cause, hint = failure
        return WSError(why, hint, code=code, reason=reason, cause=cause)
    return None if code in fine else WSError(text, code=code, reason=reason, cause="closed")
