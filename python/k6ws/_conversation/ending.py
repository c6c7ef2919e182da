"""How a session ended, and what is raised of it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, cast

from k6ws._socket.ends import ABNORMAL, EMPTY_CLOSE, GOING_AWAY, NORMAL, Failure
from k6ws.errors import K6Error, SessionClosed, WSError

Ender: TypeAlias = Literal["server", "us", "nobody"]
"""Who ended it, in the words of the summary: the peer; the script, or k6ws for it; nobody where it broke."""

_ORDERLY: frozenset[int | None] = frozenset({NORMAL, GOING_AWAY, EMPTY_CLOSE, None})


class Ending(NamedTuple):
    """How a session ended."""

    code: int | None
    """The code of the Close that ended it, 1006 without any; of TCP ``None``."""
    reason: str
    by: Ender
    error: K6Error | None = None
    """What broke it, if anything did."""

    @property
    def is_clean(self) -> bool:
        """Whether it ended as it should: who reads on and on has come to the end."""
        return self.error is None and (self.by == "us" or self.code in _ORDERLY)

    def why(self) -> tuple[str, str]:
        """What is said of a request that failed by it, and what to do about that."""
        hint = "" if self.error is None else self.error.hint
        return f"the session ended ({self._told()})", hint

    def raised(self, call: str) -> SessionClosed:
        """What a call raises that needs the session."""
        text = f"{call}: the session is closed ({self._told()})"
        hint = "" if self.error is None else self.error.hint
        return self._closed(text, hint)

    def down(self, call: str) -> SessionClosed:
        """What a call raises that the session does not come back for in time."""
        text = f"{call}: the session is down ({self._told()}), and was not back in time"
        return self._closed(text, "a longer send_timeout waits for it, as its reconnect= tries on")

    def _closed(self, text: str, hint: str) -> SessionClosed:
        return SessionClosed(
            text, hint, code=self.code, reason=self.reason, by=self.by, error=self.error
        )

    def _told(self) -> str:
        whom = {"server": "by the peer", "us": "by this side", "nobody": "it broke"}[self.by]
        what = [whom]
        if self.code is not None:
            what.append(f"code {self.code}")
        if self.reason:
            what.append(f"reason {self.reason!r}")
        if self.error is not None:
            what.append(str(self.error))
        return ", ".join(what)


def of_websocket(code: int, reason: str, failure: Failure | None, ours: int | None) -> Ending:
    """The end of a WebSocket, as the core tells it; ``ours`` is the code of our Close, if there was one."""
    error = None
    if failure is not None:
        text, cause, hint = failure
        error = WSError(text, hint, code=code, reason=reason, cause=cause)
    # As the core counts it: `engine/measure/ends.rs`.
    by: Ender = "server"
    if code == ABNORMAL and failure is not None:
        by = "nobody"
    elif failure is not None or code in {ABNORMAL, ours}:
        by = "us"
    elif ours is not None and code in _ORDERLY:
        by, code = "us", ours
    return Ending(code, reason, by, error)


def ending_of(closed: SessionClosed) -> Ending:
    """What was raised of a session says how that ended."""
    error = cast("K6Error | None", closed.error)
    return Ending(closed.code, closed.reason, cast("Ender", closed.by), error)
