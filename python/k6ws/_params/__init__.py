"""Connection parameters: the same keys for every socket API, in both spellings, checked once."""

from k6ws._params.keywords import Keywords
from k6ws._params.network import DIRECT, SocketSettings, keep_alive, no_delay, read_socket
from k6ws._params.pace import recv_rate
from k6ws._params.signatures import named
from k6ws._params.tls import TlsSettings, read_tls
from k6ws._params.values import MIB, Api, in_range, milliseconds, nearest, size, tag_pairs
from k6ws._params.websocket import KEYS, Params, read

__all__ = [
    "DIRECT",
    "KEYS",
    "MIB",
    "Api",
    "Keywords",
    "Params",
    "SocketSettings",
    "TlsSettings",
    "in_range",
    "keep_alive",
    "milliseconds",
    "named",
    "nearest",
    "no_delay",
    "read",
    "read_socket",
    "read_tls",
    "recv_rate",
    "size",
    "tag_pairs",
]
