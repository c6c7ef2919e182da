"""Events of a session: which handler is called, with what, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws import WSError, ws
from k6ws.ws.socket import EventName
from support import frames
from support.runs import assert_session_metrics, session_in_run, total
from support.servers import (
    EchoServer,
    ScriptedServer,
    WebsocketsServer,
    fin,
    read_frame,
    read_to_end,
    send,
    upgrade,
)
from support.transcript import Transcript

GOODBYE = [read_frame(frames.CLOSE), send(frames.close(1001)), fin, read_to_end]


def close_after(socket: ws.Socket, event: EventName, count: int = 1) -> None:
    """Close the socket when the event has come `count` times."""
    left = [count]

    def count_down() -> None:
        left[0] -= 1
        if left[0] == 0:
            socket.close()

    socket.on(event, count_down)


@pytest.mark.parity("ws-echo-is-the-message")
def test_an_echo_arrives_as_the_message_that_was_sent(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("test"))
        close_after(socket, "message")

    _, result = session_in_run(url, transcript.before(session))
    assert transcript.events == [("open",), ("message", "test"), ("close", 1001)]
    assert any_server.journal.session().messages == ["test"]
    assert total(result, "ws_msgs_sent", url=url) == 1
    assert total(result, "ws_msgs_received", url=url) == 1
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-ping-has-its-pong")
def test_a_ping_is_answered_and_measured_once(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.ping())
        close_after(socket, "pong")

    _, result = session_in_run(url, transcript.before(session))
    assert transcript.events == [("open",), ("pong",), ("close", 1001)]
    assert total(result, "ws_ping", url=url) == 1
    assert total(result, "ws_msgs_sent") == total(result, "ws_msgs_received") == 0
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-every-pong-handler-runs")
def test_every_handler_of_an_event_runs_in_order_of_registration(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")
    calls: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.ping())
        socket.on("pong", lambda: calls.append("first"))
        socket.on("pong", lambda: (calls.append("second"), socket.close()))

    _, result = session_in_run(url, session)
    assert calls == ["first", "second"]
    assert total(result, "ws_ping", url=url) == 1
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-three-messages-in-turn")
def test_three_messages_each_caused_by_the_echo_before(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo-multi")
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("0"))
        socket.on(
            "message",
            lambda text: socket.close() if text == "2" else socket.send(str(int(text) + 1)),
        )

    _, result = session_in_run(url, transcript.before(session))
    assert transcript.events == [
        ("open",),
        ("message", "0"),
        ("message", "1"),
        ("message", "2"),
        ("close", 1001),
    ]
    assert any_server.journal.session().messages == ["0", "1", "2"]
    assert total(result, "ws_msgs_sent", url=url) == 3
    assert total(result, "ws_msgs_received", url=url) == 3
    assert_session_metrics(result, url)


def test_on_works_as_a_decorator_and_returns_the_handler(server: WebsocketsServer) -> None:
    calls: list[object] = []
    handlers: list[object] = []

    def session(socket: ws.Socket) -> None:
        @socket.on("open")
        def greet() -> None:
            socket.send("hello")

        @socket.on("message")
        def keep(message: str) -> None:
            calls.append(message)
            socket.close()

        handlers.extend([greet, keep])

    ws.connect(server.url("/ws-echo"), session)
    assert calls == ["hello"]
    assert all(callable(handler) for handler in handlers)


def test_handlers_get_as_many_arguments_as_they_accept(server: WebsocketsServer) -> None:
    calls: list[tuple[object, ...]] = []

    def everything(*given: object) -> None:
        calls.append(given)

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("m"))
        socket.on("message", lambda: calls.append(()))
        socket.on("message", lambda message: calls.append((message,)))
        socket.on("message", everything)
        socket.on("message", lambda message, more="default": calls.append((message, more)))
        socket.on("message", lambda: socket.close())

    ws.connect(server.url("/ws-echo"), session)
    assert calls == [(), ("m",), ("m",), ("m", "default")]


def test_a_handler_registered_during_dispatch_waits_for_the_next_event(
    server: WebsocketsServer,
) -> None:
    calls: list[str] = []

    def session(socket: ws.Socket) -> None:
        def register(message: str) -> None:
            calls.append(f"early {message}")
            if message == "1":
                socket.on("message", lambda message: (calls.append(f"late {message}"), leave()))
                socket.send("2")

        def leave() -> None:
            socket.close()

        socket.on("open", lambda: socket.send("1"))
        socket.on("message", register)

    ws.connect(server.url("/ws-echo-multi"), session)
    assert calls == ["early 1", "early 2", "late 2"]


def test_unknown_events_and_handlers_that_are_none_are_accepted(server: WebsocketsServer) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        loose: Any = socket
        loose.on("no such event", lambda: transcript.note("never"))
        loose.on("open", 5)
        socket.close()

    ws.connect(server.url("/ws-echo"), transcript.before(session))
    assert transcript.events == [("close", 1001)]


def test_what_came_with_the_handshake_is_delivered_after_open() -> None:
    together = frames.text("one") + frames.frame(frames.BINARY, b"two") + frames.frame(frames.PING)
    transcript = Transcript()
    with ScriptedServer([upgrade(then=together), *GOODBYE]) as server:
        ws.connect(server.url(), transcript.before(lambda s: close_after(s, "ping")))
    assert transcript.events == [
        ("open",),
        ("message", "one"),
        ("binaryMessage", b"two"),
        ("ping",),
        ("close", 1001),
    ]


def test_a_ping_from_the_server_is_answered_with_its_payload_before_the_handler_runs() -> None:
    transcript = Transcript()
    script = [
        upgrade(then=frames.frame(frames.PING, b"are you there")),
        read_frame(frames.PONG),
        send(frames.text("heard")),
        *GOODBYE,
    ]
    with ScriptedServer(script) as server:
        ws.connect(server.url(), transcript.before(lambda s: close_after(s, "message")))
        assert server.peer().frames[0].payload == b"are you there"
    assert transcript.events == [("open",), ("ping",), ("message", "heard"), ("close", 1001)]


def test_an_unsolicited_pong_is_an_event_but_not_a_measurement() -> None:
    transcript = Transcript()
    script = [upgrade(then=frames.frame(frames.PONG, b"out of the blue")), *GOODBYE]
    with ScriptedServer(script) as server:
        session = transcript.before(lambda s: close_after(s, "pong"))
        _, result = session_in_run(server.url(), session)
    assert transcript.events == [("open",), ("pong",), ("close", 1001)]
    assert result.series("ws_ping") == []


def test_a_duplicated_pong_is_measured_once() -> None:
    transcript = Transcript()
    pong = frames.frame(frames.PONG, b"0")
    script = [upgrade(), read_frame(frames.PING), send(pong + pong), *GOODBYE]

    def session(socket: ws.Socket) -> None:
        socket.ping()
        close_after(socket, "pong", 2)

    with ScriptedServer(script) as server:
        _, result = session_in_run(server.url(), transcript.before(session))
        assert server.peer().frames[0].payload == b"0"
    assert transcript.events == [("open",), ("pong",), ("pong",), ("close", 1001)]
    assert total(result, "ws_ping") == 1


def test_pings_are_numbered_from_zero_on_each_socket() -> None:
    script = [upgrade(), read_frame(), read_frame(), send(frames.text("enough")), *GOODBYE]

    def session(socket: ws.Socket) -> None:
        socket.ping()
        socket.ping()
        close_after(socket, "message")

    with ScriptedServer(script) as server:
        ws.connect(server.url(), session)
        ws.connect(server.url(), session)
        for peer in (server.peer(0), server.peer(1)):
            pings = [frame.payload for frame in peer.frames if frame.opcode == frames.PING]
            assert pings == [b"0", b"1"]


def test_a_fragmented_message_is_put_together_around_a_ping() -> None:
    pieces = (
        frames.frame(frames.TEXT, "gr\u00fc".encode()[:3], fin=False)
        + frames.frame(frames.PING, b"between")
        + frames.frame(frames.CONTINUATION, "gr\u00fc\u00df".encode()[3:], fin=True)
    )
    transcript = Transcript()
    with ScriptedServer([upgrade(then=pieces), *GOODBYE]) as server:
        ws.connect(server.url(), transcript.before(lambda s: close_after(s, "message")))
    assert transcript.events == [
        ("open",),
        ("ping",),
        ("message", "gr\u00fc\u00df"),
        ("close", 1001),
    ]


def test_open_is_skipped_when_the_callback_closed_the_socket(server: WebsocketsServer) -> None:
    transcript = Transcript()
    ws.connect(server.url("/ws-echo"), transcript.before(lambda socket: socket.close()))
    assert transcript.events == [("close", 1001)]


def test_nothing_is_delivered_after_close() -> None:
    transcript = Transcript()
    flood = frames.text("more") * 50 + frames.frame(frames.PING)
    with ScriptedServer(
        [upgrade(then=flood), read_frame(frames.CLOSE), fin, read_to_end]
    ) as server:

        def session(socket: ws.Socket) -> None:
            socket.set_interval(lambda: transcript.note("tick"), 1)
            close_after(socket, "message", 3)

        ws.connect(server.url(), transcript.before(session))
    kinds = [event for event in transcript.events if event != ("tick",)]
    assert kinds == [("open",), *[("message", "more")] * 3, ("close", 1001)]
    assert transcript.events[-1] == ("close", 1001)


@pytest.mark.parity("ws-send-after-close-is-an-error-event")
def test_sending_after_close_is_an_error_event_and_not_a_sent_message(
    server: WebsocketsServer,
) -> None:
    url = server.url("/ws-echo")
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: (socket.close(), socket.send("test"), socket.send_binary(b"t")))

    _, result = session_in_run(url, transcript.before(session))
    errors = [event for event in transcript.events if event[0] == "error"]
    assert errors == [("error", "websocket: close sent")] * 2
    assert all(isinstance(error, WSError) for error in transcript.errors)
    assert transcript.events[0] == ("open",)
    assert transcript.events.count(("close", 1001)) == 1
    assert len(transcript.events) == 4
    assert total(result, "ws_msgs_sent") == 0
    assert server.journal.session().messages == []
    assert_session_metrics(result, url)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 1 << 20])
def test_messages_of_every_length_come_back_whole(any_server: EchoServer, size: int) -> None:
    received: list[str | bytes] = []
    text, data = "t" * size, bytes(range(256)) * (size // 256) + b"\xff" * (size % 256)

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: (socket.send(text), socket.send_binary(data)))
        socket.on("message", received.append)
        socket.on("binaryMessage", lambda data: (received.append(data), socket.close()))

    ws.connect(any_server.url("/ws-echo-multi"), session)
    assert received == [text, data]
