"""Requests and rules on the sockets that k6 has: what is measured, what handlers get, what is left behind."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws import _core, tcp, ws
from k6ws.correlate import by, capture, in_order
from k6ws.errors import FramingError
from k6ws.framing import Codec, fixed, length_prefix, lines
from k6ws.match import equals
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.tcp_server import TcpServer
from support.tcp_server import echo as answer

BY_ID = by("/id", name="ask")
# The echo answers with the same text, in which this correlation finds no reply.
UNANSWERED = by("/id", capture("reply (.+)"))
HOST = "127.0.0.1"


def figures(result: Any, name: str) -> dict[str, float]:
    return dict(result.metrics[name])


def test_one_line_measures_every_exchange_of_callbacks_and_handlers_get_all(
    echo: _core.EchoServer,
) -> None:
    seen: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.correlate(BY_ID)

        def ask() -> None:
            socket.send(f'{{"id": {len(seen)}}}')

        def message(text: str) -> None:
            seen.append(text)
            if text == "no key in it":
                return
            if len(seen) == 5:
                socket.send("no key in it")
            if len(seen) < 10:
                ask()
            else:
                socket.close()

        socket.on("open", ask)
        socket.on("message", message)

    result = run_once(lambda: ws.connect(echo.url(), session))
    exchanges = [text for text in seen if "id" in text]
    assert figures(result, "ws_reqs")["count"] == len(exchanges)
    assert figures(result, "ws_req_failed") == {"rate": 0, "passes": 0, "fails": len(exchanges)}
    assert figures(result, "ws_msgs_received")["count"] == len(seen)


def test_what_is_measured_and_not_answered_has_failed_at_the_end(
    echo: _core.EchoServer,
) -> None:
    def default() -> None:
        socket = WebSocket(echo.url())

        def opened(_event: Any) -> None:
            socket.correlate(UNANSWERED)
            socket.send('{"id": 1}')
            socket.onmessage = lambda _event: socket.close()

        socket.onopen = opened

    result = run_once(default)
    assert figures(result, "ws_req_failed") == {"rate": 1, "passes": 1, "fails": 0}


def silent_ws(url: str) -> Any:
    def session(socket: ws.Socket) -> None:
        socket.correlate(UNANSWERED, timeout="30ms")
        # Nothing is under way the first times that somebody looks; then something that has more time.
        socket.set_timeout(lambda: socket.start("ask", "ask", match="never", timeout="1m"), 100)
        socket.set_timeout(lambda: socket.send('{"id": 1}'), 150)
        socket.set_timeout(socket.close, 1_000)

    return lambda: ws.connect(url, session)


def silent_websocket(url: str) -> Any:
    def default() -> None:
        socket = WebSocket(url)

        def opened(_event: Any) -> None:
            socket.correlate(UNANSWERED, timeout="30ms")
            set_timeout(lambda: socket.start("ask", "ask", match="never", timeout="1m"), 100)
            set_timeout(lambda: socket.send('{"id": 1}'), 150)
            set_timeout(socket.close, 1_000)

        socket.onopen = opened

    return default


@pytest.mark.parametrize("silent", [silent_ws, silent_websocket])
def test_what_is_measured_with_a_timeout_fails_when_its_time_has_come(
    silent: Any, echo: _core.EchoServer
) -> None:
    result = run_once(silent(echo.url()))
    failed = {tags["name"]: tags["error"] for tags, _ in result.series("ws_req_failed")}
    assert failed == {"exchange": "timeout", "ask": "closed"}


def test_a_request_of_a_socket_goes_to_no_handler(echo: _core.EchoServer) -> None:
    heard: list[str] = []
    replies: list[str] = []

    def session(socket: ws.Socket) -> None:
        def opened() -> None:
            socket.ignore("chatter")
            socket.send("chatter")
            replies.append(socket.request("first", "first", match="first"))
            replies.append(socket.start("second", "second", match="second").wait())
            socket.send("third")

        def message(text: str) -> None:
            heard.append(text)
            socket.close()

        socket.on("open", opened)
        socket.on("message", message)

    run_once(lambda: ws.connect(echo.url(), session))
    assert (replies, heard) == (["first", "second"], ["third"])


def test_a_request_of_a_socket_is_awaited_in_a_coroutine(echo: _core.EchoServer) -> None:
    replies: list[str] = []

    async def default() -> None:
        socket = WebSocket(echo.url())

        async def opened(_event: Any) -> None:
            replies.append(await socket.request("ask", "ask", match="ask"))
            socket.close()

        socket.onopen = opened

    run_once(default)
    assert replies == ["ask"]


def test_a_tcp_socket_asks_and_is_answered_in_order() -> None:
    replies: list[bytes] = []

    def default() -> None:
        socket = tcp.Socket()
        socket.connect(server.port, HOST).wait()
        socket.correlate(in_order())
        replies.append(socket.request(b"ask", "ask", match=b"ask"))
        socket.destroy()

    with TcpServer(answer) as server:
        result = run_once(default)
    assert replies == [b"ask"]
    assert figures(result, "tcp_reqs")["count"] == 1


FRAMINGS = [None, lines(), length_prefix(4), fixed(11)]


@pytest.mark.parametrize("frames", FRAMINGS)
def test_what_a_tcp_socket_writes_is_measured_and_handlers_get_all(frames: Any) -> None:
    heard: list[Any] = []

    def default() -> None:
        socket = tcp.Socket()

        def data(message: Any) -> None:
            heard.append(message)
            if len(heard) < 5:
                socket.write(f'{{"id": {len(heard):3}}}')
            elif len(heard) == 5:
                # It has no key: such a write begins nothing.
                socket.write('{"no": 123}' if frames is FRAMINGS[-1] else "none")
            else:
                socket.destroy()

        socket.on("data", data)
        framing = {} if frames is None else {"framing": frames}
        socket.connect(server.port, HOST, **framing).wait()
        socket.correlate(BY_ID)
        socket.write('{"id":   0}')

    with TcpServer(answer) as server:
        result = run_once(default)
    assert len(heard) == 6
    assert figures(result, "tcp_reqs")["count"] == 5
    assert figures(result, "tcp_req_failed") == {"rate": 0, "passes": 0, "fails": 5}


@pytest.mark.parametrize("codec", [None, "json", Codec(eval, repr, whole=True)])
def test_requests_of_a_tcp_socket_have_the_messages_that_its_handlers_have(codec: Any) -> None:
    heard: list[Any] = []
    asked: list[Any] = []

    def default() -> None:
        socket = tcp.Socket(framing=lines(), codec=codec or None)
        socket.on("data", lambda message: heard.append(message) or socket.destroy())
        socket.connect(server.port, HOST).wait()
        one: Any = {"id": 1} if codec else '{"id": 1}'
        is_one = equals(one)
        assert socket.request(one, "one", match=is_one) == one

        def check(message: Any) -> bool:
            asked.append(message)
            return message == one

        assert socket.request(one, "one", match=is_one, check=check) == one
        assert socket.start(one, "one", match=is_one).wait() == one
        socket.ignore(equals(one))
        socket.write(one)
        socket.write(["last"] if codec else "last")

    with TcpServer(answer) as server:
        run_once(default)
    assert heard == [["last"] if codec else "last"]
    assert asked == [{"id": 1} if codec else '{"id": 1}']


def test_where_a_codec_of_a_tcp_socket_cuts_messages_nothing_is_asked() -> None:
    def default() -> None:
        socket = tcp.Socket(codec=Codec(lambda buffer: (buffer, len(buffer)), bytes))
        socket.connect(server.port, HOST).wait()
        for call in (
            lambda: socket.request(b"a", "a", match="a"),
            lambda: socket.ignore("a"),
            lambda: socket.auto_reply("a", str),
            lambda: socket.delivered("a", "a"),
            lambda: socket.correlate(BY_ID),
        ):
            with pytest.raises(FramingError, match="here a codec cuts them"):
                call()
        socket.destroy()

    with TcpServer(answer) as server:
        run_once(default)


def test_a_function_is_no_correlation_of_a_socket(echo: _core.EchoServer) -> None:
    errors: list[str] = []

    def session(socket: ws.Socket) -> None:
        with pytest.raises(k6ws.InvalidParameter) as raised:
            socket.correlate(by(lambda message: message))
        errors.append(str(raised.value))
        socket.close()

    run_once(lambda: ws.connect(echo.url(), session))
    assert "no functions" in errors[0]


def test_a_session_that_is_over_leaves_no_timer_behind(echo: _core.EchoServer) -> None:
    with ws.open(echo.url(), correlate=BY_ID, recv_timeout="1h") as session:
        session.request('{"id": 1}', "ask")
        desk = session._source.desk
        assert desk._alarm is not None
    assert desk._alarm is None
