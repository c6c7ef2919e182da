"""Sessions over TCP: bytes as they come, sides that end, TLS on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import k6ws
from k6ws import tcp
from support.runs import run_once
from support.servers import Authority
from support.tcp_server import TcpServer, echo, listen, reset, send, silent

HOST = "127.0.0.1"


def test_text_and_bytes_leave_and_bytes_come() -> None:
    with TcpServer(echo) as server, tcp.open(HOST, server.port) as session:
        session.send("grüß")
        assert session.recv() == "grüß".encode()
        session.send(b"\x00\xff")
        assert session.recv(timeout="2s") == b"\x00\xff"
        with pytest.raises(TypeError, match="sends text"):
            session.send({"a": 1})
        assert session.endpoints.remote_ip == HOST
        assert session.endpoints.remote_port == server.port
    assert session.endpoints.local_port > 0, "kept"
    assert not session.is_open


def test_iteration_ends_with_the_stream() -> None:
    with TcpServer(send(b"one", b"two")) as server, tcp.open(HOST, server.port) as session:
        assert b"".join(session) == b"onetwo"
        with pytest.raises(k6ws.SessionClosed) as caught:
            session.recv()
    assert (caught.value.code, caught.value.by, caught.value.error) == (None, "server", None)
    with pytest.raises(k6ws.SessionClosed):
        session.send("late")


def test_iteration_raises_where_the_connection_breaks() -> None:
    with TcpServer(reset) as server, tcp.open(HOST, server.port) as session:
        session.send("x")
        with pytest.raises(k6ws.SessionClosed) as caught:
            list(session)
    assert caught.value.by == "nobody"
    assert isinstance(caught.value.error, k6ws.TCPError)
    assert caught.value.error.cause == "reset"


def test_what_comes_behind_our_end_is_received() -> None:
    with TcpServer(echo) as server, tcp.open(HOST, server.port) as session:
        session.send("last words")
        session.end()
        assert b"".join(session) == b"last words"


def test_a_peer_that_never_ends_is_waited_for_as_long_as_was_said() -> None:
    with TcpServer(silent) as server:
        session = tcp.open(HOST, server.port, close_timeout="30ms")
        session.close()
        assert not session.is_open
        with pytest.raises(k6ws.SessionClosed, match="by this side"):
            session.recv()


@pytest.mark.parametrize(
    ("host", "port", "cause"),
    [(HOST, 1, "connect_refused"), ("unix:/no/such.sock", 0, "unreachable"), (HOST, 99999, "")],
)
def test_what_cannot_be_opened_says_why(host: str, port: int, cause: str) -> None:
    with pytest.raises(k6ws.ConnectFailed) as caught:
        tcp.open(host, port)
    assert caught.value.cause == cause
    assert caught.value.hint


def test_a_parameter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(k6ws.UnknownOption, match="recv_timout") as caught:
        tcp.open(HOST, 1, recv_timout="1s")  # type: ignore[call-arg]
    assert "recv_timeout" in caught.value.hint


def test_a_failed_open_is_counted() -> None:
    def default() -> None:
        for port in (1, 99999):
            with pytest.raises(k6ws.ConnectFailed):
                tcp.open(HOST, port)

    assert run_once(default).metrics["tcp_errors"]["count"] == 2


def test_what_nobody_takes_is_counted() -> None:
    def default() -> None:
        with tcp.open(HOST, server.port) as session:
            session.send("first")
            session.recv()
            session.send("second")
            # Its end comes behind the echo.
            session.end()

    with TcpServer(echo) as server:
        result = run_once(default)
    assert result.metrics["tcp_msgs_unhandled"]["count"] == 1


def starttls(authority: Authority, *, said_more: bytes = b"") -> Any:
    context = authority.server_context()

    async def talk(reader: Any, writer: Any) -> None:
        assert await reader.read(8) == b"STARTTLS"
        writer.write(b"GO" + said_more)
        await writer.drain()
        await writer.start_tls(context)
        writer.write(b"secure " + await reader.read(5))

    return talk


def test_tls_is_started_on_an_open_session(authority: Authority) -> None:
    def default() -> None:
        with tcp.open(HOST, server.port) as session:
            session.send("STARTTLS")
            assert session.recv() == b"GO"
            session.start_tls(ca=authority.pem)
            session.send("hello")
            assert session.recv() == b"secure hello"

    with TcpServer(starttls(authority)) as server:
        result = run_once(default)
    assert len(result.series("tcp_socket_tls")) == 1


def test_a_coroutine_starts_tls_as_well(authority: Authority) -> None:
    async def main() -> bytes:
        async with tcp.aopen(HOST, server.port) as session:
            await session.send("STARTTLS")
            assert await session.recv() == b"GO"
            await session.start_tls({"ca": authority.pem})
            await session.send("hello")
            return await session.recv()

    with TcpServer(starttls(authority)) as server:
        assert asyncio.run(main()) == b"secure hello"


def test_tls_that_proves_nothing_is_an_error(authority: Authority) -> None:
    with TcpServer(starttls(authority)) as server, tcp.open(HOST, server.port) as session:
        session.send("STARTTLS")
        session.recv()
        with pytest.raises(k6ws.TCPError, match="start_tls: TLS handshake failed"):
            session.start_tls()
        with pytest.raises(k6ws.SessionClosed):
            session.send("x")


def test_what_was_said_in_the_clear_cannot_pass_for_said_behind_tls(authority: Authority) -> None:
    async def talk(reader: Any, writer: Any) -> None:
        for word in (b"GO", b"injected"):
            await reader.read(1)
            writer.write(word)
        await reader.read(1)

    with TcpServer(talk) as server, tcp.open(HOST, server.port) as session:
        session.send("1")
        assert session.recv() == b"GO"
        session.send("2")
        while not len(session._source.inbox):
            k6ws.sleep(0.001)
        with pytest.raises(k6ws.TCPError, match="sent more than was received"):
            session.start_tls(ca=authority.pem)
        assert session.is_open
        assert session.recv() == b"injected"


def test_listening_peers_see_what_was_sent() -> None:
    with TcpServer(listen) as server:
        with tcp.open(HOST, server.port) as session:
            for _ in range(3):
                session.send("abc")
        server.wait_received(b"abcabcabc")


def test_a_send_waits_for_room() -> None:
    large = "x" * 300_000
    with TcpServer(listen) as server:
        with tcp.open(HOST, server.port, max_buffered=200_000) as session:
            for _ in range(20):
                session.send(large)
        server.wait_received((20 * large).encode())


def test_a_send_that_finds_no_room_in_time_says_so() -> None:
    def flood() -> None:
        while True:
            session.send("x" * 100_000)

    with TcpServer(silent) as server:
        session = tcp.open(HOST, server.port, max_buffered=100_000, send_timeout="50ms")
        with pytest.raises((k6ws.TCPError, k6ws.SessionClosed)) as caught:
            flood()
        # As the sender sees it first, or the connection, which gives up as late.
        error = caught.value
        broken = error.error if isinstance(error, k6ws.SessionClosed) else error
        assert isinstance(broken, k6ws.TCPError)
        assert broken.cause == "send_blocked"
        session.close()
