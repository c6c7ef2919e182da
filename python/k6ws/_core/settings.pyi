"""How a WebSocket is opened and kept."""

from typing import TypedDict, final, type_check_only

from k6ws._core.dial import SocketArguments
from k6ws._core.tls import TlsSettings

@final
class WebSocketSettings:
    """What is not of one connection but of how they are made: any number may be opened with one."""

    def __new__(cls, arguments: WebSocketArguments) -> WebSocketSettings:
        """Read them.

        Raises:
            InvalidParameter: A time is out of range.
            ValueError: No proxy, or no address to connect from, has such a name.
        """

@type_check_only
class WebSocketArguments(TypedDict):
    """What `WebSocketSettings` are made of; every key must be there. Exists for type checkers only."""

    tls: TlsSettings | None
    """`None` is as the run says; so is what it leaves open."""
    socket: SocketArguments
    timeout: float
    """For resolve, connect, TLS and upgrade together."""
    close_timeout: float
    """How long the peer may take to answer our Close."""
    send_timeout: float
    """How long the peer may read nothing while we write."""
    pace: PaceArguments
    compression: CompressionArguments | None
    max_message_size: int
    """Bytes above which a message that is received ends the session."""
    max_buffered: int
    """Bytes that may wait to be written before a send answers 2."""

@type_check_only
class CompressionArguments(TypedDict):
    """What is offered, and how we compress where the server accepts. Exists for type checkers only."""

    server_no_context_takeover: bool
    client_no_context_takeover: bool
    server_max_window_bits: int | None
    client_max_window_bits: int | None
    """0 lets the server choose; `None` says nothing about it."""
    level: int
    threshold: int

@type_check_only
class PaceArguments(TypedDict):
    """How fast to read and how long to wait in silence; `None` is off. Exists for type checkers only."""

    idle_timeout: float | None
    keep_alive: tuple[float, float] | None
    """Interval of pings, and how long a pong may take."""
    recv_rate: float | None
    """Bytes a second."""
