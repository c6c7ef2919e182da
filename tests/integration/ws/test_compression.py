"""permessage-deflate with other people's implementations, and with a peer that breaks it."""

from __future__ import annotations

import asyncio
import random
import zlib
from typing import Any

import aiohttp
import pytest
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.sync.client import connect

from k6ws import _core, ws
from k6ws.errors import InvalidParameter, K6Error, UnknownOption, WSError
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once, total
from support.scripted import ScriptedServer, fin, read_frame, send, upgrade
from support.servers import AiohttpServer, WebsocketsServer

SEED = 7
EXTENSION = "Sec-WebSocket-Extensions: permessage-deflate"


def messages() -> list[str | bytes]:
    """Of every size class, compressible and not."""
    rng = random.Random(SEED)
    words = [bytes(rng.randrange(97, 123) for _ in range(5)).decode() for _ in range(50)]
    sizes = (0, 1, 125, 126, 4000, 70_000)
    texts = [" ".join(rng.choice(words) for _ in range(size // 6 + 1))[:size] for size in sizes]
    return [*texts, *(rng.randbytes(size) for size in sizes), *texts, "é∂🐍" * 500]


def echoed(url: str, **params: Any) -> tuple[list[str | bytes], str]:
    """What comes back of `messages`, and the extension that was agreed on."""
    sent, got = messages(), list[str | bytes]()

    def session(socket: ws.Socket) -> None:
        def heard(message: str | bytes) -> None:
            got.append(message)
            if len(got) == len(sent):
                socket.close()

        def opened() -> None:
            for message in sent:
                (socket.send if isinstance(message, str) else socket.send_binary)(message)  # type: ignore[arg-type]

        socket.on("message", heard)
        socket.on("binaryMessage", heard)
        socket.on("open", opened)

    answers: list[ws.Response] = []
    run_once(lambda: answers.append(ws.connect(url, session, **params)))
    return got, answers[0].headers.get("Sec-Websocket-Extensions", "")


@pytest.mark.parametrize("server_bits", [None, 9, 12])
@pytest.mark.parametrize("client_bits", [None, 9, 15])
@pytest.mark.parametrize("alone", [False, True])
def test_every_agreement_with_python_websockets(
    server_bits: int | None, client_bits: int | None, *, alone: bool
) -> None:
    deflate = ServerPerMessageDeflateFactory(
        server_no_context_takeover=alone,
        client_no_context_takeover=alone,
        server_max_window_bits=server_bits,
        client_max_window_bits=client_bits,
    )
    with WebsocketsServer(compression=deflate) as server:
        url = server.url("/ws-echo-multi")
        got, agreed = echoed(url, compression={"algorithm": "deflate"})
    assert got == messages()
    assert "permessage-deflate" in agreed
    assert ("server_no_context_takeover" in agreed) == alone
    assert f"server_max_window_bits={server_bits}" in agreed or server_bits is None


def test_what_we_ask_for_is_what_python_websockets_is_asked_for() -> None:
    asked = {
        "server_max_window_bits": 10,
        "clientMaxWindowBits": 11,
        "server_no_context_takeover": True,
        "level": 9,
        "threshold": 100,
    }
    with WebsocketsServer(compression=ServerPerMessageDeflateFactory()) as server:
        url = server.url("/ws-echo-multi")
        got, agreed = echoed(url, compression=asked)
    assert got == messages()
    parts = {part.strip() for part in agreed.split(";")}
    assert {"server_max_window_bits=10", "server_no_context_takeover"} <= parts


def test_with_aiohttp() -> None:
    with AiohttpServer() as server:
        received: list[str] = []

        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: socket.send("compressible " * 100))
            socket.on("message", lambda text: (received.append(text), socket.close()))

        run_once(
            lambda: ws.connect(
                server.url("/ws-echo"), session, compression={"algorithm": "deflate"}
            )
        )
        offered = server.journal.session().header("Sec-WebSocket-Extensions")
    assert received == ["compressible " * 100]
    assert offered == "permessage-deflate; client_max_window_bits"


@pytest.mark.parametrize("bits", [None, 9, 15])
@pytest.mark.parametrize("alone", [False, True])
def test_our_target_with_python_websockets(
    echo: _core.EchoServer, bits: int | None, *, alone: bool
) -> None:
    deflate = ClientPerMessageDeflateFactory(
        server_no_context_takeover=alone,
        client_no_context_takeover=alone,
        server_max_window_bits=bits,
        client_max_window_bits=bits or True,
    )
    with connect(echo.url(), compression=None, extensions=[deflate], max_size=None) as client:
        [extension] = client.protocol.extensions
        assert "PerMessageDeflate" in type(extension).__name__
        for message in messages():
            client.send(message)
            assert client.recv() == message


def test_our_target_with_aiohttp(echo: _core.EchoServer) -> None:
    async def main() -> list[str | bytes]:
        got: list[str | bytes] = []
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(echo.url(), compress=15, max_msg_size=0) as client,
        ):
            assert client.compress == 15
            for message in messages():
                if isinstance(message, str):
                    await client.send_str(message)
                    got.append(await client.receive_str())
                else:
                    await client.send_bytes(message)
                    got.append(await client.receive_bytes())
        return got

    assert asyncio.run(main()) == messages()


def test_the_wire_carries_less_and_the_figures_say_so(echo: _core.EchoServer) -> None:
    text = "the same words again and again " * 1000

    def default() -> None:
        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: socket.send(text))
            socket.on("message", lambda: socket.close())

        ws.connect(echo.url(), session, compression="deflate")

    result = run_once(default)
    assert total(result, "ws_msgs_sent") == total(result, "ws_msgs_received") == 1
    assert total(result, "data_sent") < len(text) / 10
    assert total(result, "data_received") < len(text) / 10


def test_what_is_buffered_is_counted_before_compression(echo: _core.EchoServer) -> None:
    amounts: list[int] = []

    def default() -> None:
        socket = WebSocket(echo.url(), compression="deflate")

        def opened() -> None:
            socket.send("x" * 5000)
            amounts.append(socket.buffered_amount)
            socket.close()

        socket.onopen = opened

    run_once(default)
    assert amounts == [5000]


def deflated(payload: bytes) -> bytes:
    codec = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (codec.compress(payload) + codec.flush(zlib.Z_SYNC_FLUSH))[:-4]


RSV1 = 4
BOMB = deflated(bytes(32 << 20))


@pytest.mark.parametrize(
    ("sent", "code", "cause"),
    [
        (frames.frame(frames.BINARY, BOMB, rsv=RSV1), 1009, "too_big"),
        (
            frames.frame(frames.BINARY, BOMB[:100], rsv=RSV1, fin=False)
            + frames.frame(frames.CONTINUATION, BOMB[100:]),
            1009,
            "too_big",
        ),
        (frames.frame(frames.BINARY, b"\xff" * 20, rsv=RSV1), 1002, "protocol"),
        (frames.frame(frames.TEXT, deflated(b"a\xff"), rsv=RSV1), 1007, "utf8"),
        (frames.frame(frames.TEXT, deflated(b"a\xe2\x82"), rsv=RSV1), 1007, "utf8"),
        (
            frames.frame(frames.TEXT, b"a", fin=False)
            + frames.frame(frames.CONTINUATION, deflated(b"b"), rsv=RSV1),
            1002,
            "protocol",
        ),
        (frames.frame(frames.PING, b"", rsv=RSV1), 1002, "protocol"),
        (frames.frame(frames.TEXT, deflated(b"a"), rsv=2), 1002, "protocol"),
    ],
    ids=["bomb", "bomb in pieces", "rubbish", "no UTF-8", "half a character", "continuation", "ping", "RSV2"],
)  # fmt: skip
def test_a_peer_that_breaks_it_is_told_and_nothing_grows(
    sent: bytes, code: int, cause: str
) -> None:
    got: list[object] = []
    errors: list[WSError] = []

    def session(socket: ws.Socket) -> None:
        socket.on("message", got.append)
        socket.on("binaryMessage", got.append)
        socket.on("error", errors.append)

    script = [upgrade(EXTENSION), send(sent), read_frame(frames.CLOSE), fin]
    with ScriptedServer(script) as server:
        compression: Any = {"algorithm": "deflate"}
        run_once(
            lambda: ws.connect(
                server.url(), session, compression=compression, max_message_size=1 << 20
            )
        )
        said = server.peer().wait_frame(frames.CLOSE).close_code
    assert (said, [error.cause for error in errors], got) == (code, [cause], [])


def test_reserved_bits_mean_nothing_where_nothing_was_agreed_on() -> None:
    script = [upgrade(), send(frames.frame(frames.TEXT, deflated(b"a"), rsv=RSV1))]
    with ScriptedServer([*script, read_frame(frames.CLOSE), fin]) as server:
        run_once(
            lambda: ws.connect(
                server.url(), lambda socket: socket.on("error", lambda: None), compression="deflate"
            )
        )
        assert server.peer().wait_frame(frames.CLOSE).close_code == 1002


def test_fragments_of_a_compressed_message_may_have_pings_between_them() -> None:
    payload = deflated(b"compressed, in four pieces " * 20)
    cut = [payload[at : at + 8] for at in range(0, len(payload), 8)]
    wire = frames.frame(frames.TEXT, cut[0], rsv=RSV1, fin=False)
    for piece in cut[1:]:
        wire += frames.frame(frames.PING) + frames.frame(frames.CONTINUATION, piece, fin=False)
    wire += frames.frame(frames.CONTINUATION)
    got: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("message", lambda text: (got.append(text), socket.close()))

    with ScriptedServer([upgrade(EXTENSION), send(wire), read_frame(frames.CLOSE)]) as server:
        run_once(lambda: ws.connect(server.url(), session, compression={}, close_timeout=100))
    assert got == ["compressed, in four pieces " * 20]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("permessage-deflate", "lacks server_no_context_takeover"),
        ("permessage-bzip2", "was not offered"),
        ("permessage-deflate; server_no_context_takeover; server_max_window_bits=99", "8 to 15"),
        ("permessage-deflate; server_no_context_takeover; level=3", "no parameter"),
        ("permessage-deflate; server_no_context_takeover; client_max_window_bits=9", "not offered"),
        ("permessage-deflate;;", "malformed"),
    ],
)
def test_an_answer_that_was_not_offered_is_no_connection(answer: str, why: str) -> None:
    answers: list[ws.Response] = []
    with ScriptedServer([upgrade(f"Sec-WebSocket-Extensions: {answer}")]) as server:
        url = server.url()
        result = run_once(
            lambda: answers.append(ws.connect(url, lambda socket: None, compression="deflate"))
        )
    [response] = answers
    assert (response.status, response.error) == (0, "websocket: invalid compression negotiation")
    assert why in response.hint
    [failed] = [tags["error"] for tags, _ in result.series("ws_connect_failed")]
    assert failed == "handshake_invalid"


def test_an_extension_nobody_asked_for_is_no_connection() -> None:
    answers: list[ws.Response] = []
    with ScriptedServer([upgrade(EXTENSION)]) as server:
        url = server.url()
        run_once(lambda: answers.append(ws.connect(url, lambda socket: None)))
    assert "was not offered" in answers[0].hint


@pytest.mark.parametrize(
    ("compression", "error", "text"),
    [
        ({"algorithm": "gzip"}, K6Error, "unsupported compression algorithm 'gzip'"),
        ({"levle": 3}, UnknownOption, "compression.levle"),
        ({"level": 10}, InvalidParameter, "compression.level of 10 is not from 0 to 9"),
        ({"level": "6"}, TypeError, "compression.level"),
        ({"server_max_window_bits": 7}, InvalidParameter, "not from 8 to 15"),
        ({"client_max_window_bits": 16}, InvalidParameter, "not from 8 to 15"),
        ({"server_max_window_bits": True}, TypeError, "whole number"),
        ({"server_no_context_takeover": 1}, TypeError, "True or False"),
        ({"threshold": -1}, InvalidParameter, "compression.threshold"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_dialled(
    compression: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        ws.connect("ws://127.0.0.1:1/", lambda socket: None, compression=compression)  # type: ignore[arg-type]
