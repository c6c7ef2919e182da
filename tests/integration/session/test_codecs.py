"""Sessions whose messages are more than bytes: `framing` and `codec` of `tcp.open` and `ws.open`."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

import k6ws
from k6ws import _core, match, tcp, ws
from k6ws.correlate import by, in_order
from k6ws.errors import FramingError
from k6ws.framing import Codec, Raw, fixed, length_prefix, lines, varint
from k6ws.match import contains, regex
from k6ws.match import json as json_of
from support import tcp_server
from support.runs import run_once
from support.servers import Authority
from support.tcp_messages import one_by_one
from support.tcp_server import Reader, TcpServer, Writer, send

HOST = "127.0.0.1"


def number(buffer: bytes) -> tuple[int, int] | None:
    end = buffer.find(b";")
    return None if end < 0 else (int(buffer[:end]), end + 1)


NUMBERS = Codec(number, lambda one: b"%d;" % one)


def test_a_session_over_tcp_speaks_in_lines() -> None:
    with (
        TcpServer(tcp_server.echo) as server,
        tcp.open(HOST, server.port, framing=lines()) as session,
    ):
        session.send("PING")
        session.send("one\ntwo")
        assert [session.recv() for _ in range(3)] == ["PING", "one", "two"]
        session.send(Raw(b"with an end\r\n"))
        assert session.recv() == "with an end"


def test_lines_in_single_bytes_wait_for_who_reads() -> None:
    stream = b"220 ready\r\n250-first\r\n250 last\r\n"
    with (
        TcpServer(one_by_one(stream)) as server,
        tcp.open(HOST, server.port, framing=lines()) as session,
    ):
        assert session.recv(regex("^250 ")) == "250 last"
        assert list(session) == ["220 ready", "250-first"]


def test_objects_there_and_back_in_a_coroutine() -> None:
    got: list[Any] = []

    async def default() -> None:
        framing = length_prefix(4, "little")
        async with tcp.aopen(HOST, server.port, framing=framing, codec="json") as session:
            await session.send({"id": 1, "text": "ü"})
            await session.send([2**70])
            got.append(await session.recv(json_of({"/0": 2**70})))
            got.append(await session.recv())

    with TcpServer(tcp_server.echo) as server:
        run_once(default)
    assert got == [[2**70], {"id": 1, "text": "ü"}]


def test_a_codec_of_the_script_gives_objects_and_matchers_see_the_bytes_of_each() -> None:
    with (
        TcpServer(send(b"1;22;33", b"3;")) as server,
        tcp.open(HOST, server.port, codec=NUMBERS) as session,
    ):
        assert session.recv(contains(b"333")) == 333
        assert session.recv(lambda one: one > 1) == 22
        assert session.recv() == 1


def test_what_cannot_be_framed_is_refused_at_the_call_and_the_session_stays() -> None:
    framing = length_prefix(4, offset=1)
    with (
        TcpServer(tcp_server.echo) as server,
        tcp.open(HOST, server.port, framing=framing) as session,
    ):
        with pytest.raises(FramingError, match="3 bytes, 5 are needed"):
            session.send(b"abc")
        session.send(b"x\0\0\0\1y")
        assert session.recv() == b"x\0\0\0\1y"


@pytest.mark.parametrize(
    ("options", "stream", "first", "text"),
    [
        ({"framing": lines(max=4)}, b"fine\n12345\n", "fine", "over the max of 4 bytes"),
        ({"framing": lines(), "codec": "json"}, b"1\noops\n2\n", 1, "not JSON: expected value"),
        ({"codec": NUMBERS}, b"1;", 1, ""),
        ({"codec": Codec(lambda _: 7, bytes)}, b"1;", None, "codec: parse returned 7"),
        ({"codec": Codec(lambda _: 1 / 0, bytes)}, b"1;", None, "division by zero"),
    ],
)
def test_what_is_no_message_ends_the_session_behind_those_that_were(
    options: dict[str, Any], stream: bytes, first: Any, text: str
) -> None:
    errors: list[Any] = []

    def default() -> None:
        with tcp.open(HOST, server.port, **options) as session:
            session.on("error", errors.append)
            if first is not None:
                assert session.recv() == first
            with pytest.raises(k6ws.SessionClosed) as caught:
                session.recv()
            assert text in str(caught.value)
            if text:
                assert caught.value.by == "nobody"
                assert not session.is_open

    with TcpServer(send(stream)) as server:
        result = run_once(default)
    assert len(errors) == bool(text)
    failed = result.metrics["tcp_errors"].count if "tcp_errors" in result.metrics else 0
    assert failed == bool(text)


def test_a_line_that_came_before_tls_does_not_pass_for_one_that_came_with_it(
    authority: Authority,
) -> None:
    async def inject(reader: Reader, writer: Writer) -> None:
        await reader.read(100)
        writer.write(b"220 go\r\n250 inj")
        await writer.drain()
        await writer.start_tls(authority.server_context())
        await reader.read(100)

    def default() -> None:
        with tcp.open(HOST, server.port, framing=lines("\r\n")) as session:
            session.send("STARTTLS")
            assert session.recv() == "220 go"
            with pytest.raises(k6ws.TCPError, match="7 bytes of another one came before TLS"):
                session.start_tls(ca=authority.pem)

    with TcpServer(inject) as server:
        run_once(default)


def test_a_protocol_that_answers_with_one_byte_before_its_messages(authority: Authority) -> None:
    async def postgresql(reader: Reader, writer: Writer) -> None:
        await reader.read(100)
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(authority.server_context())
        await reader.read(100)
        writer.write(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\5I")
        await writer.drain()
        await reader.read(100)

    def default() -> None:
        with tcp.open(HOST, server.port, framing=fixed(1)) as session:
            session.send(Raw(b"\0\0\0\x08\x04\xd2\x16\x2f"))
            assert session.recv() == b"S"
            session.start_tls(ca=authority.pem)
            session.set_framing(length_prefix(4, offset=1, inclusive=True))
            session.send(Raw(b"\0\0\0\x08\0\3\0\0"))
            assert session.recv() == b"R\0\0\0\x08\0\0\0\0"
            assert session.recv() == b"Z\0\0\0\5I"
        with (
            tcp.open(HOST, server.port) as session,
            pytest.raises(FramingError, match="opened without a framing"),
        ):
            session.set_framing(lines())

    with TcpServer(postgresql) as server:
        run_once(default)


@pytest.mark.parametrize("style", ["blocking", "coroutine"])
def test_a_websocket_speaks_json(echo: _core.EchoServer, style: str) -> None:
    values = [{"id": 1, "text": "ü"}, [1.5, None], "text"]
    got: list[Any] = []

    def blocking() -> None:
        with ws.open(echo.url(), codec="json") as session:
            for value in values:
                session.send(value)
                got.append(session.recv())

    async def coroutine() -> None:
        async with ws.aopen(echo.url(), codec="json") as session:
            for value in values:
                await session.send(value)
                got.append(await session.recv())

    run_once(blocking if style == "blocking" else coroutine)
    assert got == values


def test_a_websocket_whose_codec_is_of_whole_messages(echo: _core.EchoServer) -> None:
    spoken = Codec(json.loads, json.dumps, whole=True)
    with ws.open(echo.url(), codec=spoken) as session:
        session.send({"a": 1})
        assert session.recv() == {"a": 1}


def test_what_equals_an_object_is_what_the_codec_made_of_it(echo: _core.EchoServer) -> None:
    """Pickles are no JSON: only the codec of the script knows."""

    def default() -> None:
        own = Codec(pickle.loads, pickle.dumps, whole=True)
        ask = in_order(where=~match.equals({"push": 1}))
        with ws.open(echo.url(), codec=own, correlate=ask, recv_timeout="5s") as session:
            session.ignore(match.equals({"a": 1}))
            session.send({"a": 1})
            session.send({"b": 0})
            assert session.recv() == {"b": 0}
            session.send({"push": 1})
            assert session.request({"a": 2}, "a") == {"a": 2}
            assert session.request({"b": 1}, "b", match=match.equals({"b": 1})) == {"b": 1}
            check = {"is c": match.equals({"c": 1})}
            assert session.request({"c": 1}, "c", done=match.equals({"c": 1}), check=check)
            assert session.recv() == {"push": 1}

    run_once(default)


@pytest.mark.parametrize("is_tcp", [False, True])
def test_where_a_codec_cuts_messages_nothing_is_asked(
    echo: _core.EchoServer, *, is_tcp: bool
) -> None:
    with TcpServer() as server:
        place: Any = (HOST, server.port) if is_tcp else (echo.url(),)
        module: Any = tcp if is_tcp else ws
        with module.open(*place, codec=NUMBERS, correlate=by("/id")) as session:
            calls: list[Any] = [
                lambda: session.request(1, "a"),
                lambda: session.start(1, "a", match="1"),
                lambda: session.ignore("1"),
                lambda: session.auto_reply("1", 2),
                lambda: session.auto_reply("1", str),
                lambda: session.delivered("1", "a"),
            ]
            for call in calls:
                with pytest.raises(FramingError, match="here a codec cuts them") as caught:
                    call()
                assert "whole=True" in caught.value.hint
            session.send(1)
            assert session.request(None, "greeting") == 1


def test_a_websocket_whose_message_is_none_of_its_codec_is_closed_with_1007(
    echo: _core.EchoServer,
) -> None:
    errors: list[Any] = []

    def default() -> None:
        with ws.open(echo.url(), codec="json") as session:
            session.on("error", errors.append)
            session.send(Raw(b"{oops"))
            with pytest.raises(k6ws.SessionClosed, match="not JSON") as caught:
                session.recv()
            assert caught.value.code == 1007

    result = run_once(default)
    assert [error.cause for error in errors] == ["framing"]
    assert result.metrics["ws_closes"].count == 1


def test_packets_over_a_websocket_may_be_split_and_packed(echo: _core.EchoServer) -> None:
    packets: list[Any] = []

    def default() -> None:
        with ws.open(echo.url(), subprotocols=["mqtt"], framing=varint(1)) as session:
            session.send(b"\xd0\0")
            session.send(Raw(b"\x30\x05ab"))
            session.send(Raw(b"cde\x31\x01x\x32"))
            session.send(Raw(b"\0"))
            packets.extend(session.recv() for _ in range(4))
            with pytest.raises(FramingError, match="whole frames"):
                session.send(b"\x30\x05ab")

    result = run_once(default)
    assert packets == [b"\xd0\0", b"\x30\x05abcde", b"\x31\x01x", b"\x32\0"]
    assert result.metrics["ws_msgs_received"].count == 4
    assert result.metrics["ws_msgs_sent"].count == 4


def test_a_frame_over_its_max_closes_a_websocket_with_1009(echo: _core.EchoServer) -> None:
    with ws.open(echo.url(), framing=lines(max=4)) as session:
        session.send("fine")
        assert session.recv() == "fine"
        session.send("12345")
        with pytest.raises(k6ws.SessionClosed, match="over the max of 4 bytes") as caught:
            session.recv()
        assert caught.value.code == 1009


def test_a_codec_of_a_websocket_is_checked_before_it_dials() -> None:
    with pytest.raises(TypeError, match="given twice"):
        ws.open("ws://127.0.0.1:1", codec=lines(), framing=lines())  # pyright: ignore[reportArgumentType]
    with pytest.raises(k6ws.InvalidParameter, match="'yaml' is not known"):
        ws.open("ws://127.0.0.1:1", codec="yaml")  # pyright: ignore[reportArgumentType]
