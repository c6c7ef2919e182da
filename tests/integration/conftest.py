"""Servers for the acceptance tests, and the promise that nothing is left behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from k6ws import _core
from support.open_files import open_files
from support.servers import AiohttpServer, Authority, EchoServer, WebsocketsServer

LEAK_PATIENCE_S = 2.0


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server() -> Iterator[WebsocketsServer]:
    """The echo server, without TLS and compression."""
    with WebsocketsServer() as running:
        yield running


@pytest.fixture
def echo() -> Iterator[_core.EchoServer]:
    """The built-in target, which echoes without end and as fast as it can."""
    running = _core.EchoServer("127.0.0.1", 0)
    yield running
    running.stop()


@pytest.fixture(params=[WebsocketsServer, AiohttpServer], ids=["websockets", "aiohttp"])
def any_server(request: pytest.FixtureRequest) -> Iterator[EchoServer]:
    """The echo server, once on each of two independent libraries."""
    with request.param() as running:
        yield running


@pytest.fixture(params=[WebsocketsServer, AiohttpServer], ids=["websockets", "aiohttp"])
def tls_server(request: pytest.FixtureRequest, authority: Authority) -> Iterator[EchoServer]:
    """The echo servers behind a certificate for example.com and 127.0.0.1."""
    with request.param(tls=authority.server_context()) as running:
        yield running


@pytest.fixture(scope="session")
def _warm() -> None:
    """Use everything once, so that what k6ws keeps for good exists before anything is counted."""
    import uvloop  # noqa: PLC0415 - keeps a pipe of its own for good

    import k6ws  # noqa: PLC0415 - the servers are tested without it
    from k6ws import ws  # noqa: PLC0415

    def session(socket: ws.Socket) -> None:
        socket.set_timeout(socket.close, 1)

    with WebsocketsServer() as running:
        url = running.url("/ws-echo")
        ws.connect(url, session)
        asyncio.run(ws.aconnect(url, session))
        uvloop.run(asyncio.sleep(0))
        k6ws.run(lambda: ws.connect(url, session), vus=2, iterations=2)


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(request: pytest.FixtureRequest, _warm: None) -> Iterator[None]:
    """After the test, with its servers gone, as many files and threads are there as before."""
    files, threads = open_files(), _threads()
    marker = request.node.get_closest_marker("keeps_threads")
    most_threads = len(threads) + (marker.args[0] if marker else 0)
    yield
    deadline = time.monotonic() + LEAK_PATIENCE_S
    # The kernel sends no signal when a descriptor goes, so this one wait has to look again.
    while len(open_files()) > len(files) or len(_threads()) > most_threads:
        if time.monotonic() > deadline:
            break
        Event().wait(0.01)
    new_files = {fd: what for fd, what in open_files().items() if files.get(fd) != what}
    new_threads = {tid: name for tid, name in _threads().items() if tid not in threads}
    assert len(open_files()) <= len(files), f"open files left behind: {new_files}"
    assert len(_threads()) <= most_threads, f"threads left behind: {new_threads}"


def _threads() -> dict[str, str]:
    held: dict[str, str] = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            held[task.name] = (task / "comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return held
