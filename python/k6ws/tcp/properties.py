"""What a TCP socket tells of itself."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from k6ws._socket.reading import Reading
from k6ws.tcp.session import Session
from k6ws.tcp.states import OPEN

ReadyState: TypeAlias = Literal["disconnected", "opening", "open", "destroyed"]


class Properties(Reading[Session]):
    """The properties of a :class:`Socket`."""

    __slots__ = ()

    @property
    def ready_state(self) -> ReadyState:
        """``disconnected``, ``opening``, ``open`` or ``destroyed``."""
        state: Any = self._session.state
        return state

    @property
    def connected(self) -> bool:
        """Whether it is open."""
        return self._session.state == OPEN

    readable = connected

    @property
    def local_ip(self) -> str | None:
        """Our address while it is open, else ``None``; likewise those below."""
        return self._endpoint(0)

    @property
    def local_port(self) -> int | None:
        """Our port."""
        return self._endpoint(1)

    @property
    def remote_ip(self) -> str | None:
        """The peer's address."""
        return self._endpoint(2)

    @property
    def remote_port(self) -> int | None:
        """The peer's port."""
        return self._endpoint(3)

    @property
    def bytes_read(self) -> int:
        """Application bytes received, TLS and headers of the network left out; kept when it is closed."""
        return self._session.counted()[0]

    @property
    def bytes_written(self) -> int:
        """Application bytes that the operating system has taken."""
        return self._session.counted()[1]

    def _endpoint(self, index: int) -> Any:
        endpoints = self._session.endpoints
        return endpoints[index] if endpoints else None
