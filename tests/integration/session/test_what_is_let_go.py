"""What a session has no more use for is let go, however long its times are."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from k6ws import _core, framing, match, sleep, tcp, ws
from k6ws.correlate import by, in_order
from support.tcp_server import TcpServer


def assert_gone(kept: weakref.ref[Any]) -> None:
    # The receiver of the latest event is at hand until there is another one.
    sleep(0.001)  # the point: there is one
    gc.collect()
    assert kept() is None


class Beat:
    """What is sent again and again."""

    def __call__(self, *_message: Any) -> str:
        return "beat"


def test_a_session_that_is_over_is_not_kept_by_what_it_was_to_send(echo: _core.EchoServer) -> None:
    beat = Beat()
    with ws.open(echo.url()) as session:
        session.every("1h", beat)
    kept = weakref.ref(beat)
    del session, beat
    assert_gone(kept)


def test_what_is_asked_about_a_reply_goes_with_its_request(echo: _core.EchoServer) -> None:
    with ws.open(echo.url(), correlate=by("/id")) as session:
        kept: list[weakref.ref[Any]] = []
        for number in range(300):
            about = [Beat(), Beat(), Beat()]
            kept += map(weakref.ref, about)
            ways: list[dict[str, Any]] = [
                {"check": about[0]},
                {"done": about[1], "check": {"a": about[0]}},
                {"match": about[2]},
                # Its late reply may come, which they are asked about by then.
                {"done": ~match.text & about[0], "timeout": "1ms"},
            ]
            session.request(f'{{"id": {number}}}', "a", default=None, **ways[number % 4])
            del about, ways
        # The others went with their requests: those of late replies, and what is at hand, are left.
        sleep(0.001)  # the point: another event comes
        gc.collect()
        assert sum(one() is not None for one in kept) <= 300 / 4 + 9


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


def test_whoever_has_left_is_woken_by_no_reply(echo: _core.EchoServer) -> None:
    woken: list[Any] = []

    def wake(*told: Any) -> None:
        woken.append(told)

    with ws.open(echo.url(), correlate=in_order()) as session:
        session.request("before", "ask")
        core = session._source.desk.core
        assert core.ask("left", 0, None, wake) > 0
        core.leave(print)
        core.leave(wake)
        core.leave(wake)
        assert session.request("behind", "ask") == "behind"
    assert woken == []
