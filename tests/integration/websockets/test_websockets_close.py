"""How sockets of `k6ws.websockets` end: the events, their codes, the Close frame that we send."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws.websockets import WebSocket
from support import frames
from support.runs import STATE, assert_session_metrics, run_once
from support.servers import (
    EchoServer,
    ScriptedServer,
    Step,
    WebsocketsServer,
    fin,
    hang,
    read_frame,
    read_to_end,
    rst,
    send,
    upgrade,
)

OPTIONS = {key: value for key, value in STATE.items() if key != "throw"}
EOF = "websocket: close 1006 (abnormal closure): unexpected EOF"


def follow(socket: WebSocket, story: list[Any]) -> None:
    """Note what `error` and `close` say, in order."""
    socket.add_event_listener("error", lambda event: story.append(event.error))
    socket.add_event_listener(
        "close", lambda event: story.append((event.code, event.reason, event.was_clean))
    )


def nothing(_socket: WebSocket) -> None:
    """Leaves it to the peer."""


def end_of(
    script: list[Step], opened: Callable[[WebSocket], object] = nothing, **params: Any
) -> tuple[list[Any], list[int | None]]:
    """The story of a socket against a script, and the codes of the Close frames the server saw."""
    story: list[Any] = []
    with ScriptedServer(script) as server:
        socket = WebSocket(server.url(), **params)
        follow(socket, story)
        socket.onopen = lambda: opened(socket)
        assert k6ws.wait("10s")
        assert socket.ready_state == WebSocket.CLOSED
        peer = server.peer()
        peer.wait_end()
    return story, [one.close_code for one in peer.frames if one.opcode == frames.CLOSE]


def peer_sends(data: bytes) -> list[Step]:
    return [upgrade(then=data), read_frame(frames.CLOSE), fin, read_to_end]


def peer_answers(data: bytes) -> list[Step]:
    return [upgrade(), read_frame(frames.CLOSE), send(data), fin, read_to_end]


@pytest.mark.parity("websocket-close-1000")
def test_closing_with_1000(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    story: list[Any] = []

    def default() -> None:
        socket = WebSocket(url)
        follow(socket, story)
        socket.onopen = lambda: socket.close(1000)

    assert_session_metrics(run_once(default, **OPTIONS), url)
    assert story == [(1000, "", True)]
    assert any_server.journal.session().close_code == 1000


@pytest.mark.parity("websocket-reason-travels")
def test_our_own_reason_travels_and_is_not_reported() -> None:
    story, codes = end_of(
        peer_answers(frames.close(1000)), lambda s: s.close(1000, "a really good reason")
    )
    assert (story, codes) == ([(1000, "", True)], [1000])


@pytest.mark.parity("websocket-close-code-is-checked", "websocket-reason-is-bounded")
@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (
            (1001,),
            k6ws.InvalidAccessError,
            (
                "InvalidAccessError: Failed to execute 'close' on 'WebSocket': The close code must be "
                "either 1000, or between 3000 and 4999"
            ),
        ),
        (
            (1000, "é" * 62),
            k6ws.InvalidCloseReason,
            (
                "SyntaxError: Failed to execute 'close' on 'WebSocket': "
                "The message must not be greater than 123 bytes"
            ),
        ),
        ((5000,), k6ws.InvalidAccessError, "5000 is neither"),
        (("soon",), TypeError, "the close code is a number, not 'soon'"),
        ((float("inf"),), TypeError, "the close code is a number, not inf"),
    ],
)
def test_a_refused_close_changes_nothing(
    server: WebsocketsServer, arguments: Any, error: type[Exception], text: str
) -> None:
    url = server.url("/ws-echo")

    def default() -> None:
        socket = WebSocket(url)

        def opened() -> None:
            with pytest.raises(error) as caught:
                socket.close(*arguments)
            assert text in str(caught.value)
            assert socket.ready_state == WebSocket.OPEN
            socket.close()

        socket.onopen = opened

    assert_session_metrics(run_once(default, **OPTIONS), url)


@pytest.mark.parity("websocket-close-of-the-server")
def test_a_close_of_the_server_brings_its_code_and_reason(any_server: EchoServer) -> None:
    url = any_server.url("/ws-close-reason")
    story: list[Any] = []

    def default() -> None:
        follow(WebSocket(url), story)

    assert_session_metrics(run_once(default, **OPTIONS), url)
    assert story == [(1001, "closed by server", True)]


@pytest.mark.parity("websocket-close-while-connecting")
def test_closing_while_connecting_gives_up_the_dial(
    server: WebsocketsServer, caplog: pytest.LogCaptureFixture
) -> None:
    story: list[Any] = []

    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        match socket.ready_state:
            case 0:
                story.append("connecting")
            case _:
                story.append("too late")
        follow(socket, story)
        socket.onopen = lambda: story.append("never")
        socket.close()
        story.append(socket.ready_state)

    run_once(default)
    assert story == ["connecting", WebSocket.CLOSING, (1006, "", False)]
    assert caplog.records == []


def test_closing_while_connecting_to_a_server_that_never_answers_ends_at_once() -> None:
    story: list[Any] = []
    began = time.monotonic()
    with ScriptedServer([hang]) as server:
        socket = WebSocket(server.url())
        follow(socket, story)
        socket.close()
        assert k6ws.wait("5s")
    assert story == [(1006, "", False)]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("code", [3000, 4001, 4999])
def test_no_error_when_the_peer_echoes_the_code_that_was_asked_for(code: int) -> None:
    story, codes = end_of(peer_answers(frames.close(code)), lambda s: s.close(code, "why"))
    assert (story, codes) == ([(code, "", True)], [code])


def test_an_answer_with_another_code_is_an_error() -> None:
    story, codes = end_of(peer_answers(frames.close(4002, "no")), lambda s: s.close(4001))
    assert (story, codes) == (["websocket: close 4002: no", (4002, "no", True)], [4001])


def test_a_peer_that_drops_tcp_instead_of_answering_is_an_error() -> None:
    script: list[Step] = [upgrade(), read_frame(frames.CLOSE), fin, read_to_end]
    story, codes = end_of(script, lambda s: s.close())
    assert (story, codes) == ([EOF, (1006, "unexpected EOF", False)], [1000])


def test_a_peer_that_never_answers_our_close_is_waited_for_in_bounds() -> None:
    began = time.monotonic()
    story, codes = end_of([upgrade(), read_to_end], lambda s: s.close(), close_timeout=50)
    assert (story, codes) == ([(1006, "no answer to our Close", False)], [1000])
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("sent", "story", "answer"),
    [
        (frames.close(1000), [(1000, "", True)], 1000),
        (frames.close(1001, "bye"), [(1001, "bye", True)], 1001),
        (
            frames.close(1011, "out of order"),
            [
                "websocket: close 1011 (internal server error): out of order",
                (1011, "out of order", True),
            ],
            1011,
        ),
        (frames.close(1014), ["websocket: close 1014", (1014, "", True)], 1014),
        (frames.close(), ["websocket: close 1005 (no status)", (1005, "", True)], None),
    ],
)
def test_a_close_of_the_peer(sent: bytes, story: list[Any], answer: int | None) -> None:
    assert end_of(peer_sends(sent)) == (story, [answer])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frames.close(999), 1002),
        (frames.close(1005), 1002),
        (frames.frame(0x3, b""), 1002),
        (frames.frame(0x1, b"\xff\xfe"), 1007),
        (frames.frame(0x8, b"\x03"), 1002),
        (frames.frame(0x8, b"\x03\xe8\xff"), 1007),
    ],
)
def test_a_violation_is_an_error_with_its_own_code(sent: bytes, code: int) -> None:
    story, codes = end_of(peer_sends(sent))
    assert codes == [code]
    [error, (closed, _, was_clean)] = story
    assert (closed, was_clean) == (code, False)
    assert error.startswith(f"websocket: close {code}")


def test_the_end_of_tcp_is_an_error() -> None:
    story, codes = end_of([upgrade(), fin, read_to_end])
    assert (story, codes) == ([EOF, (1006, "unexpected EOF", False)], [])


def test_a_reset_is_an_error() -> None:
    story, _ = end_of([upgrade(), rst])
    [error, closed] = story
    assert "connection reset by peer" in error
    assert closed == (1006, "", False)


@pytest.mark.parity("websocket-dial-error-needs-no-listener", "websocket-close-fires-once")
def test_a_refused_handshake_is_an_error_then_one_close(any_server: EchoServer) -> None:
    story: list[Any] = []
    exceptions: list[BaseException] = []

    def default() -> None:
        WebSocket(any_server.url("/no-such-path"))
        socket = WebSocket(any_server.url("/no-such-path"))
        follow(socket, story)
        socket.onclose = lambda: story.append("onclose")
        socket.onerror = lambda event: exceptions.append(event.exception)

    result = run_once(default)
    assert story == ["websocket: bad handshake", "onclose", (1006, "", False)]
    [exception] = exceptions
    assert isinstance(exception, k6ws.ConnectError)
    assert (exception.status, exception.cause) == (404, "handshake_status")
    assert result.metrics["ws_sessions"].count == 2


def test_a_dial_error_without_listeners_is_no_exception() -> None:
    run_once(lambda: WebSocket("ws://127.0.0.1:1/"))


def test_a_url_with_user_information_fails_as_a_connection() -> None:
    story: list[Any] = []

    def default() -> None:
        follow(WebSocket("ws://user:secret@127.0.0.1:1/"), story)

    result = run_once(default)
    assert story == ["malformed ws or wss URL", (1006, "", False)]
    assert result.metrics["ws_sessions"].count == 1


@pytest.mark.parity("websocket-pings-without-end-hang-nobody")
def test_pings_without_end_and_a_lost_connection_hang_nobody() -> None:
    story: list[Any] = []
    pings = b"".join(frames.frame(0x9, str(n).encode()) for n in range(20))
    with ScriptedServer([upgrade(then=pings), read_frame(frames.TEXT), rst]) as server:

        def default() -> None:
            socket = WebSocket(server.url())
            follow(socket, story)
            socket.onping = lambda: story.append("ping")
            socket.onopen = lambda: [socket.send("x" * 1000) for _ in range(100)]

        run_once(default)
    assert story[-1][0] == 1006
    assert story.count("ping") <= 20


def test_messages_after_our_close_are_dropped_and_counted_pongs_are_not() -> None:
    after = frames.text("late") + frames.frame(0x9, b"p") + frames.close(1000)
    story: list[Any] = []
    script: list[Step] = [upgrade(), read_frame(frames.CLOSE), send(after), fin, read_to_end]
    with ScriptedServer(script) as server:

        def default() -> None:
            socket = WebSocket(server.url())
            socket.onopen = lambda: socket.close()
            socket.onmessage = lambda: story.append("message")
            socket.onping = lambda: story.append("ping")
            follow(socket, story)

        result = run_once(default)
    assert story == ["ping", (1000, "", True)]
    assert result.metrics["ws_msgs_dropped"].count == 1


def test_a_cut_closes_with_1000_and_tells_nobody() -> None:
    story: list[Any] = []
    with ScriptedServer([upgrade(), read_frame(frames.CLOSE), fin, read_to_end]) as server:

        def default() -> None:
            follow(WebSocket(server.url()), story)

        scenario: k6ws.Scenario = {
            "executor": "constant-vus",
            "vus": 1,
            "duration": "1s",
            "gracefulStop": "10ms",
        }
        result = k6ws.run(default, scenarios={"s": scenario})
        peer = server.peer()
        peer.wait_end()
    assert [one.close_code for one in peer.frames] == [1000]
    assert story == []
    assert result.metrics["ws_session_duration"]["avg"] > 900
