"""`k6ws.websockets`: a socket's life when all goes well."""

from __future__ import annotations

import array
import time
from typing import Any

import pytest

import k6ws
from k6ws import execution
from k6ws.websockets import Blob, WebSocket
from support.runs import STATE, assert_session_metrics, run_once, total
from support.servers import EchoServer, WebsocketsServer

# k6 states its items without `throw`.
OPTIONS = {key: value for key, value in STATE.items() if key != "throw"}


@pytest.mark.parity("websocket-listener-sends-text")
def test_a_string_is_sent_on_open(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")

    def default() -> None:
        socket = WebSocket(url)
        socket.add_event_listener("open", lambda: (socket.send("something"), socket.close()))

    assert_session_metrics(run_once(default, **OPTIONS), url)
    assert any_server.journal.session().messages == ["something"]


@pytest.mark.parity("websocket-listener-sends-a-blob")
def test_a_blob_is_sent_on_open(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")

    def default() -> None:
        socket = WebSocket(url)
        socket.add_event_listener("open", lambda: (socket.send(Blob(["a", b"b"])), socket.close()))

    assert_session_metrics(run_once(default, **OPTIONS), url)
    assert any_server.journal.session().messages == [b"ab"]


@pytest.mark.parity("websocket-onopen-is-called")
def test_the_onopen_attribute_is_called(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")

    def default() -> None:
        socket = WebSocket(url)
        socket.onopen = lambda: (socket.send("something"), socket.close())

    assert_session_metrics(run_once(default, **OPTIONS), url)


@pytest.mark.parity("websocket-ready-states")
def test_ready_state_goes_from_0_to_3(server: WebsocketsServer) -> None:
    states: list[int] = []

    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        states.append(socket.ready_state)

        def opened() -> None:
            states.append(socket.readyState)
            socket.close()
            states.append(socket.ready_state)

        socket.onopen = opened
        socket.onclose = lambda: states.append(socket.ready_state)

    run_once(default)
    assert states == [0, 1, 2, 3]
    constants = (WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED)
    assert constants == (0, 1, 2, 3)


@pytest.mark.parity("websocket-buffered-amount")
def test_buffered_amount_is_what_was_sent_and_not_written(server: WebsocketsServer) -> None:
    amounts: list[int] = []
    later: list[int] = []

    def default() -> None:
        socket = WebSocket(server.url("/ws-echo-multi"))

        def opened() -> None:
            socket.send(b"\x01\x02")
            amounts.append(socket.bufferedAmount)
            socket.send("k6")
            amounts.append(socket.buffered_amount)
            socket.ping()
            amounts.append(socket.buffered_amount)

        def message() -> None:
            later.append(socket.buffered_amount)
            if len(later) == 2:
                socket.close()

        socket.onopen = opened
        socket.onmessage = message
        socket.onclose = lambda: amounts.append(socket.buffered_amount)

    run_once(default)
    assert amounts == [2, 4, 4, 0], "pings and the Close do not count"
    assert later == [0, 0]


@pytest.mark.parity("websocket-binary-comes-as-its-type")
@pytest.mark.parametrize("binary_type", [None, "blob", "arraybuffer"])
def test_binary_messages_come_as_their_type_says(any_server: EchoServer, binary_type: Any) -> None:
    got: list[Any] = []

    def default() -> None:
        socket = WebSocket(any_server.url("/ws-echo"))
        if binary_type is not None:
            socket.binary_type = binary_type
        assert socket.binaryType == (binary_type or "blob")
        socket.onopen = lambda: socket.send(bytes(164))
        socket.onmessage = lambda event: (got.append(event.data), socket.close())

    run_once(default)
    [data] = got
    if binary_type == "arraybuffer":
        assert data == bytes(164)
    else:
        assert isinstance(data, Blob)
        assert len(data.array_buffer().wait()) == 164


@pytest.mark.parity("websocket-sends-only-the-view")
def test_only_the_viewed_part_of_a_buffer_is_sent(server: WebsocketsServer) -> None:
    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        view = memoryview(bytearray(1024))[10:11]
        socket.onopen = lambda: (socket.send(view), socket.close())

    run_once(default)
    assert server.journal.session().messages == [bytes(1)]


@pytest.mark.parity("websocket-two-sockets-talk")
@pytest.mark.parametrize("by_attribute", [False, True])
def test_two_sockets_of_a_vu_talk_to_each_other(
    server: WebsocketsServer, *, by_attribute: bool
) -> None:
    heard: list[tuple[str, str]] = []
    urls = [server.url(f"/ws-room?{name}") for name in "ab"]

    def default() -> None:
        sockets = [WebSocket(url) for url in urls]
        opened: list[WebSocket] = []

        def open_(event: Any) -> None:
            opened.append(event.target)
            if len(opened) == 2:
                for name, socket in zip("ab", sockets, strict=True):
                    socket.send(f"from {name}")

        def message(event: Any) -> None:
            heard.append((event.target.url[-1], event.data))
            event.target.close()

        for socket in sockets:
            if by_attribute:
                socket.onopen, socket.onmessage = open_, message
            else:
                socket.addEventListener("open", open_)
                socket.addEventListener("message", message)

    result = run_once(default, **OPTIONS)
    assert sorted(heard) == [("a", "from b"), ("b", "from a")]
    # Two series would be one too many: the query is no part of the tag.
    assert_session_metrics(result, server.url("/ws-room"))


@pytest.mark.parity("websocket-ping-has-one-pong")
@pytest.mark.parametrize("by_attribute", [False, True])
def test_a_ping_brings_one_pong(any_server: EchoServer, *, by_attribute: bool) -> None:
    url = any_server.url("/ws-echo")
    pongs: list[float] = []

    def default() -> None:
        socket = WebSocket(url)

        def pong(event: Any) -> None:
            pongs.append(event.timestamp)
            socket.close()

        if by_attribute:
            socket.onopen, socket.onpong = socket.ping, pong
        else:
            socket.add_event_listener("open", socket.ping)
            socket.add_event_listener("pong", pong)

    before = time.time() * 1000
    result = run_once(default, **OPTIONS)
    assert_session_metrics(result, url)
    assert (len(pongs), total(result, "ws_ping")) == (1, 1)
    assert before - 1000 < pongs[0] < time.time() * 1000 + 1000


@pytest.mark.parity("websocket-arrays-come-back", "websocket-arrays-count-as-buffered")
@pytest.mark.parametrize("typecode", ["b", "h", "i", "B", "H", "I", "f", "d"])
def test_typed_arrays_are_echoed_element_by_element(any_server: EchoServer, typecode: str) -> None:
    sent = array.array(typecode, [1, 2, 3, 42])
    got: list[object] = []

    def default() -> None:
        socket = WebSocket(any_server.url("/ws-echo"))
        socket.binary_type = "arraybuffer"

        def opened() -> None:
            socket.send(sent)
            got.append(socket.buffered_amount)

        def message(event: Any) -> None:
            got.append(socket.buffered_amount)
            echoed: array.array[int] = array.array(typecode)
            echoed.frombytes(event.data)
            got.append(echoed)
            socket.close()

        socket.onopen, socket.onmessage = opened, message

    run_once(default)
    assert got == [len(sent) * sent.itemsize, 0, sent]


def test_many_sockets_of_a_vu_keep_its_iteration_going(server: WebsocketsServer) -> None:
    got: list[str] = []

    def default() -> None:
        for number in range(200):
            socket = WebSocket(server.url("/ws-echo"))
            socket.onopen = lambda event, number=number: event.target.send(str(number))
            socket.onmessage = lambda event: (got.append(event.data), event.target.close())

    result = run_once(default)
    assert sorted(map(int, got)) == list(range(200))
    assert result.metrics["ws_sessions"].count == 200
    assert result.metrics["ws_session_duration"]["avg"] > 0
    assert total(result, "ws_msgs_received") == 200


def test_messages_keep_their_order_and_none_comes_before_open(server: WebsocketsServer) -> None:
    story: list[object] = []

    def default() -> None:
        socket = WebSocket(server.url("/ws-echo-multi"))

        def opened() -> None:
            story.append("open")
            for number in range(500):
                socket.send(str(number))

        def message(event: Any) -> None:
            story.append(int(event.data))
            if event.data == "499":
                socket.close()

        socket.onopen, socket.onmessage = opened, message
        # Everything waits until the function has returned.
        server.journal.session(ended=False)
        k6ws.sleep(0.01)
        assert story == []

    run_once(default)
    assert story == ["open", *range(500)]


def test_handlers_see_their_vu_and_may_wait(server: WebsocketsServer) -> None:
    wrong: list[tuple[int, int]] = []

    def default() -> None:
        me = execution.vu.id_in_test
        socket = WebSocket(server.url("/ws-echo-multi"))
        got: list[str] = []

        def message(event: Any) -> None:
            k6ws.sleep(0.002)
            got.append(event.data)
            wrong.extend([(me, execution.vu.id_in_test)] if execution.vu.id_in_test != me else [])
            if len(got) == 5:
                assert got == list("abcde")
                socket.close()

        socket.onopen = lambda: [socket.send(letter) for letter in "abcde"]
        socket.onmessage = message

    result = run_once(default, vus=10, iterations=30)
    assert wrong == []
    assert result.metrics["ws_msgs_received"].count == 150


def test_events_of_the_dom_have_their_fields(server: WebsocketsServer) -> None:
    events: list[Any] = []

    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        for name in ("open", "message", "close"):
            socket.add_event_listener(name, events.append)  # type: ignore[call-overload]
        socket.onopen = lambda: socket.send("x")
        socket.onmessage = lambda: socket.close(1000)

    run_once(default)
    opened, message, closed = events
    assert [event.type for event in events] == ["open", "message", "close"]
    assert {event.target for event in events} == {opened.target}
    assert opened.timestamp <= message.timestamp <= closed.timestamp
    assert message.timeStamp == message.timestamp
    assert (message.data, message.origin) == ("x", server.url("/ws-echo"))
    assert (closed.code, closed.reason, closed.was_clean, closed.wasClean) == (1000, "", True, True)
