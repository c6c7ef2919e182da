"""Requests and rules where messages have frames and codecs: they see messages, the wire sees frames."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws import _core, tcp, ws
from k6ws.correlate import by, in_order
from k6ws.errors import FramingError
from k6ws.framing import Raw, length_in_head, length_prefix, lines
from k6ws.match import has
from support import tcp_server
from support.runs import run_once
from support.tcp_server import Reader, TcpServer, Writer

HOST = "127.0.0.1"


def test_requests_of_json_over_tcp_are_known_by_their_id_and_timed() -> None:
    """R12: requests over a framing have their trend."""
    got: list[Any] = []

    def default() -> None:
        options: Any = {"framing": length_prefix(4), "codec": "json", "correlate": by("/id")}
        with tcp.open(HOST, server.port, **options) as session:
            replies = [session.start({"id": number}, "many") for number in range(10)]
            got.extend(reply.wait() for reply in replies)
            got.append(session.request({"id": 10, "text": "ü"}, "one"))

    with TcpServer(tcp_server.echo) as server:
        result = run_once(default)
    assert got == [*({"id": number} for number in range(10)), {"id": 10, "text": "ü"}]
    assert result.metrics["tcp_reqs"].count == 11
    assert result.metrics["tcp_req_duration"].max > 0
    assert result.metrics["tcp_socket_connecting"].max > 0
    assert result.metrics["tcp_msgs_received"].count == 11


def test_an_answer_that_is_an_object_takes_json_from_what_it_answers() -> None:
    server = _core.EchoServer("127.0.0.1", 0)
    with ws.open(server.url(), codec="json") as session:
        session.auto_reply({"/0": 2}, [3, "{/1}", {"status": "{/3}"}])
        session.send([2, "17", "Reset", {"hard": True}])
        assert session.recv() == [3, "17", {"status": {"hard": True}}]
    server.stop()


def test_a_reply_in_lines_is_text_and_so_is_what_a_rule_answers() -> None:
    got: list[Any] = []

    async def talk(reader: Reader, writer: Writer) -> None:
        assert await reader.read(100) == b"PING\r\n"
        writer.write(b"+PONG\r\nare you there?\r\n")
        await writer.drain()
        assert await reader.read(100) == b"I am\r\n"
        writer.write(b"good\r\n")
        await writer.drain()
        await reader.read(100)

    def default() -> None:
        options: Any = {"framing": lines("\r\n"), "correlate": in_order()}
        with tcp.open(HOST, server.port, **options) as session:
            session.auto_reply("are you there?", "I am")
            got.append(session.request("PING", "ping"))
            got.append(session.recv())

    with TcpServer(talk) as server:
        run_once(default)
    assert got == ["+PONG", "good"]


LSP = length_in_head(rb"(?mi)^content-length: *(\d+)", end=b"\r\n\r\n", head=b"Content-Length: {}")


def test_a_language_server_is_asked_by_its_ids_and_asks_back() -> None:
    read: list[bytes] = []

    def framed(body: bytes) -> bytes:
        return b"Content-Type: json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    answers = {
        b'{"id":1,': [b'{"method":"progress","id":"p"}', b'{"id":1,"result":"\xc3\xbc"}'],
        b'{"id":2,': [b'{"id":2,"result":null}'],
    }

    async def talk(reader: Reader, writer: Writer) -> None:
        framer = LSP.framer()
        while len(read) < 3:
            for body in framer.feed(await reader.read(1000)):
                assert isinstance(body, bytes)
                read.append(body)
                for answer in answers.get(body[:8], ()):
                    writer.write(framed(answer))
                    await writer.drain()

    got: list[Any] = []

    def default() -> None:
        options: Any = {
            "framing": LSP,
            "codec": "json",
            "correlate": by("/id", where=has("/result")),
        }
        with tcp.open(HOST, server.port, **options) as session:
            session.auto_reply({"/method": "progress"}, {"id": "{/id}", "result": None})
            got.append(session.request({"id": 1, "method": "\u00fc"}, "one"))
            got.append(session.request({"id": 2, "method": "shutdown"}, "two"))

    with TcpServer(talk) as server:
        run_once(default)
        server.wait_ended()
    assert got == [{"id": 1, "result": "\u00fc"}, {"id": 2, "result": None}]
    said = sorted(read)
    assert said == [
        b'{"id":"p","result":null}',
        '{"id":1,"method":"\u00fc"}'.encode(),
        b'{"id":2,"method":"shutdown"}',
    ]


def test_requests_and_rules_over_a_websocket_have_their_frame(echo: _core.EchoServer) -> None:
    with ws.open(echo.url(), framing=lines(), correlate=in_order()) as session:
        assert session.request("one", "ask") == "one"
        session.auto_reply("ping", "pong")
        session.send("ping")
        assert session.recv() == "pong"
        session.send("behind it")
        assert session.recv() == "behind it"


def test_raw_bytes_are_no_request() -> None:
    with TcpServer(tcp_server.echo) as server:
        options: Any = {"framing": length_prefix(1), "correlate": in_order()}
        with tcp.open(HOST, server.port, **options) as session:
            with pytest.raises(FramingError, match="a request has a frame"):
                session.request(Raw(b"\x02hi"), "raw")
            session.send(Raw(b"\x02hi"))
            assert session.recv() == b"hi"
