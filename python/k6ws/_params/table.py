"""The parameters of a connection, each once: its name, and what reads it for each kind of API that takes it.

The spelling of k6 follows from the name (``close_timeout`` is ``closeTimeout``), and either is accepted. What
the values mean is in the documentation of ``ws.connect`` and of ``tcp.Socket.connect``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from k6ws._params import network, pace
from k6ws._params.compression import read_compression
from k6ws._params.framing import codec, framing
from k6ws._params.names import Api, by_our_names, spellings
from k6ws._params.network import SocketSettings
from k6ws._params.subprotocols import offer
from k6ws._params.tls import read_tls, read_tls_or_none
from k6ws._params.values import as_given, flag, header_pairs, milliseconds, size, tag_pairs


class Reads(NamedTuple):
    """What makes a setting of a value."""

    read: Callable[..., Any]
    """Called with the value and the parameter's name, and with the API where it ``is_worded`` by that."""
    field: str = ""
    """The setting, if it has another name than the parameter."""
    of_socket: bool = False
    """Whether it is a setting of the operating system's socket."""
    is_worded: bool = False
    takes_none: bool = False
    """Whether ``None`` is a value; else it is the default."""


class Parameter(NamedTuple):
    """How a WebSocket takes it, and how a TCP socket; ``None`` where it is not taken."""

    websocket: Reads | None = None
    tcp: Reads | None = None


def _both(read: Callable[..., Any], **more: Any) -> Parameter:
    reads = Reads(read, **more)
    return Parameter(reads, reads)


def _websocket(read: Callable[..., Any], **more: Any) -> Parameter:
    return Parameter(websocket=Reads(read, **more))


def _tags(value: object, _name: str, api: Api) -> list[tuple[str, str]]:
    return tag_pairs(value, api.tags)


_PROBES = Reads(network.keep_alive, field="keep_alive", of_socket=True)

TABLE = {
    "headers": _websocket(header_pairs),
    "subprotocols": _websocket(offer),
    "tags": _both(_tags, is_worded=True),
    "jar": _websocket(as_given),
    "compression": _websocket(read_compression, is_worded=True),
    "timeout": _both(milliseconds),
    "resolve_timeout": _both(milliseconds, of_socket=True),
    "connect_timeout": _both(milliseconds, of_socket=True),
    "tls_timeout": _both(milliseconds, of_socket=True),
    "upgrade_timeout": _websocket(milliseconds, of_socket=True),
    "proxy": _both(network.proxy, of_socket=True, takes_none=True),
    "proxy_protocol": _both(network.proxy_protocol, of_socket=True),
    "local_address": _both(network.addresses, of_socket=True),
    "no_delay": _both(flag, of_socket=True),
    "tcp_keep_alive": Parameter(websocket=_PROBES),
    "linger": _both(network.linger, of_socket=True),
    "recv_buffer": _both(network.buffer, of_socket=True),
    "send_buffer": _both(network.buffer, of_socket=True),
    "close_timeout": _websocket(milliseconds),
    "send_timeout": _both(milliseconds),
    "idle_timeout": _websocket(pace.idle_timeout),
    # Of a WebSocket its own pings: the socket's option has another name there.
    "keep_alive": Parameter(websocket=Reads(pace.keep_alive), tcp=_PROBES),
    "recv_rate": _both(pace.recv_rate),
    "read_buffer_size": Parameter(tcp=Reads(size)),
    "framing": Parameter(tcp=Reads(framing)),
    "codec": Parameter(tcp=Reads(codec)),
    "max_message_size": _websocket(size),
    "max_buffered": _both(size),
    # Of TCP it also says whether there is any.
    "tls": Parameter(Reads(read_tls, is_worded=True), Reads(read_tls_or_none, is_worded=True)),
}

WEBSOCKET = {name: one.websocket for name, one in TABLE.items() if one.websocket is not None}
TCP = {name: one.tcp for name, one in TABLE.items() if one.tcp is not None}


class Parameters:
    """Those that one API takes, in its words."""

    __slots__ = ("_api", "_names", "_taken")

    def __init__(self, taken: Mapping[str, Reads], api: Api, besides: Iterable[str] = ()) -> None:
        """``taken`` is a column of the table; ``besides`` are names that the API reads by itself."""
        self._api = api
        self._taken = taken
        self._names = spellings((*besides, *taken))

    def read(self, given: Mapping[Any, Any], socket: SocketSettings) -> dict[str, Any]:
        """The settings that ``given`` asks for, by their fields; those of the socket over ``socket``.

        Raises:
            UnknownOption: A parameter that does not exist.
            K6Error: A value that k6 refuses, in its words.
            TypeError: A value of the wrong type, or a parameter in both spellings.
            InvalidParameter: A value out of range, or a file that cannot be read.
        """
        settings: dict[str, Any] = {}
        of_socket: dict[str, Any] = {}
        for name, value in by_our_names(given, self._names, self._api).items():
            reads = self._taken.get(name)
            if reads is None:
                continue
            read, field, is_of_socket, is_worded, takes_none = reads
            if value is not None or takes_none:
                setting = read(value, name, self._api) if is_worded else read(value, name)
                (of_socket if is_of_socket else settings)[field or name] = setting
        if of_socket:
            settings["socket"] = socket._replace(**of_socket)
        return settings
