"""A thread that ends gives everything back, whatever is open on it then, and the peers see the end."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import ws
from k6ws.errors import K6Error
from k6ws.tcp import Socket
from k6ws.timers import set_interval
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S
from support.open_files import open_files
from support.scripted import ScriptedServer, read_to_end, upgrade

THREADS = 5
Kept = list[Any]


def a_websocket(server: ScriptedServer, kept: Kept) -> None:
    socket = WebSocket(server.url())
    socket.onopen = lambda event: event.target.send("x")
    kept.append(socket)
    until_open = time.monotonic() + PATIENCE_S
    while socket.ready_state != socket.OPEN and time.monotonic() < until_open:
        k6ws.wait("10ms")


def a_websocket_that_is_connecting(server: ScriptedServer, kept: Kept) -> None:
    kept.append(WebSocket(server.url()))


def a_tcp_socket(server: ScriptedServer, kept: Kept) -> None:
    socket = Socket()
    kept.append(socket)
    socket.on("data", lambda _: None)
    socket.connect(server.port, "127.0.0.1").wait()
    socket.write(b"hello")


def a_session(server: ScriptedServer, kept: Kept) -> None:
    async def main() -> None:
        def session(socket: ws.Socket) -> None:
            kept.append(socket)
            socket.on("open", opened.set)
            socket.on("message", lambda _: None)

        opened = asyncio.Event()
        task = asyncio.create_task(ws.aconnect(server.url(), session))
        await opened.wait()
        task.cancel()

    asyncio.run(main())


def a_guest(server: ScriptedServer, kept: Kept) -> None:
    async def main() -> None:
        opened = asyncio.Event()
        socket = WebSocket(server.url())
        socket.onopen = opened.set
        kept.append(socket)
        await opened.wait()

    asyncio.run(main())


def a_guest_of_a_second_loop(server: ScriptedServer, kept: Kept) -> None:
    asyncio.run(asyncio.sleep(0))
    a_guest(server, kept)


def timers(server: ScriptedServer, kept: Kept) -> None:
    set_interval(lambda: None, 1000)
    a_websocket(server, kept)


WAYS = [
    a_websocket,
    a_websocket_that_is_connecting,
    a_tcp_socket,
    a_session,
    a_guest,
    a_guest_of_a_second_loop,
    timers,
]


@pytest.mark.parametrize("is_kept", [False, True], ids=["dropped", "kept"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_thread_that_ends_gives_everything_back(
    way: Callable[[ScriptedServer, Kept], None], *, is_kept: bool
) -> None:
    script = [read_to_end] if way is a_tcp_socket else [upgrade(), read_to_end]
    if way is a_websocket_that_is_connecting:
        script = [read_to_end]
    with ScriptedServer(script) as server:
        kept: Kept = []
        before = open_files()

        def body() -> None:
            mine: Kept = []
            way(server, mine)
            if is_kept:
                kept.extend(mine)

        for _ in range(THREADS):
            thread = threading.Thread(target=body)
            thread.start()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        gc.collect()
        made = range(THREADS) if way is not a_websocket_that_is_connecting else ()
        for number in made:
            assert server.peer(number).wait_end() in {"fin", "rst"}
        # The server's side of each is gone by now, or all but.
        deadline = time.monotonic() + PATIENCE_S
        while len(open_files()) > len(before) + 1 and time.monotonic() < deadline:
            time.sleep(0.01)
        new = {fd: what for fd, what in open_files().items() if fd not in before}
        # A bell that somebody keeps with a socket is the most that stays.
        assert len([what for what in new.values() if "epoll" in what or "timerfd" in what]) == 0
        assert len(kept) == (THREADS if is_kept else 0)


def test_a_socket_of_a_thread_that_has_ended_says_so_in_every_other_thread() -> None:
    kept: Kept = []
    said: list[str] = []

    def use() -> None:
        try:
            kept[0].send("x")
        except K6Error as error:
            said.append(str(error))

    with ScriptedServer([upgrade(), read_to_end]) as server:
        # The second may well get the place of the first one.
        for body in (lambda: a_websocket(server, kept), use, use):
            thread = threading.Thread(target=body)
            thread.start()
            thread.join(PATIENCE_S)
    assert len(said) == 2
