"""Messages that wait for room: settled once, refused where they are given, let go when they have left."""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc
from typing import Any

import pytest

import k6ws
from k6ws import framing, tcp, ws
from k6ws.correlate import in_order
from support import frames
from support.runs import run_once
from support.scripted import Peer, PeerLeft, ScriptedServer, read_to_end, upgrade, wait_for
from support.speaking import PLACES, Open, speak

LARGE = "x" * 900_000
ROOM = 1 << 20
SENDS = 12


def _in_a_run(main: Any) -> None:
    async def default() -> None:
        await main

    run_once(default)


class Numbering:
    """A codec that puts a number in front of each message, as protocols with a sequence do."""

    def __init__(self) -> None:
        self.numbers = 0

    def encode(self, message: str) -> str:
        self.numbers += 1
        return f"{self.numbers} {message}"


@pytest.mark.parametrize("place", PLACES)
def test_a_message_is_encoded_once_however_long_it_waits(place: str) -> None:
    may_read = threading.Event()
    numbering = Numbering()

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        codec = framing.Codec(str, numbering.encode, whole=True)
        async with open(codec=codec, max_buffered=ROOM) as session:
            # The peer does not read yet: what its kernel does not take waits for room.
            threading.Timer(0.2, may_read.set).start()
            sends = [session.send(LARGE) for _ in range(SENDS)]
            for one in sends:
                await one

    with ScriptedServer([upgrade(), wait_for(may_read), read_to_end]) as server:
        speak(place, server.url(), body)
        server.peer().wait_end()
        sent = [one.payload for one in server.peer().frames if one.opcode == frames.TEXT]
    assert [int(one.split()[0]) for one in sent] == list(range(1, SENDS + 1))
    assert numbering.numbers == SENDS


@pytest.mark.parametrize("module", [ws, tcp])
def test_what_cannot_be_sent_is_refused_where_it_is_given_also_behind_others(module: Any) -> None:
    may_read = threading.Event()

    async def main() -> None:
        place = (server.url(),) if module is ws else ("127.0.0.1", server.port)
        async with module.aopen(*place, max_buffered=ROOM) as session:
            sends = [session.send(LARGE) for _ in range(SENDS)]
            assert not sends[-1].done()
            with pytest.raises(TypeError, match="not int"):
                session.send(7)
            may_read.set()
            await asyncio.gather(*sends)

    opening = [upgrade()] if module is ws else []
    with ScriptedServer([*opening, wait_for(may_read), _swallow]) as server:
        asyncio.run(main())


@pytest.mark.parametrize("runs", [asyncio.run, _in_a_run])
def test_requests_leave_in_the_order_of_their_calls_also_where_some_wait_for_room(
    runs: Any,
) -> None:
    """A small one finds room where a large one did not: it waits for its turn, or its reply is another's."""
    may_read = threading.Event()

    async def main() -> None:
        how: dict[str, Any] = {"framing": framing.lines(), "max_buffered": ROOM}
        async with tcp.aopen("127.0.0.1", server.port, correlate=in_order(), **how) as session:
            asked: list[Any] = []
            for number in range(SENDS):
                asked += [
                    session.request(f"{number} {LARGE}", "large", timeout="30s"),
                    session.request(f"{number} small", "small", timeout="30s"),
                ]
            # Nobody waits for room for these: they have failed, and take nobody's place.
            started = session.start("started", "started")
            assert started.failed == "send"
            may_read.set()
            replies = await asyncio.gather(*asked)
            assert [int(one.split()[0]) for one in replies] == [n // 2 for n in range(2 * SENDS)]
            assert [len(one) < 20 for one in replies] == [False, True] * SENDS
            with pytest.raises(k6ws.RequestFailed, match="send"):
                await started

    def answer(peer: Any) -> None:
        while data := peer.sock.recv(1 << 16):
            peer.sock.sendall(data)

    with ScriptedServer([wait_for(may_read), answer]) as server:
        runs(main())


def test_what_is_asked_again_and_again_does_not_leave_before_who_waits_for_room() -> None:
    """In blocking code as well: its timers go on while it waits, and find room for what is small."""
    may_read = threading.Event()
    replies: list[str] = []

    def default() -> None:
        how: dict[str, Any] = {"framing": framing.lines(), "max_buffered": ROOM}
        with tcp.open("127.0.0.1", server.port, correlate=in_order(), **how) as session:
            started: list[Any] = []
            # Until neither the kernel nor the connection takes one more.
            while [one.failed for one in started[-3:]] != ["send"] * 3:
                started.append(session.start(f"s {LARGE}", "started", timeout="30s"))
                k6ws.sleep(0.01)
            beat = session.every("5ms", "beat", "beat")
            threading.Timer(0.3, may_read.set).start()
            replies.append(session.request(f"waits {LARGE}", "waits", timeout="30s"))
            beat.stop()
            replies.extend(one.wait() for one in started if one.failed is None)

    def answer(peer: Any) -> None:
        while data := peer.sock.recv(1 << 16):
            peer.sock.sendall(data)

    with ScriptedServer([wait_for(may_read), answer]) as server:
        result = run_once(default)
    first, *others = (one.split()[0] for one in replies)
    assert first == "waits"
    assert set(others) == {"s"}
    failed = {tags["error"] for tags, _ in result.series("tcp_req_failed") if "error" in tags}
    assert failed == {"send"}


def test_a_start_takes_no_room_before_who_waits_for_some() -> None:
    """Of a session whose messages go as they are, where a start has a short way."""
    may_read = threading.Event()
    small: list[Any] = []

    def first_words(peer: Peer) -> None:
        try:
            while (frame := peer.next_frame()).opcode == frames.TEXT:
                peer.sock.sendall(frames.text(frame.payload.split()[0].decode()))
            peer.sock.sendall(frames.close(1000))
            peer.next_frame()
        except PeerLeft as left:
            peer.finish(str(left))

    script = [upgrade(), wait_for(may_read), first_words]
    with ScriptedServer(script) as server:
        how: dict[str, Any] = {"correlate": in_order(), "recv_timeout": "30s"}
        with ws.open(server.url(), max_buffered=ROOM, **how) as session:
            started: list[Any] = []
            # Until neither the kernel nor the connection takes one more.
            while [one.failed for one in started[-3:]] != ["send"] * 3:
                started.append(session.start(f"large {LARGE}", "started"))
                k6ws.sleep(0.01)
            beat = session.every("5ms", lambda: small.append(session.start("small", "small")))
            threading.Timer(0.3, may_read.set).start()
            assert session.request(f"waits {LARGE}", "waits") == "waits"
            beat.stop()
            # There is room for it as soon as nobody waits for some.
            assert session.request("again", "again") == "again"
            assert {one.wait() for one in started if one.failed is None} == {"large"}
    assert small
    # Those made while it waited.
    assert small[0].failed == "send"
    assert {one.failed for one in small} <= {"send", None}
    sent = [one.payload.split()[0] for one in server.peer().frames if one.opcode == frames.TEXT]
    waited = sent.index(b"waits")
    assert b"small" not in sent[:waited]


def test_what_has_left_is_let_go() -> None:
    async def main() -> int:
        async with tcp.aopen(
            "127.0.0.1", server.port, max_buffered=ROOM, send_timeout="1m"
        ) as session:
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            await asyncio.gather(*(session.send(f"{n}{LARGE}") for n in range(40)))
            gc.collect()
            return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        with ScriptedServer([_swallow]) as server:
            kept = asyncio.run(main())
    finally:
        tracemalloc.stop()
    assert kept < 10 * len(LARGE)


def _swallow(peer: Any) -> None:
    while peer.sock.recv(1 << 20):
        pass
