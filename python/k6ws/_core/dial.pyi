"""How a connection is made, whatever it speaks. For type checkers only."""

from typing import TypedDict, type_check_only

@type_check_only
class SocketArguments(TypedDict):
    """Options of the operating system's socket; every key must be there. Times are milliseconds."""

    no_delay: bool
    keep_alive: float | None
    """Idle time before the peer is probed."""
    local_address: str | None
    """IP address to connect from."""
