"""What a VU that waits in ``ws.connect`` owns, and an idle socket: thousands of them are usual.

Counted are Python's objects and their bytes; what the core has is not seen here.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Callable
from functools import partial

import k6ws
from k6ws import _core, ws
from k6ws._socket.handshake import Handshake
from k6ws._socket.send_room import Room
from k6ws.websockets import WebSocket
from k6ws.ws.response import Headers, Response
from k6ws.ws.socket import Socket

COUNT = 100
# Half of it is a greenlet's; 7.4 before sessions let go of how they were opened.
VU_LIMIT_KIB = 6.0
SOCKET_LIMIT_KIB = 2.0
# What a session needs for its beginning only, or makes when it is first used.
NOT_OWNED = (set, partial, Handshake, Headers, Response, Room)


def _owned(run: Callable[[int, Callable[[], None]], object]) -> tuple[Counter[type], float]:
    """Objects by type of ``COUNT``, KiB of each; ``run`` opens so many, then calls what it is given."""
    kinds: Counter[type] = Counter()
    kib = 0.0

    def look() -> None:
        nonlocal kib
        kinds.update(map(type, gc.get_objects()))
        kib = tracemalloc.get_traced_memory()[0] / COUNT / 1024

    # What is made once is there then.
    run(1, lambda: None)
    gc.collect()
    before = Counter(map(type, gc.get_objects()))
    tracemalloc.start()
    try:
        run(COUNT, look)
    finally:
        tracemalloc.stop()
    kinds.subtract(before)
    return kinds, kib


def test_a_vu_that_idles_in_connect_keeps_only_what_the_end_of_its_session_needs(
    echo: _core.EchoServer,
) -> None:
    def run(count: int, look: Callable[[], None]) -> None:
        sockets: list[Socket] = []

        def opened(socket: Socket) -> None:
            sockets.append(socket)
            if len(sockets) == count:
                socket.set_timeout(done, 1)

        def done() -> None:
            look()
            for one in sockets:
                one.close()

        def session(socket: Socket) -> None:
            socket.on("open", lambda: opened(socket))
            socket.on("message", lambda _text: None)

        k6ws.run(lambda: ws.connect(echo.url(), session), vus=count, iterations=count)

    kinds, kib = _owned(run)
    assert kinds[Socket] == COUNT
    assert {one: kinds[one] for one in NOT_OWNED if kinds[one] >= COUNT} == {}
    assert kib <= VU_LIMIT_KIB


def test_a_socket_that_idles_in_one_vu_keeps_as_little(echo: _core.EchoServer) -> None:
    def run(count: int, look: Callable[[], None]) -> None:
        open_ones: list[WebSocket] = []

        def default() -> None:
            sockets = [WebSocket(echo.url()) for _ in range(count)]

            def opened(event: k6ws.websockets.Event) -> None:
                open_ones.append(event.target)
                if len(open_ones) == count:
                    look()
                    for one in sockets:
                        one.close()

            for one in sockets:
                one.onopen = opened

        k6ws.run(default, iterations=1)

    kinds, kib = _owned(run)
    assert kinds[WebSocket] == COUNT
    assert {one: kinds[one] for one in NOT_OWNED if kinds[one] >= COUNT} == {}
    assert kib <= SOCKET_LIMIT_KIB
