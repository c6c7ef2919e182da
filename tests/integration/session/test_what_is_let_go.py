"""What a session has no more use for is let go, however long its times are."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from k6ws import _core, framing, sleep, tcp, ws
from support.tcp_server import TcpServer


def assert_gone(kept: weakref.ref[Any]) -> None:
    # The receiver of the latest event is at hand until there is another one.
    sleep(0.001)
    gc.collect()
    assert kept() is None


class Beat:
    """What is sent again and again."""

    def __call__(self) -> str:
        return "beat"


def test_a_session_that_is_over_is_not_kept_by_what_it_was_to_send(echo: _core.EchoServer) -> None:
    beat = Beat()
    with ws.open(echo.url()) as session:
        session.every("1h", beat)
    kept = weakref.ref(beat)
    del session, beat
    assert_gone(kept)


def test_a_session_that_is_over_is_not_kept_for_its_peer() -> None:
    def encode(message: Any) -> bytes:
        return bytes(message)

    codec = framing.Codec(bytes, encode, whole=True)
    with (
        TcpServer() as server,
        tcp.open("127.0.0.1", server.port, codec=codec, close_timeout="1h") as session,
    ):
        session.send(b"a")
        assert session.recv() == b"a"
    kept = weakref.ref(encode)
    del session, codec, encode
    assert_gone(kept)
