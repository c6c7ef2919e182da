"""A WebSocket server that notes what TLS was like on each connection."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any, cast

from support import frames
from support.scripted import Peer, ScriptedServer, read_frame, send, upgrade


@dataclass(frozen=True)
class Seen:
    """What Python's `ssl` says of a connection that was accepted."""

    version: str | None
    cipher: str
    alpn: str | None
    client: str | None
    """The common name in the certificate of the client."""
    is_resumed: bool


class TlsWitness(ScriptedServer):
    """Accepts, and answers a Close; `seen` has one entry for each handshake that succeeded."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.seen: list[Seen] = []
        self.names: list[str | None] = []
        """What was asked for by SNI."""
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        script = [self._note, upgrade(), read_frame(8), send(frames.close(1000))]
        super().__init__(script, tls=context)

    def _note(self, peer: Peer) -> None:
        sock = peer.sock
        assert isinstance(sock, ssl.SSLSocket)
        certificate = cast("dict[str, Any]", sock.getpeercert() or {})
        names = {key: value for part in certificate.get("subject", ()) for key, value in part}
        cipher = sock.cipher()
        seen = Seen(
            version=sock.version(),
            cipher=cipher[0] if cipher else "",
            alpn=sock.selected_alpn_protocol(),
            client=names.get("commonName"),
            is_resumed=bool(sock.session_reused),
        )
        self.seen.append(seen)
