"""How a connection is made, whatever it speaks."""

from typing import TypedDict, type_check_only

@type_check_only
class SocketArguments(TypedDict):
    """Options of the operating system's socket; every key must be there. Times are milliseconds.

    Exists for type checkers only.
    """

    no_delay: bool
    keep_alive: float | None
    """Idle time before the peer is probed."""
    recv_buffer: int | None
    send_buffer: int | None
    resets: bool
    """Whether closing resets the connection."""
    local_addresses: str | None
    """Addresses, ranges and networks to connect from, with commas between; `None` for those of the run."""
    proxy: str | None
    """Its URL; empty for none, `None` for what the environment says."""
    proxy_protocol: str | None
    """`v1` or `v2` of the header that tells a server who connects."""
    resolve_timeout: float | None
    connect_timeout: float | None
    tls_timeout: float | None
    upgrade_timeout: float | None
    """How long each phase may take, within the time for all of them."""

def check_local_addresses(text: str) -> None:
    """Raise `ValueError` when this text does not name addresses, ranges or networks."""

def check_proxy(url: str) -> None:
    """Raise `ValueError` when this is not the URL of a proxy that can be spoken to."""
