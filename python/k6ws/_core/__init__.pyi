"""The compiled core: what `src/python` exports, and nothing of what lies below it.

Private to k6ws: scripts import `k6ws`. Times are milliseconds as floats. Objects belong to the thread
that made their `Loop`: what reaches its sockets from elsewhere, or in a forked child, raises `K6Error`.
Each file of `src/python` that exports something has its stub here. `tests/test_stubs.py` compares them with
the compiled module, which is one: the folder is for readers.
"""

from typing import Final

from k6ws._core.acceptance import SourceBase, VuBase
from k6ws._core.arrival import Arrival
from k6ws._core.arrow import arrow_stream
from k6ws._core.asking import check_asked
from k6ws._core.connection import ConnectArguments as ConnectArguments
from k6ws._core.connection import Connection, connect
from k6ws._core.conversation import Conversation
from k6ws._core.conversation import Criteria as Criteria
from k6ws._core.convert import may_close_with, parse_duration
from k6ws._core.correlating import Correlation
from k6ws._core.dashboard import Dashboard
from k6ws._core.dial import SocketArguments as SocketArguments
from k6ws._core.dial import check_local_addresses, check_proxy
from k6ws._core.echo import EchoServer
from k6ws._core.event import MessageEvent
from k6ws._core.event_loop import Loop
from k6ws._core.face import SocketBase, TextSocketBase, WebSocketBase
from k6ws._core.framing import Framer, Framing
from k6ws._core.json import decode_json, encode_json
from k6ws._core.keys import Capture, Field
from k6ws._core.keys import KeySource as KeySource
from k6ws._core.matching import Matchable as Matchable
from k6ws._core.matching import Matcher
from k6ws._core.members import (
    end_scenario,
    mark,
    vu_entered,
    vu_failed,
    vu_left,
    vu_ready,
    vus_begin,
)
from k6ws._core.metric import Series, check_metric
from k6ws._core.options import Options, option_names, parse_options
from k6ws._core.origin import introduce
from k6ws._core.outputs import split_outputs
from k6ws._core.recording import Recording, read_snapshots
from k6ws._core.reply import ReplyBase
from k6ws._core.run import Run
from k6ws._core.settings import CompressionArguments as CompressionArguments
from k6ws._core.settings import PaceArguments as PaceArguments
from k6ws._core.settings import WebSocketSettings
from k6ws._core.status import InstanceStatus, ScenarioStatus
from k6ws._core.tcp import StartTlsArguments as StartTlsArguments
from k6ws._core.tcp import TcpArguments as TcpArguments
from k6ws._core.tcp import TcpConnection, connect_tcp
from k6ws._core.template import Template
from k6ws._core.tls import TlsIdentity, TlsRoots, TlsSettings, key_log_remark
from k6ws._core.vu import Account, Tags
from k6ws._core.watch import Watched, watch
from k6ws._core.wire_log import log_wire, wire_log_lines

__all__ = [
    "ANSWERED",
    "BINARY",
    "CLOSED",
    "DATA",
    "ENDED",
    "ENTER_SCENARIO",
    "HARD_STOP",
    "IS_DEBUG_BUILD",
    "LEAVE_SCENARIO",
    "MESSAGES",
    "OPENED",
    "PING",
    "PONG",
    "READABLE",
    "REFUSED",
    "RESTING",
    "START_ITERATION",
    "TEXT",
    "TIMER",
    "TLS_STARTED",
    "UNDECIDED_BINARY",
    "UNDECIDED_DATA",
    "UNDECIDED_TEXT",
    "WRITABLE",
    "WRITE_FAILED",
    "WRITTEN",
    "Account",
    "Arrival",
    "Capture",
    "Connection",
    "Conversation",
    "Correlation",
    "Dashboard",
    "EchoServer",
    "Field",
    "Framer",
    "Framing",
    "InstanceStatus",
    "Loop",
    "Matcher",
    "MessageEvent",
    "Options",
    "Recording",
    "ReplyBase",
    "Run",
    "ScenarioStatus",
    "Series",
    "SocketBase",
    "SourceBase",
    "Tags",
    "TcpConnection",
    "Template",
    "TextSocketBase",
    "TlsIdentity",
    "TlsRoots",
    "TlsSettings",
    "VuBase",
    "Watched",
    "WebSocketBase",
    "WebSocketSettings",
    "__version__",
    "arrow_stream",
    "check_asked",
    "check_local_addresses",
    "check_metric",
    "check_proxy",
    "connect",
    "connect_tcp",
    "decode_json",
    "encode_json",
    "end_scenario",
    "introduce",
    "key_log_remark",
    "log_wire",
    "mark",
    "may_close_with",
    "option_names",
    "parse_duration",
    "parse_options",
    "read_snapshots",
    "split_outputs",
    "vu_entered",
    "vu_failed",
    "vu_left",
    "vu_ready",
    "vus_begin",
    "watch",
    "wire_log_lines",
]

__version__: Final[str]
IS_DEBUG_BUILD: Final[bool]

# Kinds of events, and the data that comes with each.

OPENED: Final[int]
"""The upgrade succeeded; `Connection.outcome` has the answer. Data: `None`."""
REFUSED: Final[int]
"""No connection was made; `Connection.outcome` has the reason. Its only event. Data: `None`."""
TEXT: Final[int]
"""A text message. Data: `str`."""
BINARY: Final[int]
"""A binary message. Data: `bytes`."""
PING: Final[int]
"""A ping was received and is answered. Data: `None`."""
PONG: Final[int]
"""A pong was received. Data: `None`."""
WRITABLE: Final[int]
"""There is room again after a send that answered 2. Data: `None`."""
CLOSED: Final[int]
"""No more messages will come. Data: `(code, reason, text, failure)`; `failure` is `None` after a closing
handshake, else `(text, cause, hint)`."""
ENDED: Final[int]
"""The stream is gone; the last event of a connection. Data: `None`."""
TIMER: Final[int]
"""A timer is due. Data: `None`."""
START_ITERATION: Final[int]
"""A VU is to start an iteration. Data: `(vu, scenario, number)`."""
HARD_STOP: Final[int]
"""A VU is to be cut. Data: its position in the pool."""
ENTER_SCENARIO: Final[int]
"""A VU is to begin before its scenario does. Data: `(vu, scenario, 0)`."""
LEAVE_SCENARIO: Final[int]
"""A VU is to leave its scenario. Data: its position in the pool."""
RESTING: Final[int]
"""A VU rests, so `Run.next_wake` may say something else. Data: `None`."""

READABLE: Final[int]
"""A watched descriptor is ready. Data: `None`."""

DATA: Final[int]
"""Bytes of a raw TCP connection. Data: `bytes`."""
WRITTEN: Final[int]
"""As many writes are done as `want_written` asked for. Data: `None`."""
WRITE_FAILED: Final[int]
"""Writes never will be done. Data: `(writes, partial, (text, cause, hint))`: how many, and how many bytes of
the first had gone."""
MESSAGES: Final[int]
"""Messages that arrived one after the other. Data: a list of `MessageEvent`, at least two."""
ANSWERED: Final[int]
"""A request that somebody waits for has its outcome. Data: its number."""
UNDECIDED_TEXT: Final[int]
"""A text message that callables have a say in. Data: an `Arrival`."""
UNDECIDED_BINARY: Final[int]
"""The same, binary."""
UNDECIDED_DATA: Final[int]
"""The same, of TCP."""
TLS_STARTED: Final[int]
"""TLS was started, or could not be. Data: `None`, or `(text, cause, hint)`."""
