"""How sessions end: per cause the error events, the close code and the Close frame we send."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

import k6ws
from k6ws import InvalidCloseCode, K6Error, ws
from support import frames
from support.runs import STATE, assert_session_metrics, session_in_run
from support.servers import (
    EchoServer,
    ScriptedServer,
    Step,
    WebsocketsServer,
    fin,
    read_frame,
    read_to_end,
    rst,
    send,
    upgrade,
    wait_for,
)
from support.transcript import Event, Transcript

NEVER_ON_THE_WIRE = {*range(1000), 1004, 1005, 1006, 1015, *range(5000, 65536)}


def nothing(_: ws.Socket) -> None:
    """A session that leaves everything to the server."""


def end_of(script: list[Step]) -> tuple[list[Event], list[frames.Frame], Transcript]:
    """Events after `open`, and the frames the server saw, of a session that follows a script."""
    transcript = Transcript()
    with ScriptedServer(script) as server:
        response = ws.connect(server.url(), transcript.before(nothing))
        peer = server.peer()
        peer.wait_end()
    assert response.status == 101
    assert transcript.events[0] == ("open",)
    return transcript.events[1:], peer.frames, transcript


def peer_sends(data: bytes) -> list[Step]:
    """The server sends this, waits for our Close and ends TCP as it should."""
    return [upgrade(then=data), read_frame(frames.CLOSE), fin, read_to_end]


@pytest.mark.parity("ws-closing-fires-close")
def test_closing_in_open_fires_close(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.close())

    _, result = session_in_run(url, transcript.before(session))
    assert transcript.events == [("open",), ("close", 1001)]
    assert any_server.journal.session().close_code == 1001
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-server-closes-in-order")
def test_a_server_that_closes_with_1000_is_no_error(any_server: EchoServer) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("test"))

    response, _ = session_in_run(any_server.url("/ws-close"), transcript.before(session))
    assert response.status == 101
    # The message may find the connection closed already; that is the only error there may be.
    assert [event for event in transcript.events if event[0] != "error"] == [
        ("open",),
        ("close", 1000),
    ]
    assert any_server.journal.session().close_code == 1000


@pytest.mark.parity("ws-server-drops-tcp")
@pytest.mark.parametrize("path", ["/ws-close-invalid", "/ws-echo-invalid"])
def test_a_server_that_drops_tcp_ends_the_session_with_1006(
    any_server: EchoServer, path: str
) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("test"))

    session_in_run(any_server.url(path), transcript.before(session))
    assert transcript.events == [
        ("open",),
        ("message", "test"),
        ("error", "websocket: close 1006 (abnormal closure): unexpected EOF"),
        ("close", 1006),
    ]


@pytest.mark.parametrize(
    ("path", "code", "errors"),
    [
        pytest.param("/ws-close", 1000, [], marks=pytest.mark.parity("ws-close-1000-is-reported")),
        pytest.param(
            "/ws-close-1001", 1001, [], marks=pytest.mark.parity("ws-close-1001-is-reported")
        ),
        pytest.param(
            "/ws-close-1011",
            1011,
            [("error", "websocket: close 1011 (internal server error): out of order")],
            marks=pytest.mark.parity("ws-close-1011-is-reported"),
        ),
    ],
)
def test_the_servers_close_code_is_reported_once_and_soon(
    any_server: EchoServer, path: str, code: int, errors: list[Event]
) -> None:
    transcript = Transcript()
    started = time.monotonic()
    ws.connect(any_server.url(path), transcript.before(nothing))
    assert time.monotonic() - started < 1
    assert transcript.events == [("open",), *errors, ("close", code)]
    assert any_server.journal.session().close_code == code


@pytest.mark.parametrize("code", [1000, 1001, 1011, 2000, 3000, 4999])
def test_our_close_code_is_reported_and_sent(code: int) -> None:
    transcript = Transcript()
    script = [upgrade(), read_frame(frames.CLOSE), send(frames.close(code)), fin, read_to_end]
    with ScriptedServer(script) as server:
        ws.connect(server.url(), transcript.before(lambda socket: socket.close(code)))
        server.peer().wait_end()
        assert [frame.payload for frame in server.peer().frames] == [code.to_bytes(2, "big")]
    assert transcript.events == [("close", code)]


def test_closing_with_1005_sends_an_empty_close() -> None:
    transcript = Transcript()
    script = [upgrade(), read_frame(frames.CLOSE), send(frames.close()), fin, read_to_end]
    with ScriptedServer(script) as server:
        ws.connect(server.url(), transcript.before(lambda socket: socket.close(1005)))
        server.peer().wait_end()
        assert [frame.payload for frame in server.peer().frames] == [b""]
    assert transcript.events == [("close", 1005)]


@pytest.mark.parametrize("code", [-1, 0, 999, 1004, 1006, 1015, 5000, 65536 + 1000])
def test_a_code_that_may_not_be_sent_is_refused_and_closes_nothing(
    server: WebsocketsServer, code: int
) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        with pytest.raises(InvalidCloseCode) as caught:
            socket.close(code)
        assert isinstance(caught.value, K6Error)
        assert isinstance(caught.value, ValueError)
        socket.on("open", lambda: socket.send("still open"))
        socket.on("message", lambda: socket.close(3000))

    ws.connect(server.url("/ws-echo"), transcript.before(session))
    assert transcript.events == [("open",), ("message", "still open"), ("close", 3000)]
    assert server.journal.session().close_code == 3000


@pytest.mark.parametrize("code", [object(), "soon", float("nan"), float("inf"), None, []])
def test_what_is_no_code_is_refused_by_name(server: WebsocketsServer, code: Any) -> None:
    def session(socket: ws.Socket) -> None:
        with pytest.raises(TypeError, match="the close code is a number, not "):
            socket.close(code)
        socket.close()

    ws.connect(server.url("/ws-echo"), session)


def test_a_second_close_does_nothing(server: WebsocketsServer) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("close", lambda: socket.close(3002))
        socket.on("open", lambda: (socket.close(3000), socket.close(3001)))

    ws.connect(server.url("/ws-echo"), transcript.before(session))
    assert transcript.events == [("open",), ("close", 3000)]
    assert server.journal.session().close_code == 3000


@pytest.mark.parametrize("code", [1000, 1001])
@pytest.mark.parametrize("reason", ["", "done here"])
def test_a_normal_close_of_the_peer_is_answered_without_reason(code: int, reason: str) -> None:
    events, seen, _ = end_of(peer_sends(frames.close(code, reason)))
    assert events == [("close", code)]
    assert [frame.payload for frame in seen] == [code.to_bytes(2, "big")]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (1002, " (protocol error)"),
        (1003, " (unsupported data)"),
        (1007, " (invalid payload data)"),
        (1008, " (policy violation)"),
        (1009, " (message too big)"),
        (1010, " (mandatory extension missing)"),
        (1011, " (internal server error)"),
        (1012, ""),
        (1013, ""),
        (3000, ""),
        (4999, ""),
    ],
)
@pytest.mark.parametrize("reason", ["", "because of \u00fc"])
def test_any_other_close_of_the_peer_is_an_error_first(code: int, name: str, reason: str) -> None:
    events, seen, transcript = end_of(peer_sends(frames.close(code, reason)))
    text = f"websocket: close {code}{name}" + (f": {reason}" if reason else "")
    assert events == [("error", text), ("close", code)]
    assert [frame.close_code for frame in seen] == [code]
    error = transcript.errors[0]
    assert (error.code, error.text) == (code, reason)
    assert str(error).startswith(text)


def test_an_empty_close_of_the_peer_is_1005_and_answered_alike() -> None:
    events, seen, transcript = end_of(peer_sends(frames.close()))
    assert events == [("error", "websocket: close 1005 (no status)"), ("close", 1005)]
    assert [frame.payload for frame in seen] == [b""]
    assert (transcript.errors[0].code, transcript.errors[0].text) == (1005, "")


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2000, 2999, 5000, 65535])
def test_a_close_with_an_invalid_code_is_a_protocol_error(code: int) -> None:
    events, seen, _ = end_of(peer_sends(frames.close(code)))
    (kind, text), close = events
    assert (kind, close) == ("error", ("close", 1002))
    assert text != "websocket: close sent"
    assert str(code) in str(text)
    assert [frame.close_code for frame in seen] == [1002]


@pytest.mark.parametrize(
    "data",
    [
        frames.frame(0x3, b"reserved"),
        frames.frame(0xB, b""),
        frames.frame(frames.TEXT, b"rsv1", rsv=4),
        frames.frame(frames.TEXT, b"rsv3", rsv=1),
        frames.frame(frames.TEXT, b"masked", masked=True),
        frames.frame(frames.CONTINUATION, b"of nothing"),
        frames.frame(frames.TEXT, b"a", fin=False) + frames.frame(frames.TEXT, b"b"),
        frames.frame(frames.PING, b"in pieces", fin=False),
        frames.frame(frames.PING, b"p" * 126),
        frames.frame(frames.CLOSE, b"\x03"),
    ],
    ids=[
        "opcode 3",
        "opcode 11",
        "rsv1",
        "rsv3",
        "masked",
        "stray continuation",
        "data inside a message",
        "fragmented ping",
        "long ping",
        "close of one byte",
    ],
)
def test_a_protocol_violation_is_named_and_closed_with_1002(data: bytes) -> None:
    events, seen, transcript = end_of(peer_sends(data + frames.text("never delivered")))
    (kind, text), close = events
    assert (kind, close) == ("error", ("close", 1002))
    assert text != "websocket: close sent"
    assert transcript.errors[0].error() == text
    assert [frame.close_code for frame in seen if frame.opcode == frames.CLOSE] == [1002]


@pytest.mark.parametrize(
    "data",
    [frames.frame(frames.TEXT, b"\xff"), frames.frame(frames.CLOSE, b"\x03\xe8\xff")],
    ids=["message", "close reason"],
)
def test_text_that_is_not_utf_8_is_refused_with_1007(data: bytes) -> None:
    events, seen, _ = end_of(peer_sends(data))
    (kind, text), close = events
    assert (kind, close) == ("error", ("close", 1007))
    assert text != "websocket: close sent"
    assert [frame.close_code for frame in seen] == [1007]


@pytest.mark.parametrize("half", [b"", frames.text("cut short")[:-2]], ids=["idle", "half a frame"])
def test_a_fin_without_close_is_1006_and_never_1006_on_the_wire(half: bytes) -> None:
    events, seen, transcript = end_of([upgrade(then=half), fin, read_to_end])
    text = "websocket: close 1006 (abnormal closure): unexpected EOF"
    assert events == [("error", text), ("close", 1006)]
    assert transcript.errors[0].code == 1006
    sent = {frame.close_code for frame in seen if frame.opcode == frames.CLOSE}
    assert sent & NEVER_ON_THE_WIRE == set()


def test_a_reset_is_reported_as_what_it_is() -> None:
    opened = threading.Event()
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: opened.set())

    with ScriptedServer([upgrade(), wait_for(opened), rst]) as server:
        ws.connect(server.url(), transcript.before(session))
    opening, (kind, text), close = transcript.events
    assert (opening, kind, close) == (("open",), "error", ("close", 1006))
    assert "connection reset" in str(text)


def test_data_on_its_way_when_we_close_does_not_become_a_reset() -> None:
    transcript = Transcript()
    late = frames.text("late") * 20 + frames.close(1001)
    script = [upgrade(), read_frame(frames.CLOSE), send(late), fin, read_to_end]
    with ScriptedServer(script) as server:
        ws.connect(server.url(), transcript.before(lambda socket: socket.close()))
        assert server.peer().wait_end() == "fin"
    assert transcript.events == [("close", 1001)]


@pytest.mark.parametrize(("params", "limit"), [({}, 3.0), ({"close_timeout": "100ms"}, 0.8)])
def test_a_peer_that_never_answers_close_delays_the_return_but_no_handler(
    params: Any, limit: float
) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: (transcript.note("closing"), socket.close()))

    with ScriptedServer([upgrade(), read_frame(frames.CLOSE), read_to_end]) as server:
        started = time.monotonic()
        response = ws.connect(server.url(), params, transcript.before(session))
        assert time.monotonic() - started < limit
        assert server.peer().wait_end() in {"fin", "rst"}
    assert response.status == 101
    assert transcript.events == [("open",), ("closing",), ("close", 1001)]
    assert transcript.time_of("close", 1001) - transcript.time_of("closing") < 0.5


def test_an_interrupted_session_sends_1001_and_calls_no_handler() -> None:
    transcript = Transcript()
    script = [upgrade(), read_frame(frames.CLOSE), send(frames.close(1001)), fin, read_to_end]
    with ScriptedServer(script) as server:
        scenario: k6ws.Scenario = {
            "executor": "constant-vus",
            "vus": 1,
            "duration": "1s",
            "gracefulStop": "0s",
        }
        started = time.monotonic()
        result = k6ws.run(
            lambda: ws.connect(server.url(), transcript.before(nothing)),
            scenarios={"cut": scenario},
            **STATE,
        )
        assert time.monotonic() - started < 4
        server.peer().wait_end()
        assert [frame.close_code for frame in server.peer().frames] == [1001]
    assert transcript.events == [("open",)]
    assert result.exceptions == []
    durations = [values for _, values in result.series("ws_session_duration")]
    assert [values["count"] for values in durations] == [1]
