"""Targets that do what a test says: what clients see of each thing they do."""

from __future__ import annotations

import asyncio
import doctest
import socket
import sys
import threading
import time
from typing import Any, cast

import pytest

from k6ws import env, match, tcp, testing, websockets, ws
from k6ws.errors import (
    ConnectFailed,
    InvalidCloseCode,
    InvalidParameter,
    K6Error,
    RecvTimeout,
    SessionClosed,
)
from k6ws.framing import length_prefix, lines
from k6ws.testing import wire


def talk(url: str, *said: str | bytes, count: int = 1) -> list[Any]:
    """What comes back."""
    with ws.open(url) as session:
        for one in said:
            session.send(one)
        return [session.recv(timeout="10s") for _ in range(count)]


def test_the_examples_of_the_pages() -> None:
    for name in ("echo", "target", "once"):
        outcome = doctest.testmod(sys.modules[f"k6ws.testing.{name}"])
        assert (outcome.failed, outcome.attempted > 1) == (0, True), name


@pytest.mark.parametrize("service", ["echo", "chat", "tcp"])
def test_the_built_in_target_ends_with_its_block(service: Any) -> None:
    target = testing.echo(service)
    with target as url:
        if service == "tcp":
            tcp.open(url.host, url.port).close()
        else:
            ws.open(url).close()
        with pytest.raises(K6Error, match="runs already"):
            target.__enter__()
    assert target.counts["connections"] == 1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((url.host, url.port))
    with pytest.raises(ValueError, match="no such service"):
        testing.echo("http").__enter__()  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def _ponged(text: str) -> str:
    return text.replace("ping", "pong")


def test_rules_are_asked_in_order_and_silence_is_the_rest() -> None:
    rules: list[tuple[Any, Any]] = [
        (match.json({"/type": "ping"}), _ponged),
        ("hello", ["hi", b"\x01"]),
        (match.binary, b"binary"),
        (match.contains("hello"), "never alone"),
    ]
    target = testing.target(rules)
    with target as url:
        assert talk(url, '{"type": "ping", "id": 1}') == ['{"type": "pong", "id": 1}']
        assert talk(url, "hello", count=2) == ["hi", b"\x01"]
        assert talk(url, "nobody knows this", b"x", "hello there", count=2) == [
            b"binary",
            "never alone",
        ]
    assert target.received[-3:] == ["nobody knows this", b"x", "hello there"]
    assert (target.connections, target.messages) == (3, 5)


def test_what_is_late_holds_up_nothing_else() -> None:
    with testing.target({"slow": testing.after("200ms", "late"), "quick": "soon"}) as url:
        begun = time.monotonic()
        assert talk(url, "slow", "quick", count=2) == ["soon", "late"]
        assert time.monotonic() - begun >= 0.2


def test_pushes_come_by_themselves() -> None:
    opened = ["welcome", testing.every("5ms", "tick", times=3), "done"]
    with testing.target(on_open=opened) as url:
        assert talk(url, count=5) == ["welcome", "tick", "tick", "tick", "done"]
    with testing.target(on_open=testing.every("1ms", b"forever")) as url:
        assert talk(url, count=20) == [b"forever"] * 20


def test_a_handshake_is_refused_with_a_status() -> None:
    refusal = testing.refuse(429, "too many", {"Retry-After": "7"})
    with testing.target(on_open=lambda number: refusal if number == 0 else None) as url:
        with pytest.raises(ConnectFailed) as refused:
            ws.open(url)
        assert "429" in f"{refused.value}{refused.value.hint}"
        response = ws.connect(url, lambda session: session.on("open", session.close))
        assert response.status == 101
    with testing.target(on_open=refusal) as url:
        response = ws.connect(url, {}, lambda session: None)
        assert (response.status, response.body) == (429, "too many")
        assert response.headers["Retry-After"] == "7"


def test_sessions_end_as_the_test_says() -> None:
    with testing.target({"bye": testing.close(4000, "enough"), "die": testing.reset()}) as url:
        for said, code in (("bye", 4000), ("die", 1006)):
            ended: list[int] = []

            def session(session: ws.Socket, said: str = said, ended: list[int] = ended) -> None:
                session.on("open", lambda: session.send(said))
                session.on("close", ended.append)

            ws.connect(url, session)
            assert ended == [code]
        with ws.open(url) as opened:
            opened.send("bye")
            with pytest.raises(SessionClosed):
                opened.recv(timeout="10s")


def test_silence_before_the_handshake_and_after_it() -> None:
    with testing.target(on_open=testing.hang()) as url, pytest.raises(ConnectFailed):
        ws.open(url, timeout="100ms")
    with testing.target({"a": testing.hang(), "b": "c"}) as url, ws.open(url) as session:
        session.send("b")
        assert session.recv(timeout="10s") == "c"
        session.send("a")
        session.send("b")
        with pytest.raises(RecvTimeout):
            session.recv(timeout="100ms")


def test_large_and_fragmented_messages_and_pings() -> None:
    large = "ä" * 100_000
    with testing.target(lambda message: message) as url:
        assert talk(url, large, b"\x00" * 70_000, "", count=3) == [large, b"\x00" * 70_000, ""]
        ponged: list[str] = []

        def session(session: ws.Socket) -> None:
            session.on("open", session.ping)
            session.on("pong", lambda: (ponged.append("pong"), session.close()))

        ws.connect(url, session)
        assert ponged == ["pong"]


def test_what_a_target_keeps_and_has_under_way_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["k6ws.testing.target"], "_KEPT", 3)
    monkeypatch.setattr(sys.modules["k6ws.testing.peer"], "_MOST_PENDING", 3)
    target = testing.target([("slow", testing.after("1m", "x")), (match.text, "y")])
    with target as url:
        assert talk(url, *"abcdef", count=6) == ["y"] * 6
    assert (target.received, target.messages) == (["a", "b", "c"], 6)
    monkeypatch.setattr(sys.modules["k6ws.testing.target"], "_KEPT_BYTES", 5)
    large = testing.target("y")
    with large as url:
        talk(url, "four", "more", count=2)
    assert (large.received, large.messages) == (["four"], 2)

    # A client that asks for more than is under way at most is not read meanwhile.
    slow = testing.target(testing.after("20ms", "x"))
    with slow as url:
        begun = time.monotonic()
        assert talk(url, *"abcdefg", count=7) == ["x"] * 7
        assert time.monotonic() - begun >= 0.06


def test_a_subprotocol_is_chosen_where_it_is_offered() -> None:
    with testing.target("x", subprotocol="b") as url:
        with ws.open(url, headers={"Sec-WebSocket-Protocol": "a, b"}) as session:
            assert session.subprotocol == "b"
        with ws.open(url) as session:
            assert session.subprotocol in {None, ""}


def test_tcp_by_pieces_and_by_messages() -> None:
    with testing.tcp_target(
        {"PING": "PONG", "QUIT": ["BYE", testing.close()]}, framing=lines()
    ) as url:
        assert url.startswith("tcp://127.0.0.1:")
        with tcp.open(url.host, url.port, framing=lines()) as session:
            session.send("PING")
            assert session.recv(timeout="10s") == "PONG"
            session.send("QUIT")
            assert session.recv(timeout="10s") == "BYE"
            with pytest.raises(SessionClosed):
                session.recv(timeout="10s")
    target = testing.tcp_target({b"\x01": b"\x02"}, on_open="hello", framing=length_prefix(2))
    with target as url, tcp.open(url.host, url.port, framing=length_prefix(2)) as session:
        assert session.recv(timeout="10s") == b"hello"
        session.send(b"\x01")
        assert session.recv(timeout="10s") == b"\x02"
    with (
        testing.tcp_target(lambda data: data.upper()) as url,
        socket.create_connection((url.host, url.port), timeout=10) as plain,
    ):
        plain.sendall(b"raw")
        assert plain.recv(10) == b"RAW"


def ask_and_see_it_close(target: testing.Target, message: str) -> None:
    with target as url, ws.open(url) as session:
        session.send(message)
        with pytest.raises(SessionClosed):
            session.recv(timeout="10s")


def test_what_a_function_of_the_test_raises_is_raised_at_the_end_of_its_block() -> None:
    def answer(message: str) -> str:
        raise ValueError(f"not {message}")

    def number(_: str) -> Any:
        return 3

    with pytest.raises(ValueError, match="not this"):
        ask_and_see_it_close(testing.target(answer), "this")
    with pytest.raises(TypeError, match="cannot do 3"):
        ask_and_see_it_close(testing.target(number), "this")


def test_a_function_that_does_not_return_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    may_return = threading.Event()
    target = testing.target(lambda text: answer(text))

    def answer(_: str) -> None:
        may_return.wait(20)

    def ask() -> None:
        with target as url, ws.open(url) as session:
            session.send("x")
            while not target.messages:
                time.sleep(0.001)

    monkeypatch.setattr(sys.modules["k6ws.testing.target"], "_PATIENCE_S", 0.1)
    with pytest.raises(K6Error, match="has not returned"):
        ask()
    may_return.set()


def test_a_client_that_is_none_is_said_to_be_none() -> None:
    def speak_http() -> None:
        with (
            testing.target("x") as url,
            socket.create_connection((url.host, url.port), timeout=10) as plain,
        ):
            plain.sendall(b"PUT / HTTP/1.1\r\n\r\n")
            assert plain.recv(10) == b""

    with pytest.raises(wire.ProtocolError, match="no handshake"):
        speak_http()


@pytest.mark.parametrize(
    ("made", "error", "said"),
    [
        (lambda: testing.target(cast("Any", 3)), TypeError, "cannot do 3"),
        (lambda: testing.target({"a": {"b": 1}}), TypeError, "cannot do"),
        (lambda: testing.target(on_open=cast("Any", [object()])), TypeError, "cannot do"),
        (lambda: testing.tcp_target(on_open=testing.refuse()), TypeError, "no handshake"),
        (lambda: testing.after("soon", "x"), InvalidParameter, "delay"),
        (lambda: testing.after(-1, "x"), InvalidParameter, "delay"),
        (lambda: testing.every(0, "x"), InvalidParameter, "more than 0"),
        (lambda: testing.close(1006), InvalidCloseCode, "1006"),
        (lambda: testing.close(1000, "x" * 124), InvalidParameter, "123"),
        (lambda: testing.refuse(101), InvalidParameter, "status"),
        (lambda: testing.refuse(500, headers={"A": "b\r\nC: d"}), InvalidParameter, "header"),
    ],
)
def test_what_a_target_cannot_do_is_refused_when_it_is_made(
    made: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        made()


def test_a_target_runs_once_and_leaves_no_thread() -> None:
    target = testing.target("x")
    with target as url:
        assert talk(url, "a") == ["x"]
        assert any(one.name == "k6ws-target" for one in threading.enumerate())
        sessions = [ws.open(url) for _ in range(5)]
    assert not any(one.name == "k6ws-target" for one in threading.enumerate())
    for session in sessions:
        session.close()
    with pytest.raises(K6Error, match="runs already, or has run"):
        target.__enter__()


def test_a_page_of_the_browser_api_and_a_script_that_reads_its_url() -> None:
    def default() -> None:
        socket = websockets.WebSocket(env["URL"])
        heard: list[Any] = []
        socket.onopen = lambda: socket.send("hello")
        socket.onmessage = lambda event: (heard.append(event.data), socket.close())

    target = testing.target("hi")
    with target as url:
        result = testing.once(default, env={"URL": url})
    assert result.metrics["ws_msgs_received"].count == 1
    assert target.received == ["hello"]


def test_beside_an_asyncio_loop() -> None:
    async def main() -> list[str]:
        async with testing.target({"a": "b"}) as url, ws.aopen(url) as session:
            await session.send("a")
            return [str(await session.recv(timeout="10s"))]

    assert asyncio.run(main()) == ["b"]
