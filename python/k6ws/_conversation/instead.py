"""What came instead of a reply, as whoever waited for it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from k6ws._conversation.durations import shown

_MOST = 60


class Instead(NamedTuple):
    """How long a request was given that timed out, and how many messages came meanwhile."""

    allowed_ms: float | None
    parts: int
    """Of its own reply, which lacks its last one."""
    others: int
    """The script's: no request and no rule knew them."""
    rules: int
    replies: int
    """To other requests."""
    late: int
    """To requests that had timed out."""

    def told(self, latest: Callable[[int], Any]) -> tuple[str, str]:
        """What came, and what to do about it; ``latest`` finds one of so many last messages, if it waits."""
        within = "" if self.allowed_ms is None else f" within {shown(self.allowed_ms)}"
        if self.parts:
            what = f"{_counted(self.parts)} of its reply came{within}, and not the last"
        else:
            what = f"no reply{within}"
        came = self._came(latest)
        if came:
            what += f"; {_counted(sum(self[2:]))} came meanwhile: {', '.join(came)}"
        elif not self.parts:
            what += ", and nothing else came meanwhile"
        return what, self._hint()

    def _came(self, latest: Callable[[int], Any]) -> list[str]:
        said: list[str] = []
        if self.others:
            last = latest(self.others)
            which = "" if last is None else f" (the last: {excerpt(last)})"
            said.append(f"{self.others} not known as its reply{which}")
        if self.rules:
            said.append(f"{self.rules} taken by rules")
        if self.replies:
            said.append(f"{self.replies} of other replies")
        if self.late:
            said.append(f"{self.late} of late replies")
        return said

    def _hint(self) -> str:
        if self.parts:
            return "the last message of a reply is the one that done= says: did it come?"
        if self.others:
            return "is one of them the reply? Then correlate= or match= does not know it"
        if self.late:
            return "the server answers, and slower than that: give a longer timeout="
        return "is the server slow, or does it not answer this request?"


def _counted(messages: int) -> str:
    return f"{messages} message{'s' if messages > 1 else ''}"


def excerpt(message: Any) -> str:
    """The beginning of a message, as Python writes it."""
    if isinstance(message, (str, bytes)):
        return repr(message) if len(message) <= _MOST else f"{message[:_MOST]!r}…"
    text = repr(message)
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"
