"""The first failure of each kind, in words: told at once, because the summary comes when it is too late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .text import shown_name, shown_text

__all__ = ["Firsts"]


class Firsts:
    """Which failures are new, as texts of a few lines."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str, int | None]] = set()
        self._is_full = False

    def news(self, failures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """A text for each kind that was not told before, up to ten kinds.

        Args:
            failures: `{what, cause, status, message, hint, body}` each; `what` is `connection` or `session`.
        """
        for one in failures:
            kind = (str(one["what"]), str(one["cause"]), one["status"])
            if kind in self._told or self._is_full:
                continue
            if len(self._told) >= _MOST:
                self._is_full = True
                yield "connections fail in more ways than these: the summary has all of them"
                return
            self._told.add(kind)
            yield _text(one)


def _text(one: Mapping[str, Any]) -> str:
    verb = _VERBS.get(str(one["what"]), "something failed")
    status = f" {one['status']}" if one["status"] else ""
    lines = [
        f"{verb}: {shown_name(str(one['cause']))}{status} (more of this kind are only counted)"
    ]
    for lead, key in (("", "message"), ("the server said: ", "body"), ("hint: ", "hint")):
        text = shown_text(str(one.get(key) or ""))
        if text:
            lines.append(lead + text)
    return "\n".join(lines)


_VERBS = {"connection": "a connection failed", "session": "a session broke"}
_MOST = 10
