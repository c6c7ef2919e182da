"""`framing` and `codec` of a TCP socket: messages instead of pieces, against peers that misbehave, too."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws.errors import FramingError, InvalidParameter
from k6ws.framing import Framing, Raw, length_in_head, length_prefix, lines, until_close, varint
from k6ws.tcp import Socket, TCPError
from support.runs import run_once
from support.tcp_messages import HOST, one_by_one, received, talked
from support.tcp_server import Reader, TcpServer, Writer, echo, reset, send

POSTGRESQL = length_prefix(4, offset=1, inclusive=True)
MQTT = varint(1)
REDIS = length_in_head(r"^\$(\d+)$", tail=b"\r\n")


STREAMS: list[tuple[Framing, bytes, list[Any]]] = [
    (lines(), b"+OK\r\n$5\r\nhello\r\n", ["+OK", "$5", "hello"]),
    (POSTGRESQL, b"R\0\0\0\x08\0\0\0\0Z\0\0\0\5I", [b"R\0\0\0\x08\0\0\0\0", b"Z\0\0\0\5I"]),
    (MQTT, b"\x20\2\0\0\x30\x85\1" + b"x" * 133, [b"\x20\2\0\0", b"\x30\x85\1" + b"x" * 133]),
    (length_prefix(2), b"\0\2{}\0\x07[1,2,3]", [b"{}", b"[1,2,3]"]),
    (REDIS, b"+OK\r\n$5\r\nhe\r\no\r\n$-1\r\n", [b"+OK", b"$5\r\nhe\r\no", b"$-1"]),
    (until_close(), b"all that there is", [b"all that there is"]),
]


@pytest.mark.parametrize(("framing", "stream", "messages"), STREAMS, ids=lambda one: repr(one)[:30])
@pytest.mark.parametrize("pieces", [send, one_by_one], ids=["at once", "a byte at a time"])
def test_a_data_event_is_one_message_however_it_comes(
    framing: Framing, stream: bytes, messages: list[Any], pieces: Any
) -> None:
    assert received(pieces(stream), framing=framing) == [*messages, "close"]


def test_a_flood_of_messages_is_whole_in_order_and_counted() -> None:
    """R12, over a socket: the core's own test cuts a million frames of every framing."""
    numbers = range(50_000)
    stream = b"".join(b"%d\n" % number for number in numbers)
    got: list[str] = []

    def default() -> None:
        socket = Socket()
        socket.on("data", got.append)
        socket.connect(server.port, HOST, framing=lines())

    with TcpServer(send(stream)) as server:
        result = run_once(default)
    assert got == [str(number) for number in numbers]
    assert result.metrics["tcp_msgs_received"].count == len(numbers)
    assert result.metrics["tcp_reads"].count < len(numbers) / 100
    assert result.metrics.get("tcp_errors") is None


def test_without_a_framing_nothing_is_cut_and_no_message_counted() -> None:
    def default() -> None:
        socket = Socket()
        socket.connect(server.port, HOST)

    with TcpServer(send(b"a\nb\n")) as server:
        result = run_once(default)
    assert result.metrics["tcp_reads"].count >= 1
    assert "tcp_msgs_received" not in result.metrics


LIES: list[tuple[Any, bytes, list[Any], str, str]] = [
    (lines(max=4), b"fine\n12345", [], "too_big", "a message is over the max of 4 bytes"),
    (lines(max=4), b"fine\n1234567\nfine\n", ["fine"], "too_big", "over the max of 4 bytes"),
    (lines(), b"fine\nna\xefve\n", ["fine"], "utf8", "not UTF-8: 0xef at byte 2"),
    (length_prefix(4), b"\xff\xff\xff\xff", [], "too_big", "of 4294967295 bytes is over the max"),
    (POSTGRESQL, b"Z\0\0\0\3", [], "framing", "says that its length is 3"),
    (varint(), b"\xff" * 11, [], "framing", "a varint of more than 10 bytes"),
    (POSTGRESQL, b"Z\0\0\0\5", [], "eof", "after 5 bytes of at least 6"),
    (lines(), b"half a l", [], "eof", "within a frame, after 8 bytes"),
    (REDIS, b"+OK\r\n$2\r\nlong\r\n", [b"+OK"], "framing", 'says stands "ng", not'),
    (REDIS, b"$1" + b"0" * 30 + b"\r\n", [], "too_big", "of more bytes than can be counted"),
    (REDIS, b"$9\r\nhello\r\n", [], "eof", "after 11 bytes of at least 15"),
    (until_close(max=3), b"four", [], "too_big", "over the max of 3 bytes"),
]


@pytest.mark.parametrize(
    ("framing", "stream", "before", "cause", "text"), LIES, ids=lambda one: repr(one)[:30]
)
def test_what_is_no_message_ends_the_connection_and_says_why(
    framing: Framing, stream: bytes, before: list[Any], cause: str, text: str
) -> None:
    story = received(send(stream), framing=framing)
    told, error, close = story[:-2], story[-2], story[-1]
    assert close == "close"
    assert error[0] == cause
    assert text in error[1]
    assert told[: len(before)] == before
    assert len(told) <= 1


def test_the_end_for_a_lie_is_one_error_with_a_hint_and_nothing_is_read_any_more() -> None:
    errors: list[TCPError] = []

    async def lie(_reader: Reader, writer: Writer) -> None:
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()

    def default() -> None:
        socket = Socket()
        socket.on("error", errors.append)
        socket.connect(server.port, HOST, framing=lines(max=100))

    with TcpServer(lie) as server:
        result = run_once(default)
        server.wait_ended()
    assert [str(error) for error in errors] == [
        "TCP error during read: framing: a message is over the max of 100 bytes"
    ]
    assert "raise max" in errors[0].hint
    assert result.metrics["tcp_errors"].count == 1


def test_a_reset_in_the_middle_of_a_message_is_a_reset() -> None:
    async def rude(reader: Reader, writer: Writer) -> None:
        writer.write(b"half")
        await writer.drain()
        await reset(reader, writer)

    story: list[Any] = []

    def default() -> None:
        socket = Socket()
        socket.on("data", story.append)
        socket.on("error", lambda error: story.append(error.cause))
        socket.on("close", lambda: story.append("close"))
        socket.connect(server.port, HOST, framing=lines()).wait()
        socket.write("and you?")

    with TcpServer(rude) as server:
        run_once(default)
    assert story == ["reset", "close"]


def test_what_is_written_gets_its_frame() -> None:
    with TcpServer(echo) as server:
        assert talked(server, "PING", "ü", framing=lines("\r\n")) == ["PING", "ü"]
        server.wait_received(b"PING\r\n\xc3\xbc\r\n", 0)
        assert talked(server, "text", b"bytes", framing=length_prefix(1)) == [b"text", b"bytes"]
        server.wait_received(b"\4text\5bytes", 1)
        frame = b"Q\0\0\0\x06x\0"
        assert talked(server, frame, framing=POSTGRESQL) == [frame]
        assert talked(server, Raw(b"\2hi"), framing=length_prefix(1)) == [b"hi"]


def test_the_short_form_of_a_framing() -> None:
    with TcpServer(echo) as server:
        assert talked(server, "PING", codec=lines()) == ["PING"]


def test_a_message_that_cannot_be_framed_is_an_error_and_the_socket_stays() -> None:
    told: list[str] = []

    def default() -> None:
        socket = Socket(framing=POSTGRESQL)
        socket.on("error", lambda error: told.append(error.hint))
        socket.connect(server.port, HOST).wait()
        with pytest.raises(
            TCPError, match=r"during write: .* 3 bytes, 5 are needed, with framing="
        ):
            socket.write(b"abc").wait()
        socket.write(b"Z\0\0\0\4").wait()
        socket.destroy()

    with TcpServer(echo) as server:
        result = run_once(default)
    assert told == ["framing.Raw(message) writes bytes as they are"]
    assert result.metrics["tcp_errors"].count == 1


def test_options_that_cannot_be() -> None:
    def default() -> None:
        with pytest.raises(InvalidParameter, match="codec='json' needs a framing"):
            Socket().connect(1, HOST, codec="json")
        with pytest.raises(InvalidParameter, match="codec='json' needs a framing"):
            Socket(codec="json").connect(1, HOST)
        with pytest.raises(TypeError, match=r"did you mean lines\(\)\?"):
            Socket(framing=lines)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="given twice"):
            Socket(framing=lines(), codec=lines())
        with pytest.raises(FramingError, match="opened without a framing"):
            Socket().set_framing(lines())

    run_once(default)
