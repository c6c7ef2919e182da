"""The answer to a WebSocket handshake, as ``ws.connect`` returns it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class Headers(Mapping[str, str]):
    """Header names to values. Names are canonical (``Sec-Websocket-Accept``), look-up ignores case."""

    __slots__ = ("_folded", "_names")

    def __init__(self, pairs: Mapping[str, str] | list[tuple[str, str]] = ()) -> None:  # type: ignore[assignment]
        items = list(dict(pairs).items())
        self._names = [name for name, _ in items]
        self._folded = {name.lower(): value for name, value in items}

    def __getitem__(self, name: str) -> str:
        return self._folded[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._folded

    def __repr__(self) -> str:
        return repr(dict(self))


@dataclass(frozen=True, slots=True)
class Response:
    """How a connection was made, or why it was not.

    Attributes:
        url: The URL given to ``connect``.
        status: 101 after a session; the server's status if it refused; 0 without a usable answer, a 101
            that breaks the protocol included.
        headers: The answer's headers; repeated ones are joined by ``", "``.
        body: The first KiB of a refusal's body.
        error: Empty after a session, else what went wrong.
        hint: What to do about ``error``, often empty.
        phase: Where it failed: ``resolve``, ``connect``, ``proxy``, ``tls`` or ``upgrade``; else empty.
        cause: A stable word for why (``dns``, ``connect_refused``, ``tls_verify`` …); else empty.
    """

    url: str
    status: int
    headers: Headers
    body: str = ""
    error: str = ""
    hint: str = ""
    phase: str = ""
    cause: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The five fields of k6's response, ready for JSON."""
        return {
            "url": self.url,
            "status": self.status,
            "headers": dict(self.headers),
            "body": self.body,
            "error": self.error,
        }
