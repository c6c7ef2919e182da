"""Pushes that a session watches as they pass: how old they are, what is lost, what came twice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

import k6ws
from k6ws import tcp, ws
from k6ws.correlate import by, capture
from k6ws.errors import InvalidParameter
from k6ws.framing import lines
from k6ws.match import starts_with
from support import frames
from support.loop_server import LoopServer
from support.runs import run_once, total
from support.scripted import Peer, ScriptedServer, read_to_end, upgrade
from support.tcp_server import Reader, TcpServer, Writer

HOST = "127.0.0.1"
OUTCOMES = ("early", "lost", "doubled")


class Talking(LoopServer):
    """A server of `websockets` that says to everybody what `talk` does, and waits for the end."""

    def __init__(self, talk: Callable[[ServerConnection], Awaitable[None]]) -> None:
        super().__init__()
        self._talk = talk

    async def start(self) -> int:
        self._server = await serve(self._serve, HOST, 0, compression=None, close_timeout=1)
        return next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, socket: ServerConnection) -> None:
        await self._talk(socket)
        await socket.wait_closed()


def said(*messages: str) -> ScriptedServer:
    """A server that says these behind its 101, and nothing more."""
    return ScriptedServer([upgrade(then=b"".join(map(frames.text, messages))), read_to_end])


def counts(result: k6ws.Result, name: str, *, api: str = "ws") -> list[float]:
    """How many came, have a duration, were early, lost, doubled."""
    metrics = "deliveries", "delivery_duration", *(f"deliveries_{of}" for of in OUTCOMES)
    return [total(result, f"{api}_{metric}", name=name) for metric in metrics]


def watched(server: ScriptedServer, messages: int, **places: Any) -> k6ws.Result:
    def default() -> None:
        with ws.open(server.url()) as session:
            session.delivered(starts_with("{"), "tick", **places)
            for _ in range(messages):
                session.recv()

    return run_once(default)


def test_what_is_delivered_is_counted_and_goes_on() -> None:
    got: list[str] = []

    def default() -> None:
        with ws.open(server.url()) as session:
            session.delivered(starts_with("a"), "a")
            got.extend(session.recv() for _ in range(3))

    with said("a1", "b", "a2") as server:
        result = run_once(default)
    assert got == ["a1", "b", "a2"]
    assert counts(result, "a") == [2, 0, 0, 0, 0]


@pytest.mark.parametrize("has_asked", [False, True])
def test_what_arrived_before_its_rule_is_counted_once(*, has_asked: bool) -> None:
    """A function has a say, so that messages wait for the VU, which is away; or kernels stamp them."""
    ticks, never = threading.Event(), threading.Event()

    def default() -> None:
        with ws.open(server.url(), correlate=by("/id")) as session:
            if has_asked:
                session.request('{"id": 1}', "asked")
            else:
                session.ignore(lambda _message: False)
            for _ in range(20):
                ticks.set()
                k6ws.sleep(0.001)
                # The VU is away: what comes meanwhile has been looked at, or lies with the kernel.
                never.wait(0.001 if has_asked else 0.004)
                session.delivered(starts_with("tick"), "tick")
            # The point: whatever was on its way is there.
            k6ws.sleep(0.3)

    def talk(peer: Peer) -> None:
        if has_asked:
            peer.next_frame()
            peer.sock.sendall(frames.text('{"id": 1}'))
        ticks.wait(5)
        for number in range(100):
            peer.sock.sendall(frames.text(f"tick {number}"))
            peer.stopping.wait(0.0005)

    with ScriptedServer([upgrade(), talk, read_to_end]) as server:
        result = run_once(default)
    # Each of the twenty rules sees each of the hundred at most once.
    assert 100 * 19 <= counts(result, "tick")[0] <= 100 * 20


def test_what_is_taken_nobody_else_gets() -> None:
    got: list[str] = []

    def default() -> None:
        with ws.open(server.url()) as session:
            session.delivered(starts_with("a"), "a", take=True)
            got.append(session.recv())

    with said("a1", "a2", "b") as server:
        result = run_once(default)
    assert got == ["b"]
    assert counts(result, "a")[0] == 2


def test_a_later_rule_has_none_counted_twice() -> None:
    got: list[str] = []

    def default() -> None:
        with ws.open(server.url()) as session:
            while len(session._source.inbox) < 3:
                k6ws.sleep(0.001)
            session.delivered(starts_with("{"), "tick", sequence="/n")
            session.ignore("no")
            session.delivered(starts_with("{"), "again", sequence="/n")
            got.append(session.recv())

    with said('{"n": 1}', "no", '{"n": 2}') as server:
        result = run_once(default)
    assert got == ['{"n": 1}']
    assert counts(result, "tick") == counts(result, "again") == [2, 0, 0, 0, 0]


def test_lost_and_doubled_are_counted_by_source() -> None:
    numbers = [("a", 1), ("b", 7), ("a", 2), ("a", 5), ("b", 8), ("a", 4), ("b", 8), ("b", 9)]
    messages = [json.dumps({"from": who, "n": number}) for who, number in numbers]
    with said(*messages) as server:
        result = watched(server, len(messages), sequence="/n", source="/from")
    assert counts(result, "tick") == [8, 0, 0, 1, 1], "3 of a is lost, 8 of b came twice"


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000, 1_000_000_000])
def test_the_age_is_by_the_clock_of_who_sent_it(unit: int) -> None:
    stamps = [time.time() - 30, time.time() + 3_600]
    times = [stamp if unit == 1 else int(stamp * unit) for stamp in stamps]
    messages = [*(json.dumps({"at": at}) for at in times), '{"at": "no clock"}']

    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        for message in messages:
            await socket.send(message)

    def default() -> None:
        with ws.open(server.url("/")) as session:
            session.delivered(starts_with("{"), "tick", stamp="/at")
            session.send("go")
            for _ in messages:
                session.recv()

    with Talking(talk) as server:
        result = run_once(default)
    assert counts(result, "tick") == [3, 1, 1, 0, 0]
    assert 30_000 <= result.metrics["ws_delivery_duration"].max < 60_000


def test_handlers_of_sockets_are_given_what_is_watched() -> None:
    got: list[str] = []

    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        for number in (1, 2, 5):
            await socket.send(json.dumps({"n": number}))

    def came(socket: ws.Socket, message: str) -> None:
        got.append(message)
        if len(got) == 3:
            socket.close()

    def session(socket: ws.Socket) -> None:
        socket.delivered(starts_with("{"), "tick", sequence="/n")
        socket.on("message", lambda message: came(socket, message))
        socket.on("open", lambda: socket.send("go"))

    with Talking(talk) as server:
        result = run_once(lambda: ws.connect(server.url("/"), {}, session))
    assert len(got) == 3
    assert counts(result, "tick") == [3, 0, 0, 2, 0]


def test_a_function_may_say_when_as_a_number_or_a_date() -> None:
    def sent(message: str) -> float | datetime | None:
        at = json.loads(message)["at"]
        if at is None:
            return None
        return datetime.fromisoformat(at) if isinstance(at, str) else float(at)

    now = time.time() - 1
    stamps = [now, datetime.fromtimestamp(now, UTC).isoformat(), None]

    def default() -> None:
        with ws.open(server.url("/")) as session:
            session.delivered(starts_with("{"), "tick", stamp=sent, sequence=capture(r"n=(\d+)"))
            session.send("go")
            for _ in stamps:
                session.recv()

    async def talk(socket: ServerConnection) -> None:
        await socket.recv()
        for number, stamp in enumerate(stamps):
            await socket.send(json.dumps({"at": stamp, "text": f"n={number}"}))

    with Talking(talk) as server:
        result = run_once(default)
    assert counts(result, "tick") == [3, 2, 0, 0, 0]
    assert result.metrics["ws_delivery_duration"].min >= 1_000


def test_over_tcp_they_are_named_after_it() -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        assert await reader.read(100) == b"go\n"
        for number in (1, 2, 4):
            writer.write(f"tick {number} {time.time()}\n".encode())
        await writer.drain()
        await reader.read(100)

    def default() -> None:
        with tcp.open(HOST, server.port, framing=lines()) as session:
            places: dict[str, Any] = {"stamp": capture(r" ([\d.]+)$")}
            session.delivered(starts_with("tick"), "t", sequence=capture(r"(\d+)"), **places)
            session.send("go")
            for _ in range(3):
                session.recv()

    with TcpServer(talk) as server:
        result = run_once(default)
    assert counts(result, "t", api="tcp") == [3, 3, 0, 1, 0]


def test_what_cannot_be_is_refused_where_it_is_written() -> None:
    with said() as server, ws.open(server.url()) as session:
        with pytest.raises(InvalidParameter, match="sequence="):
            session.delivered("a", "a", source="/from")
        with pytest.raises(InvalidParameter, match="JSON pointer"):
            session.delivered("a", "a", stamp="at")
        with pytest.raises(TypeError):
            session.delivered("a", "a", sequence=7.5)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            session.delivered("a", "a", sequence=7)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            session.delivered("a", 7)  # type: ignore[arg-type]
