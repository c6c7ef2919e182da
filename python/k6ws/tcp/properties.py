"""What a TCP socket tells of itself."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from k6ws.tcp.session import Session
from k6ws.tcp.states import OPEN

ReadyState: TypeAlias = Literal["disconnected", "opening", "open", "destroyed"]


class Properties(Session):
    """The properties of a :class:`Socket`."""

    __slots__ = ()

    @property
    def ready_state(self) -> ReadyState:
        """``disconnected``, ``opening``, ``open`` or ``destroyed``."""
        state: Any = self._state
        return state

    @property
    def connected(self) -> bool:
        """Whether it is open."""
        return self._state == OPEN

    readable = connected

    @property
    def local_ip(self) -> str | None:
        """Our address while it is open, else ``None``; likewise those below."""
        return self._endpoints[0] if self._endpoints else None

    @property
    def local_port(self) -> int | None:
        """Our port."""
        return self._endpoints[1] if self._endpoints else None

    @property
    def remote_ip(self) -> str | None:
        """The peer's address."""
        return self._endpoints[2] if self._endpoints else None

    @property
    def remote_port(self) -> int | None:
        """The peer's port."""
        return self._endpoints[3] if self._endpoints else None

    @property
    def bytes_read(self) -> int:
        """Application bytes received, TLS and headers of the network left out; kept when it is closed."""
        return self._counted()[0]

    @property
    def bytes_written(self) -> int:
        """Application bytes that the operating system has taken."""
        return self._counted()[1]

    def _counted(self) -> tuple[int, int]:
        return self._bytes if self._connection is None else self._connection.bytes()
