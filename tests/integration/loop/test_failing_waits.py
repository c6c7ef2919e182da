"""A wait that is cut short, by the peer, by Ctrl-C or by a cancelled task, leaves everything as it was."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import k6ws
from k6ws import sleep, tcp, ws
from k6ws._loop import current
from k6ws.timers import clear_timeout, set_timeout
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S
from support.runs import total
from support.servers import ScriptedServer, WebsocketsServer, fin, hang, read_to_end, rst, upgrade
from support.styles import ASYNC, BLOCKING, in_style
from support.tcp_server import TcpServer

SMALL: Any = {"max_buffered": 20_000, "send_timeout": "25s", "send_buffer": 8192}
PIECE = "x" * 10_000


def deaf_for_a_while(peer: Any) -> None:
    """Read nothing, long enough for the sender to fill what there is."""
    peer.stopping.wait(0.2)


def flood_by_connect(url: str, _port: int) -> None:
    def session(socket: ws.Socket) -> None:
        ended: list[object] = []
        socket.on("error", ended.append)

        def flood() -> None:
            while not ended:
                socket.send(PIECE)

        socket.on("open", flood)

    ws.connect(url, SMALL, session)


def flood_by_websocket(url: str, _port: int) -> None:
    socket = WebSocket(url, None, SMALL)
    events: list[str] = []

    def flood() -> None:
        with contextlib.suppress(k6ws.InvalidStateError):
            for _ in range(3000):
                socket.send(PIECE)

    socket.onopen = flood
    socket.onerror = lambda event: events.append(event.error)
    socket.onclose = lambda: events.append("close")
    assert k6ws.wait(PIECE_PATIENCE_MS)
    # The peer's doing, and not that it does not read.
    assert ["write: i/o timeout" in text for text in events] == [False, False]
    assert events[-1] == "close"


def flood_by_tcp(_url: str, port: int) -> None:
    socket = tcp.Socket(SMALL)
    ended: list[object] = []
    socket.on("error", ended.append)
    socket.connect(port, "127.0.0.1").wait()
    for _ in range(3000):
        with contextlib.suppress(k6ws.TCPError):
            if not isinstance(socket.write(PIECE), tcp.Write):
                break
    else:
        pytest.fail("a connection that is over has taken everything")
    assert k6ws.wait(PIECE_PATIENCE_MS)
    assert ended


PIECE_PATIENCE_MS = PATIENCE_S * 1000


@pytest.mark.parametrize("style", BLOCKING)
@pytest.mark.parametrize("end", [rst, fin])
@pytest.mark.parametrize("flood", [flood_by_connect, flood_by_websocket, flood_by_tcp])
def test_a_sender_that_waits_for_room_goes_on_when_the_connection_ends(
    flood: Callable[[str, int], None], end: Callable[[Any], None], style: str
) -> None:
    """It once waited for all of `send_timeout`, and then blamed the peer for not reading."""
    script = (
        [deaf_for_a_while, end] if flood is flood_by_tcp else [upgrade(), deaf_for_a_while, end]
    )
    began = time.monotonic()
    with ScriptedServer(script) as server:
        in_style(style, lambda: flood(server.url(), server.port), unused)
    assert time.monotonic() - began < PATIENCE_S


async def unused() -> None:
    """Blocking styles only."""


@contextlib.contextmanager
def interrupted(when: Callable[[], object]) -> Any:
    """Ctrl-C as soon as ``when`` has returned and the program waits; it has to leave what is within."""

    vu = current()

    def act() -> None:
        when()
        # Not in a handler: that one would be what it leaves.
        while not (vu.parked and vu.loop.core.is_polling()):
            threading.Event().wait(0.001)
        _thread.interrupt_main()

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    except KeyboardInterrupt:
        pass
    else:
        pytest.fail("the wait was not interrupted")
    thread.join(PATIENCE_S)
    assert current().parked == []
    assert current().accepts is None


def test_ctrl_c_leaves_every_wait_of_a_program_and_what_waited_goes_on(
    server: WebsocketsServer,
) -> None:
    got: list[object] = []
    socket = WebSocket(server.url("/ws-echo-multi"))
    socket.onmessage = lambda event: got.append(event.data)
    socket.onopen = lambda: socket.send("one")
    opened = threading.Event()
    with interrupted(lambda: server.journal.session(ended=False)):
        k6ws.wait()
    with ScriptedServer([hang]) as silent, ScriptedServer([upgrade(), read_to_end]) as talking:
        with interrupted(lambda: None):
            sleep(PATIENCE_S)  # the point: it is one of the waits that end
        with interrupted(lambda: silent.peer(0)):
            ws.connect(silent.url(), lambda _: None)
        with interrupted(opened.wait):
            ws.connect(talking.url(), lambda session: session.on("open", opened.set))
        other = tcp.Socket({"tls": True})
        connecting = other.connect(silent.port, "127.0.0.1")
        with interrupted(lambda: silent.peer(1)):
            connecting.wait()
        assert (other.ready_state, connecting.done()) == ("opening", False)
        other.destroy()
        with pytest.raises(k6ws.TCPError, match="destroyed"):
            connecting.wait()
    assert list(current().sources) == [socket._session]
    while socket.ready_state != WebSocket.OPEN:
        k6ws.wait(5)
    socket.send("two")
    socket.onmessage = lambda event: (got.append(event.data), len(got) == 2 and socket.close())
    assert k6ws.wait(PIECE_PATIENCE_MS)
    assert got == ["one", "two"]
    assert server.journal.session().messages == ["one", "two"]
    assert (current().sources, bool(current().rejected), bool(current().held)) == (
        {},
        False,
        False,
    )


def test_ctrl_c_takes_nothing_along_that_has_arrived(server: WebsocketsServer) -> None:
    """What the loop was about to hand out when the signal came is handed out afterwards."""
    got: list[object] = []

    def begin(text: str) -> None:
        socket = WebSocket(server.url("/ws-echo"))
        socket.onopen = lambda: socket.send(text)
        socket.onmessage = lambda event: (got.append(event.data), socket.close())

    for number in range(10):
        begin(str(number))
        # However quick the echo is, there is something to wait for.
        timer = set_timeout(lambda: None, PIECE_PATIENCE_MS)
        with interrupted(lambda number=number: server.journal.session(number, ended=False)):
            k6ws.wait()
        clear_timeout(timer)
        assert k6ws.wait(PIECE_PATIENCE_MS)
    assert got == [str(number) for number in range(10)]


async def cut_short(awaitable: Awaitable[object], when: Callable[[], object]) -> None:
    """Await it in a task of its own, which is cancelled as soon as ``when`` has returned."""

    async def wait() -> None:
        await awaitable

    task = asyncio.create_task(wait())
    await asyncio.to_thread(when)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("style", ASYNC)
def test_a_cancelled_task_leaves_every_wait_and_what_it_waited_for_goes_on(
    server: WebsocketsServer, style: str
) -> None:
    got: list[object] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("after"))
        socket.on("message", lambda text: (got.append(text), socket.close()))

    opened = threading.Event()

    async def act() -> None:
        with ScriptedServer([hang]) as silent, ScriptedServer([upgrade(), read_to_end]) as talking:
            await cut_short(ws.aconnect(silent.url(), session), lambda: silent.peer(0))
            opening = ws.aconnect(talking.url(), lambda socket: socket.on("open", opened.set))
            await cut_short(opening, opened.wait)
            assert current().sources == {}
        with TcpServer() as target:
            socket = tcp.Socket()
            socket.on("data", lambda data: (got.append(data), socket.destroy()))
            closed = asyncio.Event()
            socket.on("close", closed.set)
            connecting = socket.connect(target.port, "127.0.0.1")
            task = asyncio.create_task(awaited(connecting))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await connecting
            await socket.write("after")
            await asyncio.wait_for(closed.wait(), PATIENCE_S)
        await ws.aconnect(server.url("/ws-echo"), session)
        assert (current().sources, bool(current().rejected), bool(current().held)) == (
            {},
            False,
            False,
        )

    result = in_style(style, lambda: None, act)
    assert got == [b"after", "after"]
    if result is not None:
        cut = total(result, "ws_connect_failed", error="cut")
        assert total(result, "ws_sessions") == 3 == cut + total(result, "ws_closes")
        assert (total(result, "ws_msgs_sent"), total(result, "ws_msgs_received")) == (1, 1)
        assert (total(result, "tcp_sockets"), total(result, "tcp_writes")) == (1, 1)


async def awaited(operation: Any) -> None:
    """An operation as a coroutine."""
    await operation
