"""`request(None, …)`: what the peer says first, or goes on to say, timed by when it could begin."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Generator
from typing import Any

import pytest

import k6ws
from k6ws import framing, match, tcp, ws
from k6ws.correlate import by, in_order
from support import frames
from support.requests import assert_accounts
from support.runs import run_once, total
from support.scripted import (
    Peer,
    PeerLeft,
    ScriptedServer,
    Step,
    read_to_end,
    upgrade,
)
from support.speaking import PLACES, TRANSPORTS, Open, params, speak

HUGE = 8 << 20


def drained(peer: Peer) -> None:
    """Read to the end, over TCP."""
    with contextlib.suppress(PeerLeft):
        while True:
            peer.read()
            peer.buffer.clear()
    peer.finish("fin")


def greeting(transport: str, *said: str) -> list[Step]:
    """Say these at once: right behind the 101, in its segment, or as soon as there is a connection."""
    if transport == "ws":
        return [upgrade(then=b"".join(map(frames.text, said))), read_to_end]
    lines = "".join(f"{one}\n" for one in said).encode()
    return [lambda peer: peer.sock.sendall(lines), drained]


def closing(transport: str) -> list[Step]:
    """Say goodbye at once, and nothing else."""
    if transport == "ws":
        return [upgrade(then=frames.close(1000)), read_to_end]
    return [lambda peer: None]


@contextlib.contextmanager
def greeted(transport: str, steps: list[Step]) -> Generator[Any]:
    """A server that does so, as `speak` wants it."""
    with ScriptedServer(steps) as server:
        yield server.url() if transport == "ws" else ("127.0.0.1", server.port)


def found(result: k6ws.Result | None, transport: str, *, made: int, **failed: int) -> None:
    """What the run has counted, where it is one."""
    if result is not None:
        assert assert_accounts(result, transport) == failed
        assert result.metrics[f"{transport}_reqs"]["count"] == made
        assert total(result, f"{transport}_req_duration") == made - sum(failed.values())


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_several_are_taken_in_their_order_and_one_that_does_not_come_is_missed(
    place: str, transport: str
) -> None:
    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open(**params(transport)) as session:
            assert await session.request(None, "first") == "one"
            assert await session.request(None, "second", check=match.equals("two")) == "two"
            assert await session.recv() == "three"
            with pytest.raises(k6ws.RequestFailed) as raised:
                await session.request(None, "third", timeout="20ms")
            assert (raised.value.error, raised.value.name) == ("timeout", "third")
            assert await session.request(None, "fourth", timeout=0, default="none") == "none"

    with greeted(transport, greeting(transport, "one", "two", "three")) as where:
        result = speak(place, where, body)
    found(result, transport, made=4, timeout=2)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_rule_that_comes_first_has_it_and_a_match_leaves_the_others_where_they_are(
    place: str, transport: str
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=in_order())) as session:
            session.ignore("hush")
            assert await session.request(None, "greeting", match=match.starts_with("2")) == "2nd"
            assert [await session.recv(), await session.recv()] == ["1st", "3rd"]

    said = ("hush", "1st", "hush", "2nd", "3rd", "hush")
    with greeted(transport, greeting(transport, *said)) as where:
        result = speak(place, where, body)
    found(result, transport, made=1)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_peer_that_closes_at_once_has_not_greeted(place: str, transport: str) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport)) as session:
            with pytest.raises(k6ws.RequestFailed) as raised:
                await session.request(None, "greeting", timeout="10s")
            assert raised.value.error == "closed"
            assert isinstance(raised.value.__cause__, k6ws.SessionClosed)
            assert await session.request(None, "again", default=None) is None

    with greeted(transport, closing(transport)) as where:
        result = speak(place, where, body)
    found(result, transport, made=2, closed=2)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_wrong_one_is_a_failed_request_with_its_reply(place: str, transport: str) -> None:
    def raises(message: str) -> bool:
        raise LookupError(message)

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport)) as session:
            checks = {"is one": match.equals("one"), "is long": match.regex("...."), "is": "one"}
            with pytest.raises(k6ws.RequestFailed) as raised:
                await session.request(None, "first", check=checks)
            assert (raised.value.error, raised.value.reply) == ("check", "one")
            with pytest.raises(k6ws.RequestFailed) as raised:
                await session.request(None, "second", check=raises)
            assert (raised.value.error, raised.value.reply) == ("check", "two")
            assert isinstance(raised.value.__cause__, LookupError)

    with greeted(transport, greeting(transport, "one", "two")) as where:
        result = speak(place, where, body)
    found(result, transport, made=2, check=2)
    if result is not None:
        checks = {name: (one.passes, one.fails) for name, one in result.checks.items()}
        assert checks == {"is one": (1, 0), "is long": (0, 1), "is": (1, 0)}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", ["program", "async vu"])
def test_a_huge_one_is_had_whole_and_one_over_the_limit_ends_its_session(
    place: str, transport: str
) -> None:
    limits: dict[str, Any] = {"max_message_size": HUGE - 1}
    if transport == "tcp":
        limits = {"framing": framing.lines(max=HUGE - 1)}

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport)) as session:
            assert await session.request(None, "huge", timeout="20s") == "x" * HUGE
        async with open(**{**params(transport), **limits}) as session:
            with pytest.raises(k6ws.RequestFailed) as raised:
                await session.request(None, "too huge", timeout="20s")
            assert raised.value.error == "closed"

    def steps() -> list[Step]:
        speaks, waits = greeting(transport, "x" * HUGE)

        def says_what_is_taken(peer: Peer) -> None:
            with contextlib.suppress(ConnectionError):  # the second time nobody takes it
                speaks(peer)

        return [says_what_is_taken, waits]

    with greeted(transport, steps()) as where:
        result = speak(place, where, body)
    found(result, transport, made=2, closed=1)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_it_is_timed_from_when_the_peer_could_begin_however_late_the_script_asks(
    transport: str,
) -> None:
    """30 ms from the opening, and 60 from the last message that was sent; the script asks 300 ms late."""
    written: list[float] = []

    def says(peer: Peer) -> None:
        if transport == "ws":
            upgrade()(peer)
        time.sleep(0.03)
        say(peer, "one")
        if transport == "ws":
            peer.next_frame()
        else:
            peer.read()
        time.sleep(0.06)
        say(peer, "two")

    def say(peer: Peer, text: str) -> None:
        written.append(time.monotonic())
        peer.sock.sendall(frames.text(text) if transport == "ws" else f"{text}\n".encode())

    def default() -> None:
        module: Any = ws if transport == "ws" else tcp
        place = (server.url(),) if transport == "ws" else ("127.0.0.1", server.port)
        with module.open(*place, **params(transport)) as session:
            k6ws.sleep(0.3)  # the point: it has come by then
            assert session.request(None, "opening") == "one"
            session.send("go on")
            k6ws.sleep(0.3)  # the point: as above
            assert session.request(None, "sent") == "two"

    end = read_to_end if transport == "ws" else drained
    with ScriptedServer([says, end]) as server:
        result = run_once(default)
    took = {
        tags["name"]: values["min"] for tags, values in result.series(f"{transport}_req_duration")
    }
    assert 30 * 0.9 <= took["opening"] < 300
    assert 60 * 0.9 <= took["sent"] < 300


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_counted_of_a_call_that_makes_no_sense(place: str, transport: str) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport, correlate=by("/id"))) as session:
            with pytest.raises(TypeError, match="which has no key="):
                await session.request(None, "greeting", key=1)
            with pytest.raises(k6ws.InvalidParameter, match="nothing says which one is the last"):
                await session.request(None, "greeting", many=True)
            with pytest.raises(TypeError):
                session.start(None, "greeting")
            assert json.loads(await session.request(None, "greeting")) == {"id": 1}

    with greeted(transport, greeting(transport, '{"id": 1}')) as where:
        result = speak(place, where, body)
    found(result, transport, made=1)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_one_that_a_vu_is_cut_in_is_a_failed_request(transport: str) -> None:
    def default() -> None:
        module: Any = ws if transport == "ws" else tcp
        with module.open(*place, **params(transport)) as session:
            session.request(None, "greeting", timeout=None)

    with greeted(transport, greeting(transport)) as where:
        place = (where,) if transport == "ws" else where
        users: Any = {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}
        result = k6ws.run(default, scenarios={"users": users})
    assert not result.exceptions
    found(result, transport, made=1, cut=1)
