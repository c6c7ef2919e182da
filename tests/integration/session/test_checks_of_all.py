"""With ``many=True`` a check that is a function sees what is returned: the list of all messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import _core, match, tcp, ws
from k6ws.correlate import by, in_order
from k6ws.framing import lines
from k6ws.websockets import WebSocket
from support.requests import ask, assert_accounts
from support.runs import run_once
from support.speaking import PLACES, TRANSPORTS, Open, params, service, speak
from support.tcp_server import Reader, TcpServer, Writer, listen
from support.tcp_server import echo as answer

LAST = match.json({"/last": True})
HOST = "127.0.0.1"
WORDS = ["one", "two", "end"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("codec", [None, "json"])
def test_a_check_of_a_request_is_given_all_messages(
    place: str, transport: str, codec: str | None
) -> None:
    seen: list[Any] = []

    def numbers(parts: list[Any]) -> list[int]:
        return [(json.loads(one) if codec is None else one)["part"] for one in parts]

    def all_are_there(parts: list[Any]) -> bool:
        seen.append(list(parts))
        return numbers(parts) == [0, 1, 2]

    def too_few(parts: list[Any]) -> bool:
        return len(parts) > 3

    def raises(parts: list[Any]) -> bool:
        raise LookupError(len(parts))

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        how = params(transport, correlate=by("/id"), codec=codec)
        if codec is None:
            del how["codec"]
        async with open(**how) as session:
            asked: Any = ask(1, "parts", n=3)
            asked = json.loads(asked) if codec else asked
            keywords: dict[str, Any] = {"many": True, "done": LAST}
            parts = await session.request(asked, "parts", check=all_are_there, **keywords)
            assert seen == [parts]
            checks = {"all": all_are_there, "last": LAST, "few": too_few}
            with pytest.raises(k6ws.RequestFailed, match="'few'") as failure:
                await session.request(asked, "parts", check=checks, **keywords)
            assert numbers(failure.value.reply) == [0, 1, 2]
            # Of the last message: the others are not last.
            await session.request(asked, "parts", check=LAST, **keywords)
            with pytest.raises(k6ws.RequestFailed, match=r"LookupError\(3\)") as failure:
                await session.request(asked, "parts", check=raises, **keywords)
            assert isinstance(failure.value.__cause__, LookupError)
            seen.clear()
            alone = await session.request(asked, "last", done=LAST, check=seen.append, default=0)
            assert alone == 0
            last = json.loads(seen[0]) if codec is None else seen[0]
            assert last["part"] == 2

    with service(transport) as server:
        result = speak(place, server, body)
    if result is not None:
        assert assert_accounts(result, transport) == {"check": 3}
        checks = {name: one.passes for name, one in result.checks.items()}
        assert checks == {"all": 1, "last": 1, "few": 0}


async def greets(reader: Reader, writer: Writer) -> None:
    for line in WORDS:
        writer.write(f"{line}\n".encode())
        await writer.drain()
    await listen(reader, writer)


@pytest.mark.parametrize("how", ["blocking", "awaited"])
def test_so_is_one_of_what_the_peer_says_by_itself(how: str) -> None:
    seen: list[Any] = []

    def is_it(words: list[str]) -> bool:
        seen.append(words)
        return words == WORDS

    def too_few(words: list[str]) -> bool:
        return len(words) > 3

    keywords: dict[str, Any] = {
        "many": True,
        "done": "end",
        "check": {"all": is_it, "ends": "end", "few": too_few},
    }

    def blocking() -> None:
        with tcp.open(HOST, server.port, framing=lines()) as session:
            session.request(None, "greeting", **keywords)

    async def awaited() -> None:
        async with tcp.aopen(HOST, server.port, framing=lines()) as session:
            await session.request(None, "greeting", **keywords)

    with TcpServer(greets) as server:
        default = blocking if how == "blocking" else awaited
        result = k6ws.run(default, vus=1, iterations=1)
    assert seen == [WORDS]
    assert "does not hold, of ['one'" in result.exceptions[0].message
    checks = {name: one.passes for name, one in result.checks.items()}
    assert checks == {"all": 1, "ends": 1, "few": 0}


def say(send: Callable[[str], object]) -> None:
    for word in WORDS[1:]:
        send(word)


def test_so_is_one_of_the_sockets_that_k6_has(echo: _core.EchoServer) -> None:
    seen: list[list[str]] = []

    def started(socket: Any, send: Callable[[str], object]) -> Any:
        socket.correlate(in_order(done="end"))
        reply = socket.start("one", "words", many=True, check=seen.append, default="none")
        say(send)
        return reply

    def connect() -> None:
        def session(socket: ws.Socket) -> None:
            def opened() -> None:
                started(socket, socket.send).wait()
                socket.close()

            socket.on("open", opened)

        ws.connect(echo.url(), session)

    async def browser() -> None:
        socket = WebSocket(echo.url())

        async def opened(_event: Any) -> None:
            await started(socket, socket.send)
            socket.close()

        socket.onopen = opened

    def plain() -> None:
        socket = tcp.Socket(framing=lines())
        socket.connect(server.port, HOST).wait()
        started(socket, socket.write).wait()
        socket.destroy()

    with TcpServer(answer) as server:
        for default in (connect, browser, plain):
            run_once(default)
    assert seen == [WORDS] * 3
