"""A call that fails leaves everything as it was: the same socket goes on as if it had not been asked.

Here: arguments that make no sense, calls in another thread, calls at the wrong time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import k6ws
from k6ws import check, group, sleep, tcp, timers, ws
from k6ws._loop import current
from k6ws.metrics import Counter
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S
from support.runs import total
from support.servers import WebsocketsServer
from support.styles import STYLES, in_style
from support.tcp_server import TcpServer

Call = Callable[[Any, Any], object]


def takes_three(first: object, second: object, third: object) -> object:
    return first, second, third


additions = Counter("additions_that_fail")


class Raising:
    """An object that raises whatever is asked of it."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, error: type[BaseException]) -> None:
        self._error = error

    def _raise(self, *_: object) -> Any:
        raise self._error

    __str__ = __repr__ = __int__ = __float__ = __bool__ = __iter__ = __len__ = _raise
    __index__ = __eq__ = __buffer__ = __bytes__ = keys = _raise


BAD: dict[str, Any] = {
    "None": None,
    "a list": [1, {}],
    "a mapping": {"no such key": 1},
    "an object": object(),
    "huge": 10**400,
    "huge and negative": -(10**400),
    "not a number": float("nan"),
    "infinite": float("inf"),
    "negative": -1,
    "empty": "",
    "half a surrogate pair": "\ud800",
    "a function of too many": takes_three,
    "raises": Raising(RuntimeError),
    "raises ValueError": Raising(ValueError),
    "interrupts": Raising(KeyboardInterrupt),
}


def nothing(*_: object) -> None:
    """A handler."""


WS_CALLS: dict[str, Call] = {
    "on an event": lambda socket, bad: socket.on(bad, nothing),
    "on with a handler": lambda socket, bad: socket.on("pong", bad),
    "send_binary": lambda socket, bad: socket.send_binary(bad),
    "close": lambda socket, bad: socket.close(bad),
    "set_timeout of what": lambda socket, bad: socket.set_timeout(bad, 10_000),
    "set_timeout when": lambda socket, bad: socket.set_timeout(nothing, bad),
    "set_interval when": lambda socket, bad: socket.set_interval(nothing, bad),
}
WEBSOCKET_CALLS: dict[str, Call] = {
    "add_event_listener": lambda socket, bad: socket.add_event_listener("pong", bad),
    "remove_event_listener": lambda socket, bad: socket.remove_event_listener(bad, nothing),
    "onmessage": lambda socket, bad: setattr(socket, "onpong", bad),
    "binary_type": lambda socket, bad: setattr(socket, "binary_type", bad),
    # Nothing and NaN are 1000.
    "code": lambda socket, bad: socket.close(1 if bad is None or isinstance(bad, float) else bad),
    "reason": lambda socket, bad: socket.close(3000, bad if type(bad) is Raising else "x" * 124),
    "another one": lambda _, bad: WebSocket("http://no.such/", None, bad),
}
TCP_CALLS: dict[str, Call] = {
    "on an event": lambda socket, bad: socket.on(bad, nothing),
    "on with a handler": lambda socket, bad: socket.on("timeout", bad),
    "encoding": lambda socket, bad: socket.write(b"lost", {"tags": {"a": [bad]}}),
    "options of a write": lambda socket, bad: socket.write(b"lost", [bad]),
    "tags of a write": lambda socket, bad: socket.write(b"lost", {"tags": [bad]}),
    "set_timeout": lambda socket, bad: socket.set_timeout(bad),
    "set_no_delay": lambda socket, bad: socket.set_no_delay(bad),
    "set_keep_alive": lambda socket, bad: socket.set_keep_alive(bad),
    "start_tls": lambda socket, bad: socket.start_tls(bad),
    "connect": lambda socket, bad: socket.connect(9, "127.0.0.1", timeout=bad or [], tags=[]),
    "another one": lambda _, bad: tcp.Socket({"timeout": bad or []}),  # type: ignore[arg-type]
}


def raising_or(other: Any, bad: Any) -> Any:
    """What raises when it is looked at; another fault in place of the rest."""
    return bad if type(bad) is Raising else other


CALLS_OF_NONE: dict[str, Call] = {
    "timer of what": lambda _, bad: timers.set_timeout(bad if callable(bad) else None, 10_000),
    "timer when": lambda _, bad: timers.set_interval(print, raising_or("x", bad)),
    "clear_timeout": lambda _, bad: timers.clear_timeout(bad),
    "check": lambda _, bad: check(1, bad if type(bad) is Raising else {"a::b": bad}),  # type: ignore[arg-type]
    "group": lambda _, bad: group("g", bad),
    "sleep": lambda _, bad: sleep(raising_or(-1, bad)),
    "ws.connect": lambda _, bad: ws.connect("ws://127.0.0.1:9/", {"timeout": bad or []}, nothing),  # type: ignore[arg-type]
    "jar": lambda _, bad: k6ws.http.CookieJar().set("http://a/", "a\n", bad),
    "add": lambda _, bad: additions.add(bad),
}


def refused(calls: dict[str, Call], socket: Any) -> int:
    """Make each call with each value; how many of them were refused."""
    count = 0
    for name, call in calls.items():
        if name == "sleep" and current().host is not None:
            continue
        for bad in BAD.values():
            try:
                call(socket, bad)
            except (k6ws.K6Error, TypeError, ValueError, RuntimeError, KeyboardInterrupt):
                # Whatever else comes out, such as an OverflowError of ours, is no refusal.
                count += 1
    return count


def assert_as_before() -> None:
    """The program has nothing open, nothing held, and waits for nothing."""
    vu = current()
    if vu.host is None and vu.who.run is None:
        assert k6ws.wait(PATIENCE_S * 1000)
    assert (dict(vu.sources), bool(vu.held), vu.failure, vu.parked) == ({}, False, None, [])


def assert_sent_one(result: k6ws.Result | None, messages: int = 1) -> None:
    """One session, opened and closed well, with these messages."""
    if result is not None:
        names = (
            "ws_sessions",
            "ws_closes",
            "ws_msgs_sent",
            "ws_msgs_received",
            "ws_session_duration",
        )
        assert [total(result, name) for name in names] == [1, 1, messages, messages, 1]
        assert (total(result, "ws_connect_failed"), len(result.exceptions)) == (0, 0)


@pytest.mark.parametrize("style", STYLES)
def test_a_session_survives_arguments_that_make_no_sense(
    server: WebsocketsServer, style: str
) -> None:
    got: list[object] = []

    def session(socket: ws.Socket) -> None:
        def opened() -> None:
            with pytest.raises(TypeError):
                socket.send([])  # type: ignore[arg-type]
            assert refused(WS_CALLS, socket) > 50
            assert refused(CALLS_OF_NONE, socket) > 50
            socket.ping()
            socket.send("after")

        socket.on("open", opened)
        socket.on("pong", lambda: got.append("pong"))
        socket.on("message", lambda text: (got.append(text), socket.close(1000)))
        socket.on("close", got.append)

    async def connect() -> None:
        await ws.aconnect(server.url("/ws-echo-multi"), session)
        assert_as_before()

    def connect_here() -> None:
        ws.connect(server.url("/ws-echo-multi"), session)
        assert_as_before()

    result = in_style(style, connect_here, connect)
    assert got == ["pong", "after", 1000]
    assert server.journal.session().messages == ["after"]
    assert_sent_one(result)


@pytest.mark.parametrize("style", STYLES)
def test_so_does_a_websocket(server: WebsocketsServer, style: str) -> None:
    got: list[object] = []

    def begin(closed: Callable[[], object]) -> None:
        socket = WebSocket(server.url("/ws-echo-multi"))

        def opened() -> None:
            with pytest.raises(k6ws.K6Error):
                socket.send([])
            assert refused(WEBSOCKET_CALLS, socket) > 50
            assert refused(CALLS_OF_NONE, socket) > 50
            assert (socket.ready_state, socket.binary_type, socket.onpong) == (1, "blob", None)
            socket.onpong = lambda: got.append("pong")
            socket.ping()
            socket.send("after")

        socket.onopen = opened
        socket.onmessage = lambda event: (got.append(event.data), socket.close())
        socket.onclose = lambda event: (got.append(event.code), closed())

    in_all(style, begin)
    assert got == ["pong", "after", 1000]
    assert server.journal.session().messages == ["after"]


@pytest.mark.parametrize("style", STYLES)
def test_so_does_a_tcp_socket(style: str) -> None:
    got: list[object] = []
    with TcpServer() as target:

        def begin(closed: Callable[[], object]) -> None:
            socket = tcp.Socket()
            assert refused(TCP_CALLS, socket) > 50

            def opened() -> None:
                assert refused(TCP_CALLS, socket) > 50
                assert refused(CALLS_OF_NONE, socket) > 50
                socket.set_timeout(0).write("after")

            socket.on("connect", opened)
            socket.on("data", lambda data: (got.append(data), socket.end()))
            socket.on("close", lambda: (got.append("close"), closed()))
            socket.on("error", lambda error: nothing(error))
            socket.connect(target.port, "127.0.0.1")

        in_all(style, begin)
    assert (got, target.received) == ([b"after", "close"], [b"after"])


def in_all(style: str, begin: Callable[[Callable[[], object]], object]) -> None:
    """Begin something in this style, wait until it says that it is over, and see that nothing is left."""

    def here() -> None:
        begin(lambda: None)
        assert k6ws.wait(PATIENCE_S * 1000)
        assert_as_before()

    async def on_a_loop() -> None:
        over = asyncio.Event()
        begin(over.set)
        await asyncio.wait_for(over.wait(), PATIENCE_S)
        while current().sources:  # noqa: ASYNC110 - nobody tells when the last one has gone
            await asyncio.sleep(0.001)
        assert_as_before()

    in_style(style, here, on_a_loop)


@pytest.fixture
def open_sockets(server: WebsocketsServer) -> Iterator[tuple[WebSocket, tcp.Socket]]:
    with TcpServer() as target:
        one, other = WebSocket(server.url("/ws-echo-multi")), tcp.Socket()
        other.on("error", nothing)
        other.connect(target.port, "127.0.0.1").wait()
        one.onopen = lambda: timers.set_timeout(nothing, 0)
        while one.ready_state != 1:
            k6ws.wait(5)
        yield one, other
        one.close()
        other.destroy()
        assert_as_before()


THREAD_CALLS: dict[str, Call] = {
    "send": lambda one, _: one.send("lost"),
    "send bytes": lambda one, _: one.send(b"lost"),
    "ping": lambda one, _: one.ping(),
    "pause": lambda one, _: one.pause_reading(),
    "resume": lambda one, _: one.resume_reading(),
    "write": lambda _, other: other.write("lost"),
    "write what cannot be": lambda _, other: other.write("lost", encoding="no such"),
    "start_tls": lambda _, other: other.start_tls(),
    "start_tls with what cannot be": lambda _, other: other.start_tls(5),
    "connect": lambda _, other: other.connect(9, "127.0.0.1"),
    "set_timeout": lambda _, other: other.set_timeout(1),
    "set_no_delay": lambda _, other: other.set_no_delay(False),
    "set_keep_alive": lambda _, other: other.set_keep_alive(True),
    "pause tcp": lambda _, other: other.pause_reading(),
}


def in_a_thread(call: Callable[[], object]) -> BaseException | None:
    """Make a call in another thread; what it raised."""
    errors: list[BaseException] = []

    def act() -> None:
        try:
            call()
        except (k6ws.K6Error, TypeError) as error:
            errors.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join(PATIENCE_S)
    return errors[0] if errors else None


def test_another_thread_is_refused_and_nothing_has_changed(
    open_sockets: tuple[WebSocket, tcp.Socket],
) -> None:
    one, other = open_sockets
    for name, call in THREAD_CALLS.items():
        assert in_a_thread(lambda call=call: call(one, other)) is not None, name
    got: list[object] = []
    one.onmessage = lambda event: got.append(event.data)
    other.on("data", got.append)
    one.send("after")
    other.write("after")
    while len(got) < 2:
        k6ws.wait(5)
    assert sorted(got, key=str) == ["after", b"after"]


@pytest.mark.parametrize("call", ["write", "start_tls", "write what cannot be"])
def test_a_socket_without_connection_expects_nothing_of_another_thread(call: str) -> None:
    """A call that is refused there once kept the program waiting for ever."""
    socket = tcp.Socket()
    socket.on("error", nothing)
    error = in_a_thread(lambda: THREAD_CALLS[call](None, socket))
    assert "belongs to another thread" in str(error)
    assert_as_before()


def test_a_socket_of_a_thread_that_has_ended_says_so(server: WebsocketsServer) -> None:
    sockets: list[Any] = []
    with TcpServer() as target:

        def act() -> None:
            sockets.extend([WebSocket(server.url("/ws-echo")), tcp.Socket(), tcp.Socket()])
            sockets[1].connect(target.port, "127.0.0.1").wait()

        in_a_thread(act)
        one, other, unused = sockets
        assert (one.ready_state, other.ready_state, unused.ready_state) == (
            3,
            "destroyed",
            "disconnected",
        )
        one.onmessage = nothing
        one.add_event_listener("close", nothing)
        other.on("data", nothing)
        for end in (one.close, other.end, other.destroy, unused.destroy):
            end()
        with pytest.raises(k6ws.InvalidStateError):
            one.send("x")
        for call in (
            lambda: other.write("x"),
            lambda: other.set_timeout(1),
            lambda: unused.write("x"),
            lambda: unused.connect(target.port, "127.0.0.1"),
        ):
            with pytest.raises(k6ws.K6Error, match="a thread that has ended"):
                call()
