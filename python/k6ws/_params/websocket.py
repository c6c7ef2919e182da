"""The settings of a WebSocket connection, as every API that opens one reads them from its parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._params.compression import Compression
from k6ws._params.names import Api
from k6ws._params.network import SocketSettings
from k6ws._params.subprotocols import check_offered_once
from k6ws._params.table import WEBSOCKET, Parameters
from k6ws._params.tls import TlsSettings
from k6ws._params.values import MIB


class Params(NamedTuple):
    """Parameters of one connection, valid. Times are milliseconds."""

    headers: Sequence[tuple[str, str]]
    subprotocols: str
    """What is offered, as the header has it."""
    tags: Sequence[tuple[str, str]]
    jar: Any
    close_timeout: float
    send_timeout: float
    core: _core.WebSocketSettings


class Settings(NamedTuple):
    """What the parameters say, and what holds where they say nothing. Sizes are bytes."""

    headers: Sequence[tuple[str, str]] = ()
    subprotocols: str = ""
    tags: Sequence[tuple[str, str]] = ()
    jar: Any = None
    timeout: float = 60_000.0
    close_timeout: float = 1_000.0
    send_timeout: float = 10_000.0
    idle_timeout: float | None = None
    keep_alive: tuple[float, float] | None = None
    """Time between pings, and how long a pong may take."""
    recv_rate: float | None = None
    """Bytes a second."""
    compression: Compression | None = None
    max_message_size: int = 16 * MIB
    max_buffered: int = 16 * MIB
    tls: TlsSettings = TlsSettings()
    socket: SocketSettings = SocketSettings()

    def params(self) -> Params:
        """As a connection takes it."""
        core = _core.WebSocketSettings(
            {
                "tls": self.tls.core,
                "socket": self.socket.arguments(),
                "timeout": self.timeout,
                "close_timeout": self.close_timeout,
                "send_timeout": self.send_timeout,
                "pace": {
                    "idle_timeout": self.idle_timeout,
                    "keep_alive": self.keep_alive,
                    "recv_rate": self.recv_rate,
                },
                "compression": self.compression.arguments() if self.compression else None,
                "max_message_size": self.max_message_size,
                "max_buffered": self.max_buffered,
            }
        )
        return Params(
            headers=self.headers,
            subprotocols=self.subprotocols,
            tags=self.tags,
            jar=self.jar,
            close_timeout=self.close_timeout,
            send_timeout=self.send_timeout,
            core=core,
        )


class WebSocketParameters:
    """What an API takes that opens WebSockets, and what it does where nothing is said."""

    __slots__ = ("_parameters", "_usual", "_usual_params")

    def __init__(
        self,
        api: Api,
        usual: Settings = Settings(),  # noqa: B008 - it is immutable
        besides: Iterable[str] = (),
    ) -> None:
        """``besides`` are names that the API reads by itself."""
        self._parameters = Parameters(WEBSOCKET, api, besides)
        self._usual = usual
        # For every connection without any.
        self._usual_params = usual.params()

    def read(self, given: Mapping[Any, Any]) -> Params:
        """Check what is given, and fill in the rest.

        Raises:
            UnknownOption: A parameter that does not exist.
            K6Error: A value that k6 refuses, in its words.
            TypeError: A value of the wrong type, or a parameter in both spellings.
            InvalidParameter: A value out of range, or a file that cannot be read.
        """
        if not given:
            return self._usual_params
        usual = self._usual
        settings = usual._replace(**self._parameters.read(given, usual.socket))
        if settings.subprotocols:
            check_offered_once(settings.headers)
        return settings.params()
