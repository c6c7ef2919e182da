"""What `k6ws.tcp` refuses, what fails, and what an exception in a handler does."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws.tcp import Socket, TCPError
from support.runs import run_once
from support.tcp_server import TcpServer, listen, silent

HOST = "127.0.0.1"


@pytest.fixture
def server() -> Iterator[TcpServer]:
    with TcpServer() as running:
        yield running


def failures(result: k6ws.Result) -> list[tuple[str, str]]:
    return [(one.type, one.message) for one in result.exceptions]


@pytest.mark.parity("tcp-error-says-what-and-why")
def test_a_tcp_error_says_what_was_done_and_why() -> None:
    error = TCPError("connect", "refused", "start the server", cause="connect_refused")
    assert (error.name, error.method, error.message) == ("TCPError", "connect", "refused")
    assert str(error) == error.error() == "TCP error during connect: refused"
    assert isinstance(error, k6ws.K6Error)
    assert isinstance(error, ConnectionError)


@pytest.mark.parity("tcp-port-0-fails")
@pytest.mark.parametrize("handled", [False, True])
@pytest.mark.parametrize(
    "where", [(0, HOST), ("0", HOST), ({"port": 0, "host": HOST},), ({"host": HOST},)]
)
def test_port_0_fails_as_a_connection(where: tuple[Any, ...], *, handled: bool) -> None:
    story: list[str] = []

    async def default() -> None:
        socket = Socket()
        if handled:
            socket.on("error", lambda error: story.append(error.method))
        with pytest.raises(TCPError, match="TCP error during connect") as caught:
            await socket.connect(*where)
        assert "invalid type" not in str(caught.value)
        assert socket.ready_state == "disconnected"

    result = run_once(default)
    assert story == (["connect"] if handled else [])
    assert result.metrics["tcp_errors"].count == 1


@pytest.mark.parity("tcp-port-of-another-type")
@pytest.mark.parametrize("port", [True, None, 1.5, [1], b"80", print])
def test_a_port_of_another_type_is_refused(port: Any) -> None:
    events: list[str] = []

    async def default() -> None:
        socket = Socket()
        socket.on("error", lambda error: events.append(error.message))
        with pytest.raises(TCPError, match="invalid type: expected integer or object"):
            await socket.connect(port)

    run_once(default)
    assert events == ["invalid type: expected integer or object"]


@pytest.mark.parametrize("port", [-1, 70_000, "abc", "80.5"])
def test_a_port_that_is_none_is_refused(port: Any) -> None:
    async def default() -> None:
        with pytest.raises(TCPError, match="invalid port"):
            await Socket().connect(port)

    run_once(default)


@pytest.mark.parity("tcp-host-is-localhost")
@pytest.mark.keeps_threads(1)
def test_the_host_is_localhost_unless_given(server: TcpServer) -> None:
    def default() -> None:
        for host in (None, "localhost", HOST):
            socket = Socket()
            socket.connect(server.port, host).wait()
            assert socket.remote_ip == HOST
            socket.destroy()
        with pytest.raises(TCPError, match="no such host"):
            Socket().connect(server.port, "").wait()

    result = run_once(default)
    hosts = {tags["host"] for tags, _ in result.series("tcp_sockets")}
    assert hosts == {"localhost", HOST}


@pytest.mark.parametrize("call", ["connect", "write"])
@pytest.mark.parametrize("handled", [False, True])
def test_a_failure_that_nobody_sees_fails_the_iteration(call: str, *, handled: bool) -> None:
    def default() -> None:
        socket = Socket()
        if handled:
            socket.on("error", lambda: None)
        if call == "connect":
            socket.connect(1, HOST)
        else:
            socket.write("x")

    result = k6ws.run(default, iterations=1)
    expected = {
        "connect": "TCP error during connect: dial tcp 127.0.0.1:1: connect: connection refused",
        "write": "TCP error during write: no active connection",
    }
    assert failures(result) == ([] if handled else [("TCPError", expected[call])])
    assert result.metrics["tcp_errors"].count == 1


def test_a_failed_connect_leaves_a_socket_that_may_try_again(server: TcpServer) -> None:
    def default() -> None:
        socket = Socket()
        with pytest.raises(TCPError) as caught:
            socket.connect(1, HOST).wait()
        assert (caught.value.phase, caught.value.cause) == ("connect", "connect_refused")
        assert socket.ready_state == "disconnected"
        socket.connect(server.port, HOST).wait()
        socket.destroy()

    run_once(default)


@pytest.mark.parity(
    "tcp-text-is-utf-8",
    "tcp-bytes-as-they-are",
    "tcp-write-without-options",
    "tcp-write-with-options",
    "tcp-encodings",
)
@pytest.mark.parity("tcp-encodings")
@pytest.mark.parametrize(
    ("data", "options", "expected"),
    [
        ("Hello", {}, b"Hello"),
        ("Hello", None, b"Hello"),
        ("Hello", {"encoding": "utf8"}, b"Hello"),
        ("Hello", {"encoding": "UTF-8"}, b"Hello"),
        ("Hello", {"encoding": "ascii"}, b"Hello"),
        ("é", {"encoding": "ascii"}, "é".encode()),
        ("SGVsbG8=", {"encoding": "base64"}, b"Hello"),
        ("SGVsbG8", {"encoding": "base64url"}, b"Hello"),
        ("SGVsbG8=", {"encoding": "base64url"}, b"Hello"),
        ("48656c6c6f", {"encoding": "hex"}, b"Hello"),
        (b"\x00\xff", {"encoding": "hex"}, b"\x00\xff"),
        (memoryview(b"..Hello..")[2:7], {"encoding": "nonsense"}, b"Hello"),
        (bytearray(b"Hello"), {"tags": {"a": 1}}, b"Hello"),
    ],
)
def test_what_is_written_is_what_arrives(
    server: TcpServer, data: Any, options: Any, expected: bytes
) -> None:
    got = bytearray()

    def default() -> None:
        socket = Socket()

        def echoed(piece: bytes) -> None:
            got.extend(piece)
            if len(got) == len(expected):
                socket.destroy()

        socket.on("data", echoed)
        socket.connect(server.port, HOST).wait()
        socket.write(data, options).wait()

    result = run_once(default)
    assert bytes(got) == expected
    [(tags, _)] = result.series("tcp_writes")
    assert tags.get("a") == ("1" if options and "tags" in options else None)


@pytest.mark.parity(
    "tcp-numbers-are-not-written", "tcp-unknown-encoding", "tcp-bad-base64", "tcp-bad-hex"
)
@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("x", "latin1", 'unsupported encoding "latin1"'),
        ("not!!base64", "base64", "not base64"),
        ("SGVsbG8", "base64", "not base64"),
        ("zzzz", "hex", "not hex"),
        ("486", "hex", "not hex"),
        (7, "", "invalid type: String or ArrayBuffer expected"),
        (None, "", "invalid type: String or ArrayBuffer expected"),
        ({}, "", "invalid type: String or ArrayBuffer expected"),
    ],
)
def test_data_that_cannot_be_written_is_refused(data: Any, encoding: Any, text: str) -> None:
    events: list[str] = []

    async def default() -> None:
        socket = Socket()
        socket.on("error", lambda error: events.append(error.message))
        with pytest.raises(TCPError, match="TCP error during write") as caught:
            await socket.write(data, {"encoding": encoding})
        assert text in caught.value.message

    result = run_once(default)
    assert (len(events), text in events[0]) == (1, True)
    assert result.metrics["tcp_errors"].count == 1


def test_options_that_are_none_are_refused(server: TcpServer) -> None:
    socket = Socket()
    with pytest.raises(TypeError):
        socket.write("x", "utf8")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Socket("tags")  # type: ignore[arg-type]
    with pytest.raises(k6ws.UnknownOption) as caught:
        Socket({"tagz": {}})  # type: ignore[arg-type]
    assert caught.value.hint == "did you mean 'tags'?"
    with pytest.raises(k6ws.UnknownOption):
        socket.connect(server.port, HOST, no_dealy=True)  # type: ignore[call-arg]
    wrong: dict[type[Exception], list[Any]] = {
        TypeError: [{"no_delay": 1}, {"read_buffer_size": "big"}, {"tls": 7}, {"keep_alive": []}],
        k6ws.InvalidParameter: [{"read_buffer_size": 0}, {"local_address": "?"}, {"timeout": "?"}],
    }
    for kind, options in [(kind, one) for kind, several in wrong.items() for one in several]:
        with pytest.raises(kind):
            Socket(options)
    Socket(None).destroy()
    assert k6ws.wait("5s")


@pytest.mark.parity("tcp-five-events", "tcp-unknown-event", "tcp-one-handler-for-each-event")
def test_each_event_has_one_handler(server: TcpServer, caplog: pytest.LogCaptureFixture) -> None:
    story: list[str] = []

    def default() -> None:
        socket = Socket()
        for event in ("connect", "data", "close", "error", "timeout"):
            socket.on(event, lambda: story.append("replaced"))  # type: ignore[call-overload]
            socket.on(event, lambda event=event: story.append(event))  # type: ignore[call-overload]
        socket.on("data", None)
        with pytest.raises(TypeError):
            socket.on("data", 7)  # type: ignore[call-overload]
        with pytest.raises(TypeError):
            socket.on("connect", lambda _: None)  # type: ignore[call-overload]

        @socket.on("data")
        def _(data: bytes) -> None:
            story.append(data.decode())
            socket.destroy()

        with caplog.at_level(logging.WARNING):
            assert socket.on("invalid_event", print) is None  # type: ignore[call-overload]
        socket.connect(server.port, HOST).wait()
        socket.write("x")

    run_once(default)
    assert story == ["connect", "x", "close"]
    assert [r.message for r in caplog.records] == ["a TCP socket has no event 'invalid_event'"]


@pytest.mark.parametrize("event", ["connect", "data", "timeout", "close"])
def test_an_exception_in_a_handler_closes_the_connection(server: TcpServer, event: Any) -> None:
    """Upstream the connection leaks until the process ends."""
    closed: list[str] = []

    def default() -> None:
        socket = Socket()
        socket.on("close", lambda: closed.append("close"))
        socket.on("data", lambda: socket.destroy() if event == "close" else None)
        socket.on(event, lambda: 1 / 0)
        socket.set_timeout(20)
        socket.connect(server.port, HOST).wait()
        if event in {"data", "close"}:
            socket.write("x")

    result = k6ws.run(default, iterations=2)
    assert failures(result) == [("ZeroDivisionError", "division by zero")]
    assert result.exceptions[0].count == 2
    assert closed == ([] if event == "close" else ["close"] * 2)
    assert result.metrics["tcp_socket_duration"]["max"] > 0
    server.wait_ended(2)


def test_a_cut_closes_the_connection_and_measures_it(server: TcpServer) -> None:
    story: list[str] = []

    def default() -> None:
        socket = Socket()
        socket.on("close", lambda: story.append("close"))
        socket.connect(server.port, HOST)

    scenario: Any = {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "10ms"}
    result = k6ws.run(default, scenarios={"s": scenario})
    server.wait_ended(2)
    assert story == []
    assert result.metrics["tcp_socket_duration"]["avg"] > 900


def test_a_connect_that_is_not_answered_times_out() -> None:
    with TcpServer(silent) as server:

        def default() -> None:
            socket = Socket()
            began = time.monotonic()
            with pytest.raises(TCPError, match="timeout") as caught:
                socket.connect(server.port, HOST, tls=True, timeout=100).wait()
            assert time.monotonic() - began < 10
            assert caught.value.phase == "tls"

        run_once(default)


def test_a_peer_that_reads_nothing_blocks_a_write_in_bounds() -> None:
    story: list[Any] = []
    with TcpServer(silent) as server:

        def default() -> None:
            socket = Socket({"max_buffered": 100_000, "send_timeout": "100ms"})
            socket.on("error", lambda error: story.append(error.cause))
            socket.on("close", lambda: story.append("close"))
            socket.connect(server.port, HOST).wait()

            def flood() -> None:
                while True:
                    socket.write(b"x" * 50_000).wait()

            with pytest.raises(TCPError) as caught:
                flood()
            story.append(caught.value.method)
            socket.destroy()

        result = run_once(default)
    assert story[:2] == ["send_blocked", "write"]
    assert story[-1] == "close"
    assert result.metrics["tcp_errors"].count >= 1


def test_a_flood_is_not_read_while_the_script_waits() -> None:
    async def flood(_reader: Any, writer: Any) -> None:
        for _ in range(200):
            writer.write(b"x" * 65536)
            await writer.drain()

    got = 0
    with TcpServer(flood) as server:

        def default() -> None:
            nonlocal got

            def data(piece: bytes) -> None:
                nonlocal got
                got += len(piece)

            socket = Socket()
            socket.on("data", data)
            socket.connect(server.port, HOST).wait()
            # Read up to the bound, and no further however long it takes.
            while socket.bytes_read < 1 << 20:
                k6ws.sleep(0.001)
            k6ws.sleep(0.05)
            assert socket.bytes_read <= 4 << 20
            assert got == 0

        run_once(default)
    assert got == 200 * 65536


def test_connect_and_write_are_refused_in_the_init_context(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws.tcp import Socket\n"
        "Socket().destroy()\n"
        "Socket().connect(80)\n"
        "def default(): pass\n"
    )
    with pytest.raises(k6ws.K6Error, match="using TCP sockets in the init context"):
        k6ws.run(script)


def test_listening_only_sees_the_end_of_our_side() -> None:
    with TcpServer(listen) as server:

        def default() -> None:
            socket = Socket()
            socket.connect(server.port, HOST).wait()
            socket.write("")
            socket.write("all").wait()
            socket.end()

        result = run_once(default)
        server.wait_received(b"all")
    assert result.metrics["tcp_writes"].count == 2
