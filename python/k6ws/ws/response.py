"""The answer to a WebSocket handshake, as ``ws.connect`` returns it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def packed(pairs: list[tuple[str, str]]) -> str:
    """Headers as one text, a quarter of their memory: a session that idles keeps them until it ends."""
    return "\n".join([text for pair in pairs for text in pair])


def _unpacked(text: str) -> Headers:
    # No line break can be in a header.
    texts = iter(text.split("\n")) if text else iter(())
    return Headers(list(zip(texts, texts, strict=True)))


class Response:  # noqa: PLW1641 - its headers have no hash, so it has none
    """How a connection was made, or why it was not. Nothing of it can be changed.

    Not a dataclass: `dataclasses` loads `inspect`, and every script would wait for both at its start.
    """

    __slots__ = ("_body", "_cause", "_error", "_headers", "_hint", "_phase", "_status", "_url")
    __match_args__ = ("url", "status", "headers", "body", "error", "hint", "phase", "cause")

    def __init__(  # noqa: PLR0917 - the fields in their order
        self,
        url: str,
        status: int,
        headers: Headers | str,
        body: str = "",
        error: str = "",
        hint: str = "",
        phase: str = "",
        cause: str = "",
    ) -> None:
        self._url = url
        self._status = status
        # Taken apart when somebody asks: few scripts do.
        self._headers = headers
        self._body = body
        self._error = error
        self._hint = hint
        self._phase = phase
        self._cause = cause

    @property
    def url(self) -> str:
        """The URL given to ``connect``."""
        return self._url

    @property
    def status(self) -> int:
        """101 after a session; the server's status if it refused; 0 without a usable answer.

        A 101 that breaks the protocol is none.
        """
        return self._status

    @property
    def headers(self) -> Headers:
        """The answer's headers; repeated ones are joined by ``", "``."""
        headers = self._headers
        if isinstance(headers, str):
            headers = self._headers = _unpacked(headers)
        return headers

    @property
    def body(self) -> str:
        """The first KiB of a refusal's body."""
        return self._body

    @property
    def error(self) -> str:
        """Empty after a session, else what went wrong."""
        return self._error

    @property
    def hint(self) -> str:
        """What to do about ``error``, often empty."""
        return self._hint

    @property
    def phase(self) -> str:
        """Where it failed: ``resolve``, ``connect``, ``proxy``, ``tls`` or ``upgrade``; else empty."""
        return self._phase

    @property
    def cause(self) -> str:
        """A stable word for why (``dns``, ``connect_refused``, ``tls_verify`` …); else empty."""
        return self._cause

    def to_dict(self) -> dict[str, Any]:
        """The five fields of k6's response, ready for JSON."""
        return {
            "url": self.url,
            "status": self.status,
            "headers": dict(self.headers),
            "body": self.body,
            "error": self.error,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return self._fields() == other._fields()

    def __repr__(self) -> str:
        pairs = zip(self.__match_args__, self._fields(), strict=True)
        return f"Response({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def _fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)
