"""`k6ws.framing` without a socket: what cuts a stream, what is sent, what codecs make of messages."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from k6ws import _core
from k6ws import framing as framing_module
from k6ws._params.framing import codec, framing, settle
from k6ws._socket.coder import JSON, coder_of
from k6ws.correlate import capture
from k6ws.errors import CodecError, FramingError, InvalidParameter
from k6ws.framing import (
    Codec,
    Framing,
    Raw,
    delimiter,
    fixed,
    length_in_head,
    length_prefix,
    lines,
    until_close,
    varint,
)

POSTGRESQL = length_prefix(4, offset=1, inclusive=True)
REDIS = lines("\r\n")
NATS = length_in_head(rb"^(?:MSG|PUB) .* (\d+)$", tail=b"\r\n")
LSP = length_in_head(rb"(?mi)^content-length: *(\d+)", end=b"\r\n\r\n", head=b"Content-Length: {}")
NETSTRINGS = length_in_head("^([0-9]+)$", end=b":", tail=b",", head=b"{}")


@pytest.mark.parametrize(
    ("framing", "stream", "messages"),
    [
        (lines(), b"+OK\r\n$5\nhello\r\n", ["+OK", "$5", "hello"]),
        (REDIS, b"+OK\r\n$5\r\n", ["+OK", "$5"]),
        (delimiter(b"\0"), b"CONNECTED\n\n\0\0", [b"CONNECTED\n\n", b""]),
        (fixed(3), b"abcdef", [b"abc", b"def"]),
        (length_prefix(2), b"\0\2hi\0\0", [b"hi", b""]),
        (length_prefix(2, "little"), b"\2\0hi", [b"hi"]),
        (POSTGRESQL, b"Z\0\0\0\5I1\0\0\0\4", [b"Z\0\0\0\5I", b"1\0\0\0\4"]),
        (length_prefix(2, offset=2, adjust=-4), b"hd\0\5x", [b"hd\0\5x"]),
        (varint(), b"\5hello", [b"hello"]),
        (varint(1), b"\xd0\0\x30\3abc", [b"\xd0\0", b"\x30\3abc"]),
        (until_close(), b"all of it", [b"all of it"]),
        (NATS, b"MSG a 1 4\r\n\r\n\r\n\r\nPING\r\n", [b"MSG a 1 4\r\n\r\n\r\n", b"PING"]),
        (LSP, b"A: b\r\ncontent-length:2\r\n\r\n{}", [b"{}"]),
        (NETSTRINGS, b"5:hello,0:,", [b"hello", b""]),
    ],
    ids=lambda one: repr(one) if isinstance(one, Framing) else "",
)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_messages_are_the_same_in_every_split(
    framing: Framing, stream: bytes, messages: list[Any], size: int
) -> None:
    framer = framing.framer()
    found: list[str | bytes] = []
    for at in range(0, len(stream), size):
        found += framer.feed(stream[at : at + size])
    assert found + framer.end() == messages
    assert framer.kept() == 0


@pytest.mark.parametrize(
    ("framing", "message", "sent"),
    [
        (lines(), "PING", b"PING\n"),
        (REDIS, b"PING", b"PING\r\n"),
        (lines(), "ü", b"\xc3\xbc\n"),
        (delimiter(b"\0"), bytearray(b"x"), b"x\0"),
        (fixed(2), b"abcd", b"abcd"),
        (length_prefix(4), "hi", b"\0\0\0\2hi"),
        (length_prefix(4, "little", inclusive=True), b"hi", b"\6\0\0\0hi"),
        (POSTGRESQL, b"Z\0\0\0\5I", b"Z\0\0\0\5I"),
        (varint(), b"x" * 300, b"\xac\2" + b"x" * 300),
        (until_close(), memoryview(b"GET"), b"GET"),
        (NATS, "PUB a 2\r\n\u00fc", b"PUB a 2\r\n\xc3\xbc\r\n"),
        (LSP, "\u00fc", b"Content-Length: 2\r\n\r\n\xc3\xbc"),
        (NETSTRINGS, b"hi", b"2:hi,"),
    ],
    ids=lambda one: repr(one) if isinstance(one, Framing) else "",
)
def test_what_is_sent_has_its_frame(framing: Framing, message: Any, sent: bytes) -> None:
    assert framing.wrap(message) == sent


def test_what_cannot_be_sent_says_why_and_with_which_framing() -> None:
    with pytest.raises(FramingError) as caught:
        POSTGRESQL.wrap(b"Q\0\0\0\x09abc")
    assert str(caught.value) == (
        "a message that has its own length must be whole frames: 8 bytes where the length says 10, "
        "with framing=length_prefix(4, offset=1, inclusive=True)"
    )
    assert caught.value.hint == "framing.Raw(message) writes bytes as they are"
    with pytest.raises(TypeError):
        lines().wrap(7)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_a_framing_is_written_as_a_script_writes_it() -> None:
    written = "length_prefix(2, order='little', offset=2, adjust=-4, max=100)"
    assert repr(length_prefix(2, "little", offset=2, adjust=-4, max=100)) == written
    assert repr(lines()) == "lines()"
    assert repr(varint(1)) == "varint(offset=1)"
    assert (lines(max=7).max, lines().is_text, fixed(2).is_text) == (7, True, False)


def test_the_group_of_a_length_may_be_chosen_as_of_a_key() -> None:
    chosen = length_in_head(capture(r"^VALUE (\S+) (\d+)", 2), tail=b"\r\n")
    assert chosen.framer().feed(b"VALUE a 2\r\nhi\r\nEND\r\n") == [b"VALUE a 2\r\nhi", b"END"]
    assert repr(chosen) == "length_in_head(capture('^VALUE (\\\\S+) (\\\\d+)', 2), tail=b'\\r\\n')"


def test_lines_that_are_no_text_are_refused_or_kept_there_and_back() -> None:
    with pytest.raises(FramingError, match="not UTF-8: 0xef at byte 2"):
        lines().framer().feed(b"na\xefve\n")
    keeps = lines(errors="surrogateescape")
    [line] = keeps.framer().feed(b"na\xefve\n")
    assert line == "na\udcefve"
    assert keeps.wrap(line) == b"na\xefve\n"


# What the types forbid.
wrong: Any = framing_module


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: wrong.lines(""), InvalidParameter, "1 to 256 bytes, not 0"),
        (lambda: wrong.lines(b"\n"), TypeError, "end is text"),
        (lambda: wrong.lines(errors="ignore"), InvalidParameter, "'strict' or 'surrogateescape'"),
        (lambda: wrong.lines(max=0), InvalidParameter, "max of 0 bytes"),
        (lambda: wrong.lines(max=True), TypeError, "max is a number of bytes"),
        (lambda: wrong.lines(max=1 << 70), InvalidParameter, "out of range"),
        (lambda: wrong.delimiter("\n"), TypeError, "end is bytes"),
        (lambda: wrong.fixed(0), InvalidParameter, "size of 0 bytes"),
        (lambda: wrong.fixed("4"), TypeError, "size is a number of bytes"),
        (lambda: wrong.length_prefix(9), InvalidParameter, "1 to 8 bytes, not 9"),
        (lambda: wrong.length_prefix(4, "network"), InvalidParameter, "'big' or 'little'"),
        (lambda: wrong.length_prefix(4, offset=-1), InvalidParameter, "offset of -1"),
        (lambda: wrong.length_prefix(4, adjust=1 << 70), InvalidParameter, "adjust of"),
        (lambda: wrong.length_prefix(4, inclusive=1), TypeError, "True or False"),
        (lambda: wrong.varint(1 << 20), InvalidParameter, "offset of"),
        (lambda: wrong.length_in_head("x"), InvalidParameter, "a pattern without a group"),
        (lambda: wrong.length_in_head("(x)(y)"), InvalidParameter, "a pattern with 2 groups"),
        (lambda: wrong.length_in_head("("), InvalidParameter, "a pattern is not valid"),
        (lambda: wrong.length_in_head(7), TypeError, "a pattern is text, bytes, or what"),
        (lambda: wrong.length_in_head("(x)", tail="\n"), TypeError, "tail is bytes"),
        (lambda: wrong.length_in_head("(x)", end=b""), InvalidParameter, "1 to 256 bytes, not 0"),
        (lambda: wrong.length_in_head("(x)", tail=b" " * 257), InvalidParameter, "at most 256"),
        (lambda: wrong.length_in_head("(x)", head=b"{"), InvalidParameter, "where the length"),
        (lambda: wrong.length_in_head("(x)", head=b"{}"), InvalidParameter, "with a length of 120"),
    ],
)
def test_a_framing_that_cannot_be_is_refused(make: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        make()


def test_what_the_parameters_take() -> None:
    assert framing(REDIS) is REDIS
    with pytest.raises(TypeError, match=r"did you mean lines\(\)\?"):
        framing(lines)
    with pytest.raises(TypeError, match=r"framing takes what k6ws\.framing makes, not 'lines'"):
        framing("lines")
    assert codec("json") == "json"
    with pytest.raises(InvalidParameter, match="'yaml' is not known"):
        codec("yaml")
    with pytest.raises(TypeError, match="'json' or a Codec"):
        codec(json)
    settings: dict[str, Any] = {"codec": REDIS}
    settle(settings)
    assert settings == {"framing": REDIS}
    with pytest.raises(TypeError, match="given twice"):
        settle({"codec": REDIS, "framing": lines()})


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, -0.0, 1e300, None, True, False], "b": {"c": 'ü\n"\\\u2028😀'}},
        2**80,
        -(2**63),
        "",
        [],
        {},
        [[["deep"]]],
        0.1,
    ],
)
def test_json_there_and_back_is_the_same(value: Any) -> None:
    text = JSON.encode(value)
    assert json.loads(text) == value
    assert JSON.decode(_core.TEXT, text) == [value]
    assert JSON.decode(_core.DATA, text.encode()) == [value]


def test_json_that_python_has_to_look_at() -> None:
    assert JSON.encode({1: (2, True), None: "x"}) == '{"1":[2,true],"null":"x"}'
    assert JSON.encode("\ud83d") == '"\\ud83d"'
    for value in (math.nan, {"x": math.inf}, object(), {1, 2}):
        with pytest.raises(CodecError, match="no JSON can be made of it"):
            JSON.encode(value)
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(CodecError, match=r"Circular|recursion"):
        JSON.encode(circle)


def test_of_a_member_that_is_there_twice_the_last_one_counts() -> None:
    assert JSON.decode(_core.TEXT, '{"a": 1, "a": 2}') == [{"a": 2}]


@pytest.mark.parametrize(
    "data", ["", "{", "nan", "[NaN]", "Infinity", "{'a': 1}", "[1,]", "1 2", b"\xff", "[" * 100_000]
)
def test_what_is_no_json_is_refused_with_its_place(data: Any) -> None:
    with pytest.raises(CodecError, match=r"^not JSON: .* at byte \d+: "):
        JSON.decode(_core.TEXT, data)


def test_an_error_of_json_shows_a_piece_of_the_message_and_not_all_of_it() -> None:
    with pytest.raises(CodecError) as caught:
        JSON.decode(_core.TEXT, '{"name": "' + "x" * 1000 + '", oops}')
    assert len(str(caught.value)) < 200
    assert "oops" in str(caught.value)


def numbers(buffer: bytes) -> tuple[int, int] | None:
    end = buffer.find(b";")
    return None if end < 0 else (int(buffer[:end]), end + 1)


def test_a_codec_of_a_script_reads_a_stream_and_each_connection_its_own() -> None:
    own = Codec(numbers, lambda number: b"%d;" % number)
    one, other = coder_of(own), coder_of(own)
    assert one is not None
    assert other is not None
    assert one.decode(_core.DATA, b"1;22;3") == [1, 22]
    assert other.decode(_core.DATA, b"4;") == [4]
    assert one.decode(_core.TEXT, "3;") == [33]
    assert one.encode(5) == b"5;"


def test_a_codec_of_whole_messages_gets_each_as_it_came() -> None:
    own = coder_of(Codec(lambda message: (type(message), message), str, whole=True))
    assert own is not None
    assert own.decode(_core.TEXT, "1;2") == [(str, "1;2")]
    assert own.decode(_core.BINARY, b"1") == [(bytes, b"1")]
    assert own.encode(5) == "5"


@pytest.mark.parametrize("parsed", [5, ("x",), ("x", 0), ("x", 4), ("x", None), ("x", -1)])
def test_a_codec_that_returns_something_else_is_told_what_it_may_return(parsed: Any) -> None:
    own = coder_of(Codec(lambda _buffer: parsed, bytes))
    assert own is not None
    with pytest.raises(CodecError, match="parse returned") as caught:
        own.decode(_core.DATA, b"abc")
    assert "used from 1 to 3" in caught.value.hint


def test_a_codec_that_encodes_to_something_else_is_refused() -> None:
    own = coder_of(Codec(numbers, lambda number: number))
    assert own is not None
    with pytest.raises(CodecError, match="encode returned 5"):
        own.encode(5)


def test_a_codec_needs_what_can_be_called() -> None:
    with pytest.raises(TypeError, match="parse cannot be called"):
        Codec("x", str)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_raw_bytes_are_bytes() -> None:
    assert Raw(b"x") == b"x"
    assert isinstance(Raw(b"x"), bytes)
