"""Sockets that a script holds on to, in cycles and lists: their connections are gone all the same."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from k6ws import _core, ws
from k6ws.tcp import Socket
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S
from support.open_files import open_files
from support.runs import run_once
from support.tcp_server import TcpServer

EACH = 20


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def sockets_open() -> int:
    return sum(what.startswith("socket:") for what in open_files().values())


class Unwilling:
    """What cannot be freed without a complaint."""

    def __init__(self, freed: list[str]) -> None:
        self._freed = freed

    def __del__(self) -> None:
        self._freed.append("freed")
        raise RuntimeError("not now")


@pytest.mark.usefixtures("_no_collector")
def test_what_a_script_keeps_holds_no_connection(echo: _core.EchoServer) -> None:
    kept: list[Any] = []
    during: list[int] = []

    def session(socket: ws.Socket) -> None:
        kept.append(socket)
        socket.on("open", lambda: (during.append(sockets_open()), socket.close()))

    def default() -> None:
        for _ in range(EACH):
            ws.connect(echo.url(), session)
            kept.append(other := WebSocket(echo.url()))
            other.onopen = lambda event: event.target.close()
            kept.append(plain := Socket())
            plain.connect(server.port, "127.0.0.1").wait()
            plain.end()

    # The server's side of the raw connections is in this process as well.
    with TcpServer() as server:
        before = sockets_open()
        run_once(default)
        server.wait_ended(EACH)
        # The target closes its side in a thread of its own, and no signal tells when.
        deadline = time.monotonic() + PATIENCE_S
        while sockets_open() > before and time.monotonic() < deadline:
            Event().wait(0.01)
        assert sockets_open() <= before
        assert max(during) > before, "the count would not have noticed one"
    assert len(kept) == 3 * EACH


@pytest.mark.usefixtures("_no_collector")
def test_handlers_are_freed_with_their_session_and_may_complain(
    echo: _core.EchoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[str] = []
    complaints: list[str] = []

    def complain(one: sys.UnraisableHookArgs) -> None:
        complaints.append(str(one.exc_value))

    monkeypatch.setattr(sys, "unraisablehook", complain)

    def session(socket: ws.Socket) -> None:
        burden = Unwilling(freed)
        socket.on("message", lambda: burden)
        socket.on("open", lambda: socket.close())

    def default() -> None:
        for _ in range(EACH):
            ws.connect(echo.url(), session)
        socket = WebSocket(echo.url())
        burden = Unwilling(freed)
        socket.onmessage = lambda: (burden, socket)
        socket.onopen = lambda: socket.close()

    run_once(default)
    # Without the garbage collector: a session that is over refers to nothing.
    assert len(freed) == EACH + 1
    assert complaints == ["not now"] * (EACH + 1)
