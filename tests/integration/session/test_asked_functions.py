"""Functions of the script that are asked about messages: what they may say, what becomes of the others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import _core, match, ws
from k6ws.correlate import by
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, fin, read_frame, send, upgrade, wait_for
from support.speaking import PLACES, Open, speak


class Neither:
    """What is no yes and no no."""

    def __bool__(self) -> bool:
        raise ValueError("neither")


async def later() -> bool:
    return True


ODD: list[Callable[[Any], Any]] = [
    lambda _message: Neither(),
    lambda _message: match.contains("x"),
    lambda _message: later(),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("odd", ODD)
def test_what_says_neither_yes_nor_no_says_no_and_ends_nothing(
    place: str, odd: Callable[[Any], Any], echo: _core.EchoServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open(correlate=by("/id")) as session:
            session.ignore(odd)
            await session.send("x")
            assert await session.recv() == "x"
            failed = await session.request('{"id": 1}', "a", done=odd, timeout="50ms", default=0)
            assert failed == 0
            failed = await session.request("b", "b", match=odd, timeout="50ms", default=0)
            assert failed == 0

    speak(place, echo.url(), body)
    # A program is told once.
    if place.endswith("vu"):
        assert "a function that is asked about messages raised" in caplog.text


@pytest.mark.parametrize("place", PLACES)
def test_text_that_cannot_be_sent_is_a_yes_like_any_other(
    place: str, echo: _core.EchoServer
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open() as session:
            session.ignore(half_a_pair)
            await session.send("x")
            await session.send("y")
            assert await session.recv() == "y"

    speak(place, echo.url(), body)


def half_a_pair(message: Any) -> str:
    return "\ud800" if message == "x" else ""


async def promised(_message: Any) -> bool:
    return True


def counted(_message: Any) -> Any:
    yield True


class Promising:
    """An object that can be called, and answers later."""

    async def __call__(self, _message: Any) -> bool:
        return True


@pytest.mark.parametrize("late", [promised, counted, Promising()])
def test_a_function_that_answers_later_is_refused_where_it_is_given(
    late: Any, echo: _core.EchoServer
) -> None:
    with ws.open(echo.url(), correlate=by("/id")) as session:
        calls: list[Callable[[], Any]] = [
            lambda: session.recv(late),
            lambda: session.ignore(late),
            lambda: session.auto_reply(late, "a"),
            lambda: session.auto_reply("a", late),
            lambda: session.delivered("a", "a", stamp=late),
            lambda: session.delivered("a", "a", sequence=late),
            lambda: session.request('{"id": 1}', "a", check=late),
            lambda: session.request('{"id": 1}', "a", check={"is a": late}),
            lambda: session.start('{"id": 1}', "a", done=late),
            lambda: session.start('{"id": 1}', "a", match=late),
            lambda: session.request(None, "a", check=late),
            lambda: by(late),
            lambda: by("/id", where=match.text & late),
        ]
        for call in calls:
            with pytest.raises(TypeError, match="answers at once"):
                call()
        assert session.request('{"id": 1}', "a") == '{"id": 1}'


def test_a_rule_is_the_session_s_own_thread_s(echo: _core.EchoServer) -> None:
    refused: list[str] = []

    def elsewhere(session: ws.Session) -> None:
        calls: list[Callable[[], Any]] = [
            lambda: session.ignore("a"),
            lambda: session.auto_reply("a", "b"),
            lambda: session.auto_reply("a", str),
            lambda: session.delivered("a", "a"),
            session.keep,
        ]
        for call in calls:
            with pytest.raises(k6ws.K6Error) as caught:
                call()
            refused.append(str(caught.value))

    with ws.open(echo.url()) as session:
        thread = threading.Thread(target=elsewhere, args=(session,))
        thread.start()
        thread.join()
        assert len(refused) == 5
        session.send("a")
        assert session.recv() == "a"


@pytest.mark.parametrize("is_async", [False, True])
def test_a_wait_behind_the_end_of_a_session_lasts_as_long_as_it_says(*, is_async: bool) -> None:
    """Who waited for a reply is told at the end of the session, and by no event that comes behind it."""

    def slow(_message: Any) -> bool:
        # Longer than the session lives: its end is known by when this has said no.
        deadline.wait(0.3)
        return False

    deadline = threading.Event()
    times: list[float] = []

    def default() -> None:
        session = ws.open(url, correlate=by("/id"))
        session.ignore(slow)
        with pytest.raises(k6ws.RequestFailed, match="closed"):
            session.request('{"id": 1}', "a")
        begun = session._source.vu.loop.core.now()
        k6ws.sleep(0.2)
        times.append(session._source.vu.loop.core.now() - begun)

    async def adefault() -> None:
        session = await ws.aopen(url, correlate=by("/id"))
        session.ignore(slow)
        with pytest.raises(k6ws.RequestFailed, match="closed"):
            await session.request('{"id": 1}', "a")
        begun = session._source.vu.loop.core.now()
        await asyncio.sleep(0.2)
        times.append(session._source.vu.loop.core.now() - begun)

    steps = [upgrade(), read_frame(frames.TEXT), send(frames.text("noise")), fin]
    with ScriptedServer([*steps, wait_for(deadline)]) as server:
        url = server.url()
        run_once(adefault if is_async else default)
        deadline.set()
    assert times[0] >= 190
