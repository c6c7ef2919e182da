"""How a socket is made: the options of TCP, and where it connects from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._params.values import milliseconds, size
from k6ws.errors import InvalidParameter

DIRECT = ""
"""The proxy that is none."""
_MOST_BUFFER = 1 << 30


class SocketSettings(NamedTuple):
    """Options of the operating system's socket, valid. Times are milliseconds."""

    no_delay: bool = True
    keep_alive: float | None = None
    linger: bool = False
    recv_buffer: int | None = None
    send_buffer: int | None = None
    local_address: str | None = None
    proxy: str | None = None
    proxy_protocol: str | None = None
    resolve_timeout: float | None = None
    connect_timeout: float | None = None
    tls_timeout: float | None = None
    upgrade_timeout: float | None = None

    def arguments(self) -> _core.SocketArguments:
        """As the core takes it."""
        return {
            "no_delay": self.no_delay,
            "keep_alive": self.keep_alive,
            "recv_buffer": self.recv_buffer,
            "send_buffer": self.send_buffer,
            "resets": self.linger,
            "local_addresses": self.local_address,
            "proxy": self.proxy,
            "proxy_protocol": self.proxy_protocol,
            "resolve_timeout": self.resolve_timeout,
            "connect_timeout": self.connect_timeout,
            "tls_timeout": self.tls_timeout,
            "upgrade_timeout": self.upgrade_timeout,
        }


def keep_alive(value: object, name: str = "keep_alive") -> float | None:
    """Idle milliseconds before the peer is probed; ``True`` is k6's 30 s."""
    if isinstance(value, bool):
        return 30_000.0 if value else None
    if isinstance(value, (str, int, float, timedelta)):
        return max(milliseconds(value, name), 1000.0)
    message = f"{name} is True, False or a duration, not {value!r}"
    raise TypeError(message)


def proxy(value: object, name: str) -> str:
    """The URL of a proxy; ``None`` is no proxy, whatever the environment says."""
    if value is None:
        return DIRECT
    # What is given is not repeated: there may be a password in it.
    if not isinstance(value, str):
        message = f"{name} is the URL of a proxy or None, not {type(value).__name__}"
        raise TypeError(message)
    try:
        _core.check_proxy(value)
    except ValueError as error:
        raise InvalidParameter(str(error)) from None
    return value


def proxy_protocol(value: object, name: str) -> str:
    """The version of the header that tells a server who connects."""
    if not isinstance(value, str) or value not in {"v1", "v2"}:
        message = f"{name} is 'v1' or 'v2', not {value!r}"
        raise InvalidParameter(message)
    return value


def addresses(value: object, name: str) -> str:
    """One address, range or network, or several."""
    words: list[Any] = [value]
    if isinstance(value, (list, tuple, set)):
        words = list(value)  # pyright: ignore[reportUnknownArgumentType]
    text = ",".join(map(str, words))
    try:
        _core.check_local_addresses(text)
    except ValueError as error:
        message = f"{name}: {error}"
        raise InvalidParameter(message) from None
    return text


def linger(value: object, name: str) -> bool:
    """Whether closing resets the connection."""
    if isinstance(value, (str, int, float, timedelta)) and not isinstance(value, bool):
        if milliseconds(value, name) == 0:
            return True
        message = f"{name} is 0 or None: to wait in a close would stop every other connection"
        raise InvalidParameter(message)
    message = f"{name} is 0 or None, not {value!r}"
    raise TypeError(message)


def buffer(value: object, name: str) -> int:
    """Bytes of a buffer of the operating system."""
    bytes_ = size(value, name)
    if bytes_ > _MOST_BUFFER:
        message = f"{name} of {bytes_} bytes is out of range"
        raise InvalidParameter(message)
    return bytes_
