"""One WebSocket connection, and what opens it."""

from collections.abc import Sequence
from typing import TypeAlias, TypedDict, final, type_check_only

from k6ws._core.conversation import Conversation
from k6ws._core.event_loop import Loop
from k6ws._core.framing import Framing
from k6ws._core.receivers import Receiver
from k6ws._core.run import Run
from k6ws._core.settings import WebSocketSettings
from k6ws._core.vu import Account, Tags

# `(text, hint, phase, cause)`.
_Failure: TypeAlias = tuple[str, str, str, str]
# `(status, headers, body, cookies, failure)`.
_Outcome: TypeAlias = tuple[int, list[tuple[str, str]], str, list[str], _Failure | None]

@type_check_only
class ConnectArguments(TypedDict):
    """Where to, and what is asked there; every key must be there. Exists for type checkers only."""

    is_tls: bool
    host: str
    """Name or address that is dialled, and that a certificate must be for."""
    port: int
    path: str
    """Path and query of the request line."""
    host_header: str
    user_agent: str
    headers: Sequence[tuple[str, str]]
    """Further headers, in order."""
    settings: WebSocketSettings
    framing: Framing | None
    conversation: Conversation | None
    """How what is received is cut into messages, if not as the peer sends them."""
    meter: tuple[Run, Account, Tags, str] | None
    """Where samples go, and the URL they are tagged with; `None` outside a run."""

def connect(
    owner: Loop, receiver: Receiver, arguments: ConnectArguments, socket: object = None
) -> Connection:
    """Begin to connect. The first event is OPENED or REFUSED, the last ENDED or REFUSED.

    Raises:
        InvalidParameter: A header, or what stands in the request line, may not travel.
    """

@final
class Connection:
    """One WebSocket connection, made by `connect`.

    What is sent leaves at the next poll. Sends answer 0 accepted, 1 not open, 2 full for now (WRITABLE
    follows).
    """

    def send_text(self, text: str) -> int:
        """Queue a text message."""

    def send_binary(self, data: bytes) -> int:
        """Queue a binary message."""

    def converse(self) -> Conversation:
        """Its requests and rules: it has them from now on."""

    def resume(self, before: Conversation) -> Conversation:
        """Those that it was given when it was made, from now on as its own."""

    def reconnects(self) -> None:
        """Record that its session connects again."""

    def was_down(self, ms: float) -> None:
        """Record that its session was down for so long."""

    def ping(self) -> int:
        """Queue a ping; its pong becomes PONG."""

    def pause_reading(self, is_paused: bool) -> None:
        """Read no more from the peer, or again."""

    def close(self, code: int, reason: str, patience_ms: float) -> bool:
        """Begin the closing handshake, or give up the dial; false when that had happened already."""

    def cut(self, code: int, patience_ms: float) -> None:
        """Close what nobody waits for any more: over after the patience, whatever is under way."""

    def buffered_payload(self) -> int:
        """Payload bytes of the data messages that wait to be written."""

    def held(self, bytes: int) -> None:
        """Tell that a message of this size was handed out and is kept back: reading may have to pause."""

    def released(self, bytes: int) -> None:
        """Tell that a message that was kept back is delivered now."""

    def dropped(self) -> None:
        """Tell that a message was handed out and no handler will be given it."""

    def unsent(self) -> None:
        """Tell that a data message was refused because the session has ended; nobody else is told."""

    def unhandled(self, messages: int) -> None:
        """Tell that so many messages were handed out, and the script had no handler for them."""

    def take_outcome(self) -> _Outcome | None:
        """How the handshake ended, once it has and the first time this is asked; else `None`.

        Returns:
            `(status, headers, body, cookies, failure)`; status 0 means that there was no HTTP answer,
            `failure` is `None` or `(text, hint, phase, cause)`.
        """
