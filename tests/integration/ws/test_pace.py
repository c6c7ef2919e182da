"""Silence, our own pings, slow reading and paused reading."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from k6ws import _core, ws
from k6ws.errors import InvalidParameter, UnknownOption, WSError
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, hang, read_frame, send, upgrade
from support.servers import WebsocketsServer


def errors_of(url: str, **params: Any) -> list[tuple[str, str]]:
    """What `error` handlers were told by both APIs, with the cause."""
    told: list[tuple[str, str]] = []

    def heard(error: WSError) -> None:
        told.append((str(error), error.cause))

    def default() -> None:
        ws.connect(url, lambda socket: socket.on("error", heard), close_timeout=50, **params)
        socket = WebSocket(url, close_timeout=50, **params)
        socket.onerror = lambda event: told.append((event.error, "idle_timeout"))

    result = run_once(default)
    assert {tags.get("error_code") for tags, _ in result.series("ws_closes")} == {"idle_timeout"}
    return told


def test_a_silent_peer_is_left_after_idle_timeout() -> None:
    with ScriptedServer([upgrade(), send(frames.text("hi")), hang]) as server:
        assert (
            errors_of(server.url(), idle_timeout="150ms")
            == [("websocket: nothing came for 150ms", "idle_timeout")] * 2
        )


def test_a_peer_that_answers_no_ping_is_left_by_keep_alive() -> None:
    with ScriptedServer([upgrade(), hang]) as server:
        params = {"keep_alive": {"interval": 100, "timeout": timedelta(milliseconds=50)}}
        assert (
            errors_of(server.url(), **params)
            == [("websocket: no pong within 50ms", "idle_timeout")] * 2
        )


def test_keep_alive_lets_a_peer_be_whose_pong_waits_to_be_read() -> None:
    """What `recv_rate` lets wait is no silence of the peer."""
    errors: list[WSError] = []
    ended: list[float] = []

    def session(socket: ws.Socket) -> None:
        socket.on("error", errors.append)
        socket.on("pong", socket.close)
        socket.on("close", lambda: ended.append(time.monotonic()))

    script = [
        upgrade(),
        read_frame(frames.PING),
        # Half a second of reading before the pong of the first ping.
        send(frames.text("x" * 50_000) + frames.frame(frames.PONG, b"0")),
        read_frame(frames.CLOSE),
        send(frames.close(1000)),
    ]
    with ScriptedServer(script) as server:
        ws.connect(
            server.url(),
            session,
            keep_alive={"interval": "50ms", "timeout": "100ms"},
            recv_rate=100_000,
        )
    assert errors == []
    assert len(ended) == 1


def test_keep_alive_lets_a_quiet_peer_that_answers_be(server: WebsocketsServer) -> None:
    pongs: list[float] = []

    def session(socket: ws.Socket) -> None:
        def pong() -> None:
            pongs.append(time.monotonic())
            if len(pongs) == 4:
                socket.close()

        socket.on("pong", pong)

    result = run_once(
        lambda: ws.connect(server.url("/ws-listen"), session, keep_alive=60, idle_timeout=5_000),
        summaryTrendStats=["count"],
    )
    assert len(pongs) == 4
    assert pongs[-1] - pongs[0] >= 0.15
    assert result.metrics["ws_ping"].count == 4


def test_while_reading_is_paused_nothing_comes_and_nothing_is_lost(echo: _core.EchoServer) -> None:
    got: list[str] = []
    at_resume: list[int] = []

    def session(socket: ws.Socket) -> None:
        def opened() -> None:
            socket.pause_reading()
            for number in range(10):
                socket.send(str(number))
            socket.set_timeout(resumed, 200)

        def resumed() -> None:
            at_resume.append(len(got))
            socket.resume_reading()

        def message(text: str) -> None:
            got.append(text)
            if len(got) == 10:
                socket.close()

        socket.on("open", opened)
        socket.on("message", message)

    run_once(lambda: ws.connect(echo.url(), session))
    assert at_resume == [0]
    assert got == [str(number) for number in range(10)]


def test_a_paused_reader_blocks_the_peers_sends_and_keeps_nothing() -> None:
    sent: list[int] = []

    def flood(peer: Any) -> None:
        peer.sock.settimeout(0.3)
        block = frames.frame(0x2, bytes(1 << 16))
        try:
            while len(sent) < 1000:
                peer.sock.sendall(block)
                sent.append(1)
        except TimeoutError:
            return

    got: list[bytes] = []
    at_close: list[int] = []

    def session(socket: ws.Socket) -> None:
        socket.pause_reading()
        socket.on("binaryMessage", got.append)
        socket.set_timeout(lambda: (at_close.append(len(got)), socket.close()), 1_000)

    with ScriptedServer([upgrade(), flood, hang]) as server:
        run_once(lambda: ws.connect(server.url(), session, close_timeout=50))
    assert 0 < len(sent) < 1000, "the peer could send without end"
    # What came before the pause took effect, at most; the rest waited in the kernel.
    assert at_close[0] <= 20


def test_recv_rate_is_how_fast_a_flood_is_read() -> None:
    flood = frames.frame(0x2, bytes(1000)) * 60
    got: list[float] = []

    def session(socket: ws.Socket) -> None:
        def message() -> None:
            got.append(time.monotonic())
            if len(got) == 60:
                socket.close()

        socket.on("binaryMessage", message)

    with ScriptedServer([upgrade(), send(flood), read_frame(frames.CLOSE)]) as server:
        run_once(lambda: ws.connect(server.url(), session, recv_rate=100_000))
    # 60 kB at 100 kB/s, of which a tenth of a second's come at once.
    assert len(got) == 60
    assert 0.4 <= got[-1] - got[0] <= 3.0


@pytest.mark.parametrize(
    ("params", "error", "text"),
    [
        ({"idle_timeout": 0}, InvalidParameter, "idle_timeout of 0"),
        ({"idle_timeout": "soon"}, InvalidParameter, "idle_timeout"),
        ({"idleTimeout": []}, TypeError, "idle_timeout"),
        ({"keep_alive": -1}, InvalidParameter, "keep_alive"),
        ({"keep_alive": {}}, InvalidParameter, "needs an interval"),
        ({"keepAlive": {"interval": 5, "intervall": 5}}, UnknownOption, "keep_alive.intervall"),
        ({"recv_rate": 0}, InvalidParameter, "recv_rate of 0"),
        ({"recv_rate": float("nan")}, InvalidParameter, "recv_rate"),
        ({"recv_rate": "1M"}, TypeError, "recv_rate"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_dialled(
    params: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        ws.connect("ws://127.0.0.1:1/", params, lambda socket: None)
