"""What is said of a request that failed: what came instead, which check, and what to do."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws.correlate import by, in_order
from k6ws.framing import lines
from k6ws.match import starts_with
from k6ws.websockets import WebSocket
from support.falling import Falling
from support.requests import ask
from support.runs import run_once
from support.speaking import PLACES, TRANSPORTS, Open, outcome, params, speak
from support.tcp_messages import each_line
from support.tcp_server import Reader, TcpServer, Writer, listen

HOST = "127.0.0.1"
BY_ID: Any = {"framing": lines(), "correlate": by("/id")}


async def chatter(reader: Reader, writer: Writer) -> None:
    """Answer each line with pushes, of which a rule takes one; `slow` and `fast` are asked out of order."""
    async for line in each_line(reader):
        if "slow" in line:
            continue
        writer.write(b'ping\n{"push": 1}\n{"push": "%b"}\n{"id": 9}\n' % (b"x" * 90))
        await writer.drain()


def told(call: Any) -> tuple[str, str]:
    with pytest.raises(k6ws.RequestFailed) as caught:
        call()
    return str(caught.value), caught.value.hint


@pytest.mark.parametrize("how", ["request", "request with a check", "start"])
def test_a_timeout_says_what_came_instead_and_who_took_it(how: str) -> None:
    with TcpServer(chatter) as server, tcp.open(HOST, server.port, **BY_ID) as session:
        session.ignore("ping")
        other = session.start('{"id": 9, "do": "slow"}', "other", timeout="5s")

        def ask() -> Any:
            if how == "request":
                return session.request('{"id": 1}', "say", timeout="300ms")
            if how == "start":
                return session.start('{"id": 1}', "say", timeout="300ms").wait()
            return session.request('{"id": 1}', "say", timeout="300ms", check=starts_with("{"))

        text, hint = told(ask)
        assert other.wait() == '{"id": 9}'
        # What was the script's is still there.
        assert session.recv() == '{"push": 1}'
    last = '\'{"push": "' + "x" * 50 + "'…"
    assert text == (
        "request 'say' failed: timeout: no reply within 300ms; 4 messages came meanwhile: "
        f"2 not known as its reply (the last: {last}), 1 taken by rules, 1 of other replies"
    )
    assert hint == "is one of them the reply? Then correlate= or match= does not know it"


def test_a_timeout_in_silence_says_so() -> None:
    with TcpServer(listen) as server, tcp.open(HOST, server.port, **BY_ID) as session:
        text, hint = told(lambda: session.request('{"id": 1}', "say", timeout="30ms"))
        assert text == (
            "request 'say' failed: timeout: no reply within 30ms, and nothing else came meanwhile"
        )
        assert hint == "is the server slow, or does it not answer this request?"


def test_a_reply_that_lacks_its_last_message_says_how_many_came() -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        await anext(each_line(reader))
        writer.write(b"250-one\n250-two\n")
        await writer.drain()
        await listen(reader, writer)

    options: Any = {"framing": lines(), "correlate": in_order(done=starts_with("250 "))}
    with TcpServer(talk) as server, tcp.open(HOST, server.port, **options) as session:
        text, hint = told(lambda: session.request("EHLO", "EHLO", timeout="200ms"))
    assert text == (
        "request 'EHLO' failed: timeout: 2 messages of its reply came within 200ms, and not the last"
    )
    assert hint == "the last message of a reply is the one that done= says: did it come?"


def test_a_late_reply_before_says_that_the_server_is_slow() -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        asked = each_line(reader)
        first = await anext(asked)
        await anext(asked)
        writer.write(f"{first}\n".encode())
        await writer.drain()
        await listen(reader, writer)

    with TcpServer(talk) as server, tcp.open(HOST, server.port, **BY_ID) as session:
        told(lambda: session.request('{"id": 1}', "say", timeout="30ms"))
        text, hint = told(lambda: session.request('{"id": 2}', "say", timeout="300ms"))
    assert text.endswith("no reply within 300ms; 1 message came meanwhile: 1 of late replies")
    assert hint == "the server answers, and slower than that: give a longer timeout="


def test_an_awaited_request_says_the_same() -> None:
    said: list[str] = []

    async def default() -> None:
        async with tcp.aopen(HOST, server.port, **BY_ID) as session:
            try:
                await session.request('{"id": 1}', "say", timeout="300ms")
            except k6ws.RequestFailed as error:
                said.append(str(error))

    with TcpServer(chatter) as server:
        run_once(default)
    assert (
        "4 messages came meanwhile: 4 not known as its reply (the last: '{\"id\": 9}')" in said[0]
    )


def test_a_socket_of_k6_says_the_same(echo: Any) -> None:
    said: list[str] = []

    def default() -> None:
        socket = WebSocket(echo.url())

        def opened(_event: Any) -> None:
            try:
                socket.request("ask", "ask", match="answer", timeout="200ms")
            except k6ws.RequestFailed as error:
                said.append(str(error))
            socket.close()

        socket.onopen = opened

    run_once(default)
    what = "no reply within 200ms; 1 message came meanwhile: 1 not known as its reply"
    assert said == [f"request 'ask' failed: timeout: {what}"]


def odd(reply: Any) -> bool:
    return reply == "odd"


def raises(reply: Any) -> bool:
    return bool(reply["x"])


@pytest.mark.parametrize(
    ("check", "what"),
    [
        ({"is a number": odd}, "'is a number' does not hold, of 'echo'"),
        ({"is text": "echo", "is odd": odd}, "'is odd' does not hold, of 'echo'"),
        (starts_with("-"), "starts_with('-') does not hold, of 'echo'"),
        ("else", "equals('else') does not hold, of 'echo'"),
        (odd, f"odd of line {odd.__code__.co_firstlineno} does not hold, of 'echo'"),
        (
            {"has x": raises},
            "'has x' raised TypeError(\"string indices must be integers, not 'str'\"), of 'echo'",
        ),
    ],
)
@pytest.mark.parametrize("is_greeting", [False, True], ids=["request", "greeting"])
def test_a_failed_check_is_named(check: Any, what: str, *, is_greeting: bool, echo: Any) -> None:
    with ws.open(echo.url(), correlate=in_order()) as session:
        if is_greeting:
            session.send("echo")
        message = None if is_greeting else "echo"
        text, hint = told(lambda: session.request(message, "say", check=check))
    assert text == f"request 'say' failed: check: {what}"
    assert hint == "`.reply` of this error is all that came"


def test_recv_says_what_else_is_there(echo: Any) -> None:
    with ws.open(echo.url()) as session:
        session.send("one")
        session.send("two")
        with pytest.raises(k6ws.RecvTimeout) as caught:
            session.recv("three", timeout="200ms")
    assert caught.value.hint == "2 other messages are in the inbox, the last: 'two'"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("reconnect", [None, k6ws.Backoff("10ms", max="20ms")])
@pytest.mark.parametrize("how", ["request", "start", "greeting", "later"])
def test_one_that_failed_with_its_session_says_how_that_ended(
    place: str, transport: str, reconnect: Any, how: str
) -> None:
    end = "reset" if transport == "tcp" else 1012
    words = "connection reset by peer" if transport == "tcp" else "by the peer, code 1012, reason"

    async def fail(session: Any) -> Any:
        fall = ask(1, "fall", how=end)
        if how == "request":
            return await session.request(fall, "fall")
        if how == "greeting":
            await session.send(fall)
            return await session.request(None, "fall", match="never")
        started = session.start(fall, "fall")
        if how == "later" and reconnect is not None:
            # It is asked for when the session has come back.
            await session.recv(timeout="300ms", default=None)
        return await outcome(started)

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        more = {} if reconnect is None else {"reconnect": reconnect}
        async with open(**params(transport, correlate=by("/id"), **more)) as session:
            with pytest.raises(k6ws.RequestFailed) as failure:
                await fail(session)
            assert failure.value.error == "closed"
            assert "failed: closed: the session ended (" in str(failure.value)
            assert words in str(failure.value)

    with Falling(is_tcp=transport == "tcp") as falling:
        speak(place, falling.where, body)
