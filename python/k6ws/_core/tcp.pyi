"""One raw TCP connection, and what opens it."""

from typing import TypeAlias, TypedDict, final, type_check_only

from k6ws._core.conversation import Conversation
from k6ws._core.dial import SocketArguments
from k6ws._core.event_loop import Loop
from k6ws._core.framing import Framing
from k6ws._core.receivers import Receiver
from k6ws._core.run import Run
from k6ws._core.tls import TlsSettings
from k6ws._core.vu import Account, Tags

# `(text, hint, phase, cause)`.
_Failure: TypeAlias = tuple[str, str, str, str]

@type_check_only
class TcpArguments(TypedDict):
    """What `connect_tcp` needs; every key must be there. Exists for type checkers only."""

    is_tls: bool
    host: str
    port: int
    tls: TlsSettings | None
    socket: SocketArguments
    timeout: float
    send_timeout: float
    read_buffer_size: int
    recv_rate: float | None
    """Bytes a second."""
    max_buffered: int
    framing: Framing | None
    conversation: Conversation | None
    """How data is cut into messages: TEXT where these are text, DATA else."""
    meter: tuple[Run, Account, Tags] | None

@type_check_only
class StartTlsArguments(TypedDict):
    """What `TcpConnection.start_tls` needs. Exists for type checkers only."""

    host: str
    port: int
    tls: TlsSettings | None
    run: Run | None
    """Whose options hold where `tls` says nothing."""
    timeout: float

def connect_tcp(owner: Loop, receiver: Receiver, arguments: TcpArguments) -> TcpConnection:
    """Begin to make a raw TCP connection; its events go to `receiver`.

    The first is OPENED or REFUSED, the last ENDED or REFUSED. CLOSED has no data after the peer's end,
    and `(text, cause, hint)` after a failure.

    Raises:
        ValueError: A time is out of range, or `local_address` is no address.
    """

@final
class TcpConnection:
    """One raw TCP connection, made by `connect_tcp`. Writes leave at the next poll, in order."""

    def write(self, data: bytes, tags: Tags | None) -> int:
        """Queue a write, with tags of its own if given; its number from 1, 0 not open, -1 full."""

    def converse(self) -> Conversation:
        """Its requests and rules: it has them from now on."""

    def resume(self, before: Conversation) -> Conversation:
        """Those that it was given when it was made, from now on as its own."""

    def reconnects(self) -> None:
        """Record that its session connects again."""

    def was_down(self, ms: float) -> None:
        """Record that its session was down for so long."""

    def writes_done(self) -> int:
        """How many writes are done: their last byte is with the operating system."""

    def want_written(self, number: int) -> bool:
        """Ask for WRITTEN when this many writes are done; false when they are already."""

    def end(self) -> bool:
        """End our side behind everything written; false when that had happened already."""

    def destroy(self) -> None:
        """Close at once, or give up the dial."""

    def adjust(self, *, no_delay: bool | None = None, keep_alive: float | None = None) -> None:
        """Change options of the socket, now or as soon as it is open; `keep_alive` of 0 ms is off."""

    def start_tls(self, arguments: StartTlsArguments) -> bool:
        """Start TLS behind everything written; TLS_STARTED follows. False when that cannot be.

        With a framing it fails where messages came before it that the script has not been told of, or a
        part of one.
        """

    def set_framing(self, framing: Framing) -> bool:
        """Cut what comes from here on by another framing; false where there was none.

        Raises:
            FramingError: A part of a message has come.
        """

    def pause_reading(self, is_paused: bool) -> None:
        """Read no more from the peer, or again."""

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

    def unhandled(self, messages: int) -> None:
        """Tell that so many messages were handed out, and nobody took them."""

    def record_timeout(self) -> None:
        """Record a `timeout` event."""

    def record_error(self, tags: Tags | None) -> None:
        """Record a write that made no sense, with tags of its own if given."""
