"""What may be sent, and the texts that refuse the rest."""

from __future__ import annotations

import array
from typing import Any

import pytest

from k6ws import K6Error, ws
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


@pytest.mark.parity("ws-text-and-binary")
def test_text_and_binary_come_back_as_what_they_were(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo-multi")
    transcript = Transcript()
    payload = bytes(range(256))

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: (socket.send("test"), socket.send_binary(payload)))
        socket.on("binaryMessage", lambda: socket.close())

    _, result = session_in_run(url, transcript.before(session))
    assert transcript.events == [
        ("open",),
        ("message", "test"),
        ("binaryMessage", payload),
        ("close", 1001),
    ]
    assert any_server.journal.session().messages == ["test", payload]
    assert total(result, "ws_msgs_sent", url=url) == 2
    assert total(result, "ws_msgs_received", url=url) == 2
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-binary-is-bytes")
def test_a_binary_message_is_delivered_as_bytes(any_server: EchoServer) -> None:
    received: list[bytes] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send_binary(b"hello"))
        socket.on("binaryMessage", lambda data: (received.append(data), socket.close()))

    ws.connect(any_server.url("/ws-echo"), session)
    assert [type(data) for data in received] == [bytes]
    assert received[0].decode() == "hello"


MISSING = object()


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        pytest.param(
            MISSING,
            "missing argument, expected ArrayBuffer",
            # What JavaScript calls undefined is an argument that was not given.
            marks=pytest.mark.parity("send-binary-needs-an-argument"),
        ),
        pytest.param(None, "received: null", marks=pytest.mark.parity("send-binary-refuses-null")),
        pytest.param(
            True, "received: Boolean", marks=pytest.mark.parity("send-binary-refuses-booleans")
        ),
        pytest.param(
            1, "received: Number", marks=pytest.mark.parity("send-binary-refuses-numbers")
        ),
        pytest.param(
            3.14, "received: Number", marks=pytest.mark.parity("send-binary-refuses-numbers")
        ),
        pytest.param(
            "str", "received: String", marks=pytest.mark.parity("send-binary-refuses-text")
        ),
        pytest.param(
            [1, 2, 3], "received: Array", marks=pytest.mark.parity("send-binary-refuses-lists")
        ),
        pytest.param(
            object(), "received: object", marks=pytest.mark.parity("send-binary-refuses-objects")
        ),
        pytest.param(
            lambda: None,
            "received: Function",
            marks=pytest.mark.parity("send-binary-refuses-functions"),
        ),
    ],
    ids=["missing", "None", "bool", "int", "float", "str", "list", "object", "function"],
)
def test_send_binary_refuses_what_is_not_bytes(
    server: WebsocketsServer, argument: object, text: str
) -> None:
    expected = text if argument is MISSING else f"expected ArrayBuffer as argument, {text}"
    caught: list[K6Error] = []

    def session(socket: ws.Socket) -> None:
        send_binary: Any = socket.send_binary
        with pytest.raises(K6Error) as error:
            send_binary() if argument is MISSING else send_binary(argument)
        caught.append(error.value)
        socket.close()

    _, result = session_in_run(server.url("/ws-echo"), session)
    assert [str(error)[: len(expected)] for error in caught] == [expected]
    assert total(result, "ws_msgs_sent") == 0
    assert server.journal.session().messages == []


@pytest.mark.parity("send-binary-takes-views")
@pytest.mark.parametrize(
    "data",
    [b"hello", bytearray(b"hello"), memoryview(b"hello"), array.array("B", b"hello")],
    ids=["bytes", "bytearray", "memoryview", "array"],
)
def test_send_binary_takes_every_bytes_like_object(server: WebsocketsServer, data: Any) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send_binary(data))
        socket.on("binaryMessage", lambda: socket.close())

    ws.connect(server.url("/ws-echo"), session)
    assert server.journal.session().messages == [b"hello"]


def test_bytes_changed_after_send_binary_leave_as_they_were(server: WebsocketsServer) -> None:
    def session(socket: ws.Socket) -> None:
        data = bytearray(b"before")
        socket.send_binary(data)
        data[:] = b"after!"
        socket.on("binaryMessage", lambda: socket.close())

    ws.connect(server.url("/ws-echo"), session)
    assert server.journal.session().messages == [b"before"]


@pytest.mark.parametrize(
    ("data", "sent"),
    [("text", "text"), (1700000000123, "1700000000123"), (1.5, "1.5"), (True, "true")],
)
def test_send_writes_numbers_and_booleans_as_javascript_does(
    server: WebsocketsServer, data: str | float, sent: str
) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send(data))
        socket.on("message", lambda: socket.close())

    ws.connect(server.url("/ws-echo"), session)
    assert server.journal.session().messages == [sent]


@pytest.mark.parametrize("data", [None, {}, [], object(), b"bytes"])
def test_send_refuses_what_has_no_obvious_text(server: WebsocketsServer, data: Any) -> None:
    def session(socket: ws.Socket) -> None:
        with pytest.raises(TypeError):
            socket.send(data)
        socket.close()

    ws.connect(server.url("/ws-echo"), session)
    assert server.journal.session().messages == []


def test_both_spellings_are_the_same_methods(server: WebsocketsServer) -> None:
    ticks: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.sendBinary(b"camel")
        socket.send_binary(b"snake")
        socket.setTimeout(lambda: ticks.append("camel"), 1)
        socket.set_timeout(lambda: ticks.append("snake"), 2)
        socket.setInterval(lambda: None, 1000)
        socket.set_interval(socket.close, 20)

    ws.connect(server.url("/ws-listen"), session)
    assert ticks == ["camel", "snake"]
    assert server.journal.session().messages == [b"camel", b"snake"]


def test_every_client_frame_is_masked_and_final() -> None:
    script = [upgrade(), read_frame(), read_frame(), send(frames.close(1000)), read_frame(), fin]

    def session(socket: ws.Socket) -> None:
        socket.send("gr\u00fc\u00df")
        socket.send_binary(b"\0")

    with ScriptedServer([*script, read_to_end]) as server:
        ws.connect(server.url(), session)
        seen = server.peer().frames
    assert seen[:2] == [
        frames.Frame(frames.TEXT, "gr\u00fc\u00df".encode(), masked=True),
        frames.Frame(frames.BINARY, b"\0", masked=True),
    ]
    assert (seen[2].opcode, seen[2].close_code, seen[2].masked) == (frames.CLOSE, 1000, True)
