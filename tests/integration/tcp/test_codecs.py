"""`codec` of a TCP socket: objects instead of messages."""

from __future__ import annotations

import json
from typing import Any

import k6ws
from k6ws.framing import Codec, length_prefix, lines
from k6ws.tcp import Socket
from support.runs import run_once
from support.tcp_messages import HOST, one_by_one, received, talked
from support.tcp_server import TcpServer, echo, send


def test_json_is_objects_in_both_directions() -> None:
    values = [{"id": 1, "text": "ü"}, [1, 2.5, None], "text", 2**70]
    with TcpServer(echo) as server:
        assert talked(server, *values, framing=length_prefix(4), codec="json") == values
        assert talked(server, *values, framing=lines(), codec="json") == values
    sent = b"".join(json.dumps(one).encode() + b"\n" for one in values)
    assert received(send(sent), framing=lines(), codec="json") == [*values, "close"]


def test_bad_json_ends_the_connection_and_shows_where() -> None:
    story = received(send(b'{"a": 1}\n{"a": oops}\n{"a": 2}\n'), framing=lines(), codec="json")
    assert story[0] == {"a": 1}
    cause, text = story[1]
    assert cause == "framing"
    assert text.startswith("not JSON: ")
    assert "at byte 6" in text
    assert "oops" in text
    assert story[2:] == ["close"]


def number(buffer: bytes) -> tuple[int, int] | None:
    end = buffer.find(b";")
    return None if end < 0 else (int(buffer[:end]), end + 1)


NUMBERS = Codec(number, lambda one: b"%d;" % one)


def test_a_codec_of_the_script_reads_the_stream() -> None:
    with TcpServer(echo) as server:
        assert talked(server, 1, 22, 333, codec=NUMBERS) == [1, 22, 333]
    assert received(one_by_one(b"1;22;333;4"), codec=NUMBERS) == [1, 22, 333, "close"]


def test_coroutine_handlers_of_decoded_messages_run_one_after_the_other() -> None:
    story: list[Any] = []

    async def default() -> None:
        import asyncio  # noqa: PLC0415

        socket = Socket(codec=NUMBERS)

        async def data(one: int) -> None:
            story.append(one)
            await asyncio.sleep(0)
            story.append(-one)

        socket.on("data", data)
        socket.on("close", lambda: story.append("close"))
        await socket.connect(server.port, HOST)

    with TcpServer(send(b"1;2;3;")) as server:
        run_once(default)
    assert story == [1, -1, 2, -2, 3, -3, "close"]


def test_a_socket_that_its_handler_destroys_gets_no_further_message() -> None:
    story: list[Any] = []

    def default() -> None:
        socket = Socket(codec=NUMBERS)
        socket.on("data", lambda one: (story.append(one), socket.destroy()))
        socket.connect(server.port, HOST)

    with TcpServer(send(b"1;2;3;")) as server:
        run_once(default)
    assert story == [1]


def test_what_a_codec_of_the_script_raises_ends_the_iteration() -> None:
    def default() -> None:
        Socket(codec=NUMBERS).connect(server.port, HOST)

    with TcpServer(send(b"x;")) as server:
        result = k6ws.run(default, iterations=1)
    assert [one.type for one in result.exceptions] == ["ValueError"]
