"""Where a target of a test listens: its URL, which is text like any other, with host and port beside it."""

from __future__ import annotations

from urllib.parse import urlsplit


class Address(str):
    """A URL; ``host`` and ``port`` are for ``tcp.open(host, port)``."""

    __slots__ = ()

    @property
    def host(self) -> str:
        """The address to connect to."""
        return urlsplit(self).hostname or ""

    @property
    def port(self) -> int:
        """The port."""
        return urlsplit(self).port or 0
