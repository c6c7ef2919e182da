"""Context variables belong to the VU and, where an asyncio loop runs, to the task that opened a socket."""

from __future__ import annotations

import asyncio
import contextvars
import decimal
from collections.abc import Callable

import pytest

import k6ws
from k6ws import execution, tcp, ws
from k6ws.timers import clear_interval, set_interval, set_timeout
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.servers import WebsocketsServer
from support.styles import BLOCKING, STYLES, in_style
from support.tcp_server import TcpServer

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")
Seen = dict[str, list[tuple[str, str]]]


def look(seen: Seen, event: str) -> None:
    seen.setdefault(event, []).append((user.get(), str(decimal.Decimal(1) / 3)))


def ws_session(seen: Seen) -> Callable[[ws.Socket], None]:
    def session(socket: ws.Socket) -> None:
        def received(_text: str) -> None:
            look(seen, "message")
            socket.set_timeout(lambda: (look(seen, "timer"), socket.close()), 1)

        look(seen, "callback")
        socket.on("open", lambda: (look(seen, "open"), socket.send("x")))
        socket.on("message", received)
        socket.on("close", lambda: look(seen, "close"))

    return session


@pytest.mark.parametrize("style", STYLES)
def test_handlers_of_ws_see_what_the_caller_of_connect_has_set(
    style: str, server: WebsocketsServer
) -> None:
    seen: Seen = {}
    url = server.url("/ws-echo")

    def act() -> None:
        user.set("carol")
        with decimal.localcontext(prec=5):
            ws.connect(url, ws_session(seen))

    async def async_act() -> None:
        user.set("carol")
        with decimal.localcontext(prec=5):
            await ws.aconnect(url, ws_session(seen))

    contextvars.copy_context().run(in_style, style, act, async_act)
    events = ("callback", "open", "message", "timer", "close")
    assert seen == {event: [("carol", "0.33333")] for event in events}


@pytest.mark.parametrize("style", STYLES)
def test_listeners_of_a_websocket_and_timers_see_what_their_maker_has_set(
    style: str, server: WebsocketsServer
) -> None:
    seen: Seen = {}

    def begin(closed: Callable[[], object]) -> None:
        user.set("carol")
        socket = WebSocket(server.url("/ws-echo"))
        socket.onopen = lambda: (look(seen, "open"), socket.send("x"))
        socket.onmessage = lambda: (look(seen, "message"), set_timeout(fired, 1))
        socket.onclose = lambda: (look(seen, "close"), closed())

        def fired() -> None:
            look(seen, "timer")
            socket.close()

    def act() -> None:
        begin(lambda: None)
        k6ws.wait()

    async def async_act() -> None:
        closed = asyncio.Event()
        begin(closed.set)
        await closed.wait()

    contextvars.copy_context().run(in_style, style, act, async_act)
    assert {event: [name for name, _ in looks] for event, looks in seen.items()} == {
        event: ["carol"] for event in ("open", "message", "timer", "close")
    }


@pytest.mark.parametrize("style", STYLES)
def test_handlers_of_tcp_see_what_the_caller_of_connect_has_set(style: str) -> None:
    seen: Seen = {}

    def begin(port: int, closed: Callable[[], object]) -> tcp.Socket:
        user.set("carol")
        socket = tcp.Socket()
        socket.on("connect", lambda: (look(seen, "connect"), socket.write(b"x")))
        socket.on("data", lambda: (look(seen, "data"), socket.destroy()))
        socket.on("close", lambda: (look(seen, "close"), closed()))
        return socket

    with TcpServer() as server:

        def act() -> None:
            begin(server.port, lambda: None).connect(server.port, "127.0.0.1").wait()
            k6ws.wait()

        async def async_act() -> None:
            closed = asyncio.Event()
            await begin(server.port, closed.set).connect(server.port, "127.0.0.1")
            await closed.wait()

        contextvars.copy_context().run(in_style, style, act, async_act)
    assert {event: [name for name, _ in looks] for event, looks in seen.items()} == {
        event: ["carol"] for event in ("connect", "data", "close")
    }


def test_tasks_of_a_program_keep_their_users_apart(server: WebsocketsServer) -> None:
    seen: list[tuple[str, str]] = []

    async def act_as(name: str) -> None:
        user.set(name)

        def session(socket: ws.Socket) -> None:
            @socket.on("message")
            async def _(_text: str) -> None:
                await asyncio.sleep(0)
                seen.append((name, user.get()))
                socket.close()

            socket.on("open", lambda: (seen.append((name, user.get())), socket.send("x")))
            socket.on("close", lambda: seen.append((name, user.get())))

        await ws.aconnect(server.url("/ws-echo"), session)

    async def main() -> None:
        await asyncio.gather(*(act_as(name) for name in ("alice", "bob", "carol")))

    for run in (lambda: asyncio.run(main()), lambda: run_once(main)):
        seen.clear()
        run()
        assert sorted(seen) == [
            (name, name) for name in ("alice", "bob", "carol") for _ in range(3)
        ]


def test_what_a_handler_sets_reaches_the_function_of_its_vu_and_no_other(
    server: WebsocketsServer,
) -> None:
    """Handlers that wait make leaders step back, and the contexts of many VUs meet in each."""
    wrong: list[tuple[str, str]] = []

    def default() -> None:
        me = f"{execution.vu.id_in_test}.{execution.vu.iteration_in_scenario}"
        user.set(me)

        def session(socket: ws.Socket) -> None:
            def received(text: str) -> None:
                if user.get() != me:
                    wrong.append((me, user.get()))
                user.set(f"{me} {text}")
                k6ws.sleep(0.001)
                if user.get() != f"{me} {text}":
                    wrong.append((f"{me} {text}", user.get()))
                user.set(me)
                if text == "2":
                    socket.close()

            socket.on("open", lambda: [socket.send(str(number)) for number in range(3)] and None)
            socket.on("message", received)

        ws.connect(server.url("/ws-echo-multi"), session)
        if user.get() != me:
            wrong.append((me, user.get()))

    result = run_once(default, vus=5, iterations=25)
    assert (wrong, result.metrics["ws_msgs_received"].count) == ([], 75)


@pytest.mark.parametrize("style", ["VU", "async VU"])
def test_a_vu_begins_with_what_the_program_has_set(style: str) -> None:
    seen: list[str] = []

    def act() -> None:
        seen.append(user.get())
        user.set("of this VU")

    async def async_act() -> None:
        act()

    def program() -> None:
        user.set("of the program")
        in_style(style, act, async_act)
        seen.append(user.get())

    contextvars.copy_context().run(program)
    assert seen == ["of the program", "of the program"]


@pytest.mark.parametrize("style", BLOCKING)
def test_a_session_within_a_context_of_its_own_runs_in_that(
    style: str, server: WebsocketsServer
) -> None:
    seen: list[str] = []
    url = server.url("/ws-echo")

    def inner() -> None:
        user.set("inner")
        ws.connect(url, watching)

    def watching(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("x"))
        socket.on("message", lambda: (seen.append(user.get()), socket.close()))

    def act() -> None:
        def session(socket: ws.Socket) -> None:
            def received() -> None:
                contextvars.copy_context().run(inner)
                seen.append(user.get())
                socket.close()

            socket.on("open", lambda: socket.send("x"))
            socket.on("message", received)
            socket.on("close", lambda: seen.append(user.get()))

        user.set("outer")
        ws.connect(url, session)

    async def never() -> None:
        raise AssertionError

    contextvars.copy_context().run(in_style, style, act, never)
    assert seen == ["inner", "outer", "outer"]


def test_an_interval_keeps_the_context_of_the_task_that_began_it() -> None:
    seen: list[str] = []

    async def tick(name: str) -> None:
        user.set(name)
        done = asyncio.Event()

        def ticked() -> None:
            seen.append(f"{name} {user.get()}")
            if seen.count(f"{name} {name}") == 2:
                clear_interval(ticking)
                done.set()

        ticking = set_interval(ticked, 1)
        await done.wait()

    async def main() -> None:
        await asyncio.gather(tick("a"), tick("b"))

    for run in (lambda: asyncio.run(main()), lambda: run_once(main)):
        seen.clear()
        run()
        assert sorted(seen) == ["a a", "a a", "b b", "b b"]
