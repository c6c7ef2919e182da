"""The compiled core: what `src/python` exports, and nothing of what lies below it.

Private to k6ws: scripts import `k6ws`. Times are milliseconds as floats. Objects belong to the thread
that made their `Loop`: what reaches its sockets from elsewhere, or in a forked child, raises `K6Error`.
`tests/test_stubs.py` compares this file with the compiled module.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypedDict, final, type_check_only

__all__ = [
    "BINARY",
    "CLOSED",
    "DATA",
    "ENDED",
    "HARD_STOP",
    "OPENED",
    "PING",
    "PONG",
    "READABLE",
    "REFUSED",
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
    "Loop",
    "MessageEvent",
    "Options",
    "Run",
    "Tags",
    "TcpConnection",
    "Watched",
    "__version__",
    "check_ca",
    "may_close_with",
    "parse_duration",
    "parse_options",
]

__version__: Final[str]

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
"""A VU is to start an iteration. Data: its number, an `int`."""
HARD_STOP: Final[int]
"""A VU is to be cut. Data: `None`."""

READABLE: Final[int]
"""A watched descriptor is ready. Data: `None`."""

DATA: Final[int]
"""Bytes of a raw TCP connection. Data: `bytes`."""
WRITTEN: Final[int]
"""As many writes are done as `want_written` asked for. Data: `None`."""
WRITE_FAILED: Final[int]
"""Writes never will be done. Data: `(writes, partial, (text, cause, hint))`: how many, and how many bytes of
the first had gone."""
TLS_STARTED: Final[int]
"""TLS was started, or could not be. Data: `None`, or `(text, cause, hint)`."""

# Called with an event's kind and its data.
_Receiver: TypeAlias = Callable[[int, Any], object]
_Event: TypeAlias = tuple[Callable[[int, Any], object], int, Any]
# `(text, hint, phase, cause)`.
_Failure: TypeAlias = tuple[str, str, str, str]
# `(status, headers, body, cookies, failure)`.
_Outcome: TypeAlias = tuple[int, list[tuple[str, str]], str, list[str], _Failure | None]

@type_check_only
class ConnectArguments(TypedDict):
    """What `Loop.connect` needs; every key must be there. Exists for type checkers only."""

    is_tls: bool
    host: str
    """Name or address that is dialled, and that a certificate must be for."""
    port: int
    path: str
    """Path and query of the request line."""
    host_header: str
    user_agent: str
    headers: list[tuple[str, str]]
    """Further headers, in order."""
    ca_pem: str | None
    """Certificates to trust instead of the system's."""
    insecure_skip_tls_verify: bool
    server_name: str | None
    """Asked for and verified instead of `host`."""
    timeout: float
    """For resolve, connect, TLS and upgrade together."""
    close_timeout: float
    """How long the peer may take to answer our Close."""
    send_timeout: float
    """How long the peer may read nothing while we write."""
    max_message_size: int
    """Bytes above which a message that is received ends the session."""
    max_buffered: int
    """Bytes that may wait to be written before a send answers 2."""
    meter: tuple[Run, Account, Tags, str] | None
    """Where samples go, and the URL they are tagged with; `None` outside a run."""

@final
class Loop:
    """Sockets and timers of one thread, and the Python callables that events go to."""

    def __new__(cls) -> Loop:
        """Start the runtime.

        Raises:
            OSError: The system has no descriptors or threads left.
        """

    def poll_events(self, patience_ms: float | None = None) -> list[_Event]:
        """Run sockets and timers until something happened or the patience is spent (`None`: no limit).

        Releases the interpreter meanwhile.

        Returns:
            `(receiver, kind, data)` for each event, in order, at most 256 of them.
        """

    def host(self) -> int:
        """Have the guardian drive the sockets from now on, for a program with an event loop of its own.

        Returns:
            A descriptor that becomes readable when `take_events` has something to bring.
        """

    def unhost(self) -> None:
        """Go back to being driven by `poll_events`."""

    def take_events(self) -> list[_Event]:
        """Return what there is, as `poll_events` does, without waiting and without driving anything."""

    def now(self) -> float:
        """Milliseconds since the loop was made, by the clock that everything is measured with."""

    def add_timer(
        self, delay_ms: float, receiver: _Receiver, period_ms: float | None = None
    ) -> int:
        """Send TIMER to `receiver` after `delay_ms`, and then every `period_ms` if that is given.

        Returns:
            The timer's id.
        """

    def cancel_timer(self, id: int) -> None:
        """Disarm a timer; nothing happens if it has fired for the last time."""

    def connect(
        self, receiver: _Receiver, arguments: ConnectArguments, socket: object = None
    ) -> Connection:
        """Begin to connect. The first event is OPENED or REFUSED, the last ENDED or REFUSED.

        Raises:
            InvalidParameter: A header, or what stands in the request line, may not travel.
        """

    def forked(self) -> None:
        """Refuse every further use: called in a forked child, where the loop's threads are missing."""

    def connections(self) -> int:
        """How many connections are being made, are open or are closing."""

    def polls(self) -> int:
        """How often `poll_events` was called."""

    def is_polling(self) -> bool:
        """Whether `poll_events` is running now; a signal handler may ask."""

    def connect_tcp(self, receiver: _Receiver, arguments: TcpArguments) -> TcpConnection:
        """Begin to make a raw TCP connection; its events go to `receiver`.

        The first is OPENED or REFUSED, the last ENDED or REFUSED. CLOSED has no data after the peer's end,
        and `(text, cause, hint)` after a failure.

        Raises:
            ValueError: A time is out of range, or `local_address` is no address.
        """

    def watch(self, fd: int, receiver: _Receiver) -> Watched:
        """Have `receiver(READABLE, None)` called when a descriptor is ready, once until `rearm`.

        Args:
            fd: An open descriptor that can be polled; it is duplicated, so it may be closed at any time.
            receiver: Who is told.
        """

    def takeovers(self) -> int:
        """How often the guardian thread drove the sockets because a handler took long."""

@final
class Watched:
    """A descriptor whose readiness is an event; made by `Loop.watch`."""

    def rearm(self) -> None:
        """Ask for the next readiness; call before looking at the descriptor."""

    def close(self) -> None:
        """Watch no more."""

@final
class Connection:
    """One WebSocket connection, made by `Loop.connect`.

    What is sent leaves at the next poll. Sends answer 0 accepted, 1 not open, 2 full for now (WRITABLE
    follows).
    """

    def send_text(self, text: str) -> int:
        """Queue a text message."""

    def send_binary(self, data: bytes) -> int:
        """Queue a binary message."""

    def ping(self) -> int:
        """Queue a ping; its pong becomes PONG."""

    def close(self, code: int, reason: str, patience_ms: float) -> bool:
        """Begin the closing handshake, or give up the dial; false when that had happened already."""

    def buffered_payload(self) -> int:
        """Payload bytes of the data messages that wait to be written."""

    def held(self, bytes: int) -> None:
        """Tell that a message of this size was handed out and is kept back: reading may have to pause."""

    def released(self, bytes: int) -> None:
        """Tell that a message that was kept back is delivered now."""

    def dropped(self) -> None:
        """Tell that a message was handed out and no handler will be given it."""

    def outcome(self) -> _Outcome | None:
        """How the handshake ended, or `None` while it has not.

        Returns:
            `(status, headers, body, cookies, failure)`; status 0 means that there was no HTTP answer,
            `failure` is `None` or `(text, hint, phase, cause)`.
        """

@type_check_only
class TcpArguments(TypedDict):
    """What `Loop.connect_tcp` needs; every key must be there. Exists for type checkers only."""

    is_tls: bool
    host: str
    port: int
    ca_pem: str | None
    insecure_skip_tls_verify: bool
    server_name: str | None
    alpn: list[str]
    timeout: float
    send_timeout: float
    read_buffer_size: int
    max_buffered: int
    no_delay: bool
    keep_alive: float | None
    local_address: str | None
    meter: tuple[Run, Account, Tags] | None

@type_check_only
class TlsArguments(TypedDict):
    """What `TcpConnection.start_tls` needs. Exists for type checkers only."""

    host: str
    ca_pem: str | None
    insecure_skip_tls_verify: bool
    server_name: str | None
    alpn: list[str]
    timeout: float

@final
class TcpConnection:
    """One raw TCP connection, made by `Loop.connect_tcp`. Writes leave at the next poll, in order."""

    def write(self, data: bytes, tags: Tags | None) -> int:
        """Queue a write, with tags of its own if given; its number from 1, 0 not open, -1 full."""

    def writes_done(self) -> int:
        """How many writes are done: their last byte is with the operating system."""

    def want_written(self, number: int) -> bool:
        """Ask for WRITTEN when this many writes are done; false when they are already."""

    def end(self) -> bool:
        """End our side behind everything written; false when that had happened already."""

    def destroy(self) -> None:
        """Close at once, or give up the dial."""

    def start_tls(self, arguments: TlsArguments) -> bool:
        """Start TLS behind everything written; TLS_STARTED follows. False when that cannot be."""

    def buffered(self) -> int:
        """Bytes that wait to be written."""

    def bytes(self) -> tuple[int, int]:
        """Application bytes so far: `(read, written)`."""

    def idle_ms(self) -> float:
        """Milliseconds since the last read, or since the connection was made."""

    def endpoints(self) -> tuple[str, int, str, int] | None:
        """`(local_ip, local_port, remote_ip, remote_port)` once the connection is open."""

    def failure(self) -> _Failure | None:
        """`(text, hint, phase, cause)` of a dial that failed."""

    def held(self, bytes: int) -> None:
        """Tell that data of this size was handed out and is kept back: reading may have to pause."""

    def released(self, bytes: int) -> None:
        """Tell that data that was kept back is delivered now."""

    def record_timeout(self) -> None:
        """Record a `timeout` event."""

    def record_error(self, tags: Tags | None) -> None:
        """Record a write that made no sense, with tags of its own if given."""

@final
class MessageEvent:
    """A message as the handlers of `k6ws.websockets` get it; made by the core."""

    @property
    def data(self) -> Any:
        """The text as `str`; binary data as a `Blob`, or as `bytes` by `binary_type`."""

    @property
    def target(self) -> Any:
        """The socket that received it."""

    type: Final[str]
    """Always `message`."""

    @property
    def timestamp(self) -> float:
        """When the message arrived, in milliseconds since 1970."""

    @property
    def timeStamp(self) -> float:  # noqa: N802 - the DOM's spelling
        """The DOM's name of `timestamp`."""

    @property
    def origin(self) -> str:
        """The URL of the socket."""

    def with_data(self, data: object) -> MessageEvent:
        """Return the same event with other data."""

@final
class Tags:
    """An immutable set of tags: equal sets are equal and hash alike."""

    def __new__(cls) -> Tags:
        """Make the empty set."""

    def extended(self, tags: list[tuple[str, str]]) -> Tags:
        """Return these tags and more; a key that is given again takes the new value."""

    def get(self, key: str) -> str | None:
        """Return the value of a tag."""

    def items(self) -> list[tuple[str, str]]:
        """Return all tags, sorted by key."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Account:
    """What a VU and its connections share; opaque, made by `Run.attach`."""

    def is_cut(self) -> bool:
        """Whether the VU has been told to stop."""

@type_check_only
class Scenario(TypedDict):
    """A scenario that is valid, as `Options.scenarios` tells it. Exists for type checkers only."""

    name: str
    exec: str
    """Which function of the script its VUs run."""
    env: dict[str, str]
    executor: str
    vus: int
    description: str
    max_duration_ms: float
    """When it must have ended, from the start of the test, graceful stop included."""

@final
class Options:
    """Options that are valid; made by `parse_options`."""

    @property
    def warnings(self) -> list[str]:
        """Remarks for the user, one line each."""

    @property
    def user_agent(self) -> str:
        """What the `User-Agent` header says."""

    @property
    def insecure_skip_tls_verify(self) -> bool:
        """Whether certificates go unverified."""

    @property
    def throw(self) -> bool:
        """Whether a failed `ws.connect` raises."""

    @property
    def no_cookies_reset(self) -> bool:
        """Whether a VU's cookies outlive its iterations."""

    @property
    def summary_time_unit(self) -> str | None:
        """`summaryTimeUnit`, if given."""

    def scenarios(self) -> list[Scenario]:
        """Return the scenarios, in the order they were given."""

@final
class Run:
    """A load test on a loop. VUs count from 0, across scenarios."""

    def __new__(cls, owner: Loop, options: Options) -> Run:
        """Prepare a run; nothing starts before `begin`.

        Raises:
            OptionsError: The options cannot be run.
        """

    def vus(self) -> int:
        """How many VUs all scenarios have together."""

    def scenario_of(self, vu: int) -> int:
        """Return the index of the scenario that a VU belongs to.

        Raises:
            ValueError: There is no such VU.
        """

    def attach(self, vu: int, receiver: _Receiver) -> tuple[Account, Tags]:
        """Name the receiver of a VU's START_ITERATION and HARD_STOP.

        Returns:
            The VU's account, and the tags it starts with.

        Raises:
            ValueError: There is no such VU.
        """

    def watch(self, receiver: _Receiver) -> None:
        """Name the receiver that is called, once, when every scenario has finished."""

    def begin(self) -> None:
        """Start the test clock, and with it the scenarios."""

    def wake(self) -> None:
        """Let scenarios whose time has come start or end."""

    def next_wake(self) -> float | None:
        """Milliseconds until `wake` must be called again, if at all."""

    def iteration_began(self, vu: int) -> None:
        """Tell that a VU begins the iteration it was told to start."""

    def iteration_ended(self, vu: int, tags: Tags, is_interrupted: bool) -> None:
        """Tell that a VU's iteration is over; `tags` are the VU's at this moment."""

    def stop(self) -> None:
        """Start nothing more, and cut what runs."""

    def end(self) -> None:
        """Stop the test clock."""

    def sample_vus(self) -> None:
        """Record how many VUs there are."""

    def has_system_tag(self, name: str) -> bool:
        """Whether samples carry this system tag."""

    def check(self, account: Account, group: str, tags: Tags, name: str, is_passed: bool) -> None:
        """Record one result of a check made in `group`; nothing for a VU that was cut."""

    def malformed_url(self, account: Account, tags: Tags, url: str) -> None:
        """Record an attempt to connect to something that is no WebSocket URL."""

    def tcp_error(self, account: Account, tags: Tags) -> None:
        """Record a TCP connect that was refused before anything was dialled."""

    def group_ended(self, account: Account, tags: Tags, ms: float) -> None:
        """Record how long a group took; nothing for a VU that was cut."""

    def summary(
        self, *, no_color: bool, stdout_is_tty: bool, stderr_is_tty: bool
    ) -> dict[str, Any]:
        """What happened, in the schema of `handle_summary`, and our own part under `run`."""

    def series(self, name: str) -> list[dict[str, Any]]:
        """Every series of a metric as `{"tags": …, "values": …}`; empty without samples."""

    def progress(self) -> dict[str, Any]:
        """How far the run is: what `_ui` draws while it lasts."""

@final
class EchoServer:
    """A WebSocket echo server on a thread of its own; stopped by `stop`, or when it is dropped."""

    def __new__(
        cls, host: str = "127.0.0.1", port: int = 0, identity: tuple[str, str] | None = None
    ) -> EchoServer:
        """Listen on `host:port`; port 0 takes a free one.

        Args:
            host: An IP address.
            port: A port.
            identity: A certificate chain and its key, both PEM, to serve `wss`.

        Raises:
            ValueError: `host` is not an IP address.
            OSError: It cannot listen there, or the identity is unusable.
        """

    def url(self) -> str:
        """Return the URL that clients connect to."""

    def counts(self) -> dict[str, int]:
        """Return what it has counted so far: connections, messages and bytes, both ways."""

    def wait(self, ms: int) -> None:
        """Wait for this many milliseconds, or less if the server ends."""

    def stop(self) -> dict[str, int]:
        """Close every connection with 1001 and stop; returns the last counts."""

def parse_options(tiers: str) -> Options:
    """Parse tiers of options, lowest first, given as JSON: `[["script", {…}], ["cli", {…}]]`.

    Raises:
        OptionsError: An option is unknown or wrong.
        ValueError: This is not JSON of that shape.
    """

def parse_duration(text: str) -> float:
    """Return the milliseconds in a duration such as `1m30s`; `ValueError` if it is none."""

def may_close_with(code: int) -> bool:
    """Whether a script may close with this code (RFC 6455 section 7.4)."""

def check_ca(pem: str) -> None:
    """Raise `ValueError` when this PEM text holds no usable certificate."""
