"""Connection parameters: the same keys for every socket API, in both spellings, checked once.

``keywords`` has their types, which nobody loads but who names one: ``k6ws.Params``, ``k6ws.Tls``.
"""

from k6ws._params.framing import CodecSetting, settle
from k6ws._params.framing import codec as read_codec
from k6ws._params.framing import framing as read_framing
from k6ws._params.names import Api, by_our_names, camel, merged
from k6ws._params.network import DIRECT, SocketSettings, keep_alive
from k6ws._params.signatures import named, part_of
from k6ws._params.table import TCP, WEBSOCKET, Parameters
from k6ws._params.tls import TlsSettings, read_tls
from k6ws._params.values import MIB, flag, in_range, milliseconds, tag_pairs
from k6ws._params.websocket import Params, Settings, WebSocketParameters

__all__ = [
    "DIRECT",
    "MIB",
    "TCP",
    "WEBSOCKET",
    "Api",
    "CodecSetting",
    "Parameters",
    "Params",
    "Settings",
    "SocketSettings",
    "TlsSettings",
    "WebSocketParameters",
    "by_our_names",
    "camel",
    "flag",
    "in_range",
    "keep_alive",
    "merged",
    "milliseconds",
    "named",
    "part_of",
    "read_codec",
    "read_framing",
    "read_tls",
    "settle",
    "tag_pairs",
]
