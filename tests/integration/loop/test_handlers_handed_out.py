"""A message that is accepted goes to its handler itself: what the script changes holds for the next one.

Each server sends all its messages in one piece, so that they are handed out as one batch.
"""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws import Interrupted, _core, sleep, tcp, ws
from k6ws._loop import current
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, read_frame, read_to_end, send, upgrade


def speaker(*texts: str) -> ScriptedServer:
    """Waits for a frame, says all of it at once, and stays."""
    said = b"".join(frames.text(text) for text in texts)
    return ScriptedServer([upgrade(), read_frame(), send(said), read_to_end])


def test_a_handler_that_waits_gets_the_rest_of_its_batch_afterwards_in_order() -> None:
    told: list[str] = []
    with speaker("a", "b", "c") as server:

        def session(socket: ws.Socket) -> None:
            def message(text: str) -> None:
                told.append(f"begins {text}")
                sleep(0.01)
                told.append(f"ends {text}")
                if text == "c":
                    socket.close()

            socket.on("open", lambda: socket.send("go"))
            socket.on("message", message)

        assert ws.connect(server.url(), session).status == 101
    assert told == [f"{what} {text}" for text in "abc" for what in ("begins", "ends")]


def test_a_session_within_a_handler_gets_its_messages_and_the_outer_one_goes_on() -> None:
    told: list[str] = []
    with speaker("a", "b") as outer, speaker("x", "y") as inner:

        def within(socket: ws.Socket) -> None:
            def message(text: str) -> None:
                told.append(text)
                if text == "y":
                    socket.close()

            socket.on("open", lambda: socket.send("go"))
            socket.on("message", message)

        def session(socket: ws.Socket) -> None:
            def message(text: str) -> None:
                told.append(text)
                if text == "a":
                    assert ws.connect(inner.url(), within).status == 101
                    told.append("back")
                else:
                    socket.close()

            socket.on("open", lambda: socket.send("go"))
            socket.on("message", message)

        assert ws.connect(outer.url(), session).status == 101
    assert told == ["a", "x", "y", "back", "b"]


def test_a_handler_that_closes_is_given_nothing_more_of_its_batch() -> None:
    told: list[str] = []
    with speaker("a", "b", "c") as server:

        def session(socket: ws.Socket) -> None:
            def message(text: str) -> None:
                told.append(text)
                socket.close()

            socket.on("open", lambda: socket.send("go"))
            socket.on("message", message)

        result = run_once(lambda: ws.connect(server.url(), session))
    assert told == ["a"]
    assert result.metrics["ws_msgs_received"].count == 3
    assert result.metrics["ws_msgs_dropped"].count == 2


def test_a_handler_that_is_registered_during_a_batch_hears_the_next_message() -> None:
    told: list[str] = []
    with speaker("a", "b") as server:

        def session(socket: ws.Socket) -> None:
            def second(text: str) -> None:
                told.append(f"second {text}")
                socket.close()

            def first(text: str) -> None:
                told.append(f"first {text}")
                if text == "a":
                    socket.on("message", second)

            socket.on("open", lambda: socket.send("go"))
            socket.on("message", first)

        assert ws.connect(server.url(), session).status == 101
    assert told == ["first a", "first b", "second b"]


def test_an_onmessage_that_is_replaced_during_a_batch_hears_nothing_more() -> None:
    told: list[str] = []
    with speaker("a", "b") as server:

        def default() -> None:
            socket = WebSocket(server.url())

            def second(event: Any) -> None:
                told.append(f"second {event.data}")
                socket.close()

            def first(event: Any) -> None:
                told.append(f"first {event.data}")
                socket.onmessage = second

            socket.onopen = lambda: socket.send("go")
            socket.onmessage = first

        run_once(default)
    assert told == ["first a", "second b"]


def test_what_a_handler_raises_ends_the_session_whose_message_it_was() -> None:
    ended: dict[str, BaseException] = {}
    with speaker("a") as first, speaker("b", "b") as second:

        def connect(server: ScriptedServer, name: str) -> None:
            def session(socket: ws.Socket) -> None:
                def message(text: str) -> None:
                    if text == "a":
                        # The other VU's handlers run meanwhile, and raise first.
                        sleep(0.05)
                    raise ValueError(text)

                socket.on("open", lambda: socket.send("go"))
                socket.on("message", message)

            try:
                ws.connect(server.url(), session)
            except ValueError as error:
                ended[name] = error

        def default() -> None:
            is_first = k6ws.execution.vu.id_in_instance == 1
            connect(*((first, "first") if is_first else (second, "second")))

        k6ws.run(default, vus=2, iterations=2)
    assert {name: str(error) for name, error in ended.items()} == {"first": "a", "second": "b"}


def test_what_a_handler_of_the_language_itself_raises_is_its_session_s_too() -> None:
    with speaker("no number") as server:

        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: socket.send("go"))
            socket.on("message", int)

        with pytest.raises(ValueError, match="no number"):
            ws.connect(server.url(), session)


def test_a_generator_that_a_handler_returns_is_refused_in_its_session() -> None:
    with speaker("a") as server:

        def session(socket: ws.Socket) -> None:
            def numbers(_: str) -> object:
                return (number for number in range(3))

            socket.on("open", lambda: socket.send("go"))
            socket.on("message", numbers)

        with pytest.raises(k6ws.K6Error, match="generator"):
            ws.connect(server.url(), session)


def test_a_vu_that_is_cut_in_a_handler_is_given_nothing_more() -> None:
    told: list[str] = []
    with speaker("a", "b") as server:

        def default() -> None:
            def session(socket: ws.Socket) -> None:
                def message(text: str) -> None:
                    told.append(text)
                    try:
                        sleep(60)
                    except Interrupted:
                        told.append("cut")
                        raise

                socket.on("open", lambda: socket.send("go"))
                socket.on("message", message)

            ws.connect(server.url(), session)

        result = k6ws.run(
            default,
            scenarios={
                "cut": {
                    "executor": "constant-vus",
                    "vus": 1,
                    "duration": "1s",
                    "gracefulStop": "0s",
                }
            },
        )
    assert told == ["a", "cut"]
    assert result.exceptions == []


def test_handlers_see_the_context_and_the_group_of_their_own_vu() -> None:
    seen: list[tuple[int, int]] = []
    texts = [str(number) for number in range(20)]
    with speaker(*texts) as first, speaker(*texts) as second:

        def default() -> None:
            mine = k6ws.execution.vu.id_in_instance

            def session(socket: ws.Socket) -> None:
                def message(text: str) -> None:
                    seen.append((mine, k6ws.execution.vu.id_in_instance))
                    if text == texts[-1]:
                        socket.close()

                socket.on("open", lambda: socket.send("go"))
                socket.on("message", message)

            ws.connect((first if mine == 1 else second).url(), session)

        k6ws.run(default, vus=2, iterations=2)
    assert sorted(seen) == [(1, 1)] * len(texts) + [(2, 2)] * len(texts)


def test_data_of_tcp_goes_to_the_handler_that_is_registered_now() -> None:
    told: list[bytes] = []
    with ScriptedServer([send(b"first"), read_to_end]) as server:

        def default() -> None:
            socket = tcp.Socket()

            def data(got: bytes) -> None:
                told.append(got)
                assert current().accepts is None, "nothing else of the VU is delivered meanwhile"
                socket.destroy()

            socket.on("data", data)
            socket.connect(server.port, "127.0.0.1").wait()

        run_once(default)
    assert b"".join(told) == b"first"


def test_messages_of_an_async_vu_come_to_coroutine_handlers_in_order(
    echo: _core.EchoServer,
) -> None:
    told: list[str] = []

    async def default() -> None:
        def session(socket: ws.Socket) -> None:
            async def message(text: str) -> None:
                told.append(text)
                if text == "9":
                    socket.close()

            def opened() -> None:
                for number in range(10):
                    socket.send(str(number))

            socket.on("open", opened)
            socket.on("message", message)

        await ws.aconnect(echo.url(), session)

    run_once(default)
    assert told == [str(number) for number in range(10)]


def test_a_binary_type_that_changes_during_a_batch_holds_for_the_next_message() -> None:
    told: list[str] = []
    said = b"".join(frames.frame(2, text) for text in (b"a", b"b", b"c"))
    with ScriptedServer([upgrade(), read_frame(), send(said), read_to_end]) as server:

        def default() -> None:
            socket = WebSocket(server.url())
            socket.binary_type = "arraybuffer"

            def message(event: Any) -> None:
                told.append(type(event.data).__name__)
                socket.binary_type = "blob" if len(told) == 1 else "arraybuffer"
                if len(told) == 3:
                    socket.close()

            socket.onopen = lambda: socket.send("go")
            socket.onmessage = message

        run_once(default)
    assert told == ["bytes", "Blob", "bytes"]
