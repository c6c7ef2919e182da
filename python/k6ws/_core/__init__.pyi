"""The compiled core: what `src/python` exports, and nothing of what lies below it.

Private to k6ws: scripts import `k6ws`. Times are milliseconds as floats. Objects belong to the thread
that made their `Loop`: what reaches its sockets from elsewhere, or in a forked child, raises `K6Error`.
`tests/test_stubs.py` compares these files with the compiled module, which is one: the folder is for readers.
"""

from typing import Final

from k6ws._core.connection import CompressionArguments as CompressionArguments
from k6ws._core.connection import ConnectArguments as ConnectArguments
from k6ws._core.connection import Connection, MessageEvent
from k6ws._core.connection import PaceArguments as PaceArguments
from k6ws._core.dial import SocketArguments as SocketArguments
from k6ws._core.echo import EchoServer
from k6ws._core.loop import Loop, Watched
from k6ws._core.run import Account, InstanceStatus, Options, Run, ScenarioStatus, Series, Tags
from k6ws._core.tcp import TcpConnection
from k6ws._core.tls import TlsIdentity, TlsRoots, TlsSettings

__all__ = [
    "BINARY",
    "CLOSED",
    "DATA",
    "ENDED",
    "HARD_STOP",
    "IS_DEBUG_BUILD",
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
    "WRITABLE",
    "WRITE_FAILED",
    "WRITTEN",
    "Account",
    "Connection",
    "EchoServer",
    "InstanceStatus",
    "Loop",
    "MessageEvent",
    "Options",
    "Run",
    "ScenarioStatus",
    "Series",
    "Tags",
    "TcpConnection",
    "TlsIdentity",
    "TlsRoots",
    "TlsSettings",
    "Watched",
    "__version__",
    "check_local_addresses",
    "check_metric",
    "check_proxy",
    "key_log_remark",
    "may_close_with",
    "option_names",
    "parse_duration",
    "parse_options",
    "split_outputs",
    "tap_connections",
    "tapped_lines",
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
TLS_STARTED: Final[int]
"""TLS was started, or could not be. Data: `None`, or `(text, cause, hint)`."""

def parse_options(tiers: str) -> Options:
    """Parse tiers of options, lowest first, given as JSON: `[["script", {…}], ["cli", {…}]]`.

    Raises:
        OptionsError: An option is unknown or wrong.
        ValueError: This is not JSON of that shape.
    """

def option_names() -> list[tuple[str, str, str]]:
    """Return every option there is: our spelling, k6's, and `honoured`, `refused` or why it has no effect."""

def split_outputs(text: str) -> list[str]:
    """Split what `K6_OUT` says into outputs: a comma ends one where the next begins with a type."""

def parse_duration(text: str) -> float:
    """Return the milliseconds in a duration such as `1m30s`; `ValueError` if it is none."""

def may_close_with(code: int) -> bool:
    """Whether a script may close with this code (RFC 6455 section 7.4)."""

def check_metric(
    name: str, kind: str, is_time: bool, declared: dict[str, tuple[str, bool]]
) -> None:
    """Refuse a metric whose name breaks the rule or is that of another one among `declared`.

    Raises:
        K6Error: It is refused.
    """

def tap_connections(run: Run, connections: int) -> None:
    """Show what passes on the first connections that the run makes."""

def tapped_lines(run: Run) -> tuple[list[str], int]:
    """What was shown since the last call, line by line, and how many lines found no room."""

def check_local_addresses(text: str) -> None:
    """Raise `ValueError` when this text does not name addresses, ranges or networks."""

def check_proxy(url: str) -> None:
    """Raise `ValueError` when this is not the URL of a proxy that can be spoken to."""

def key_log_remark() -> str | None:
    """Why TLS keys cannot be logged to the file that `SSLKEYLOGFILE` names, if they are wanted."""
