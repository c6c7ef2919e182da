"""Sessions that come back, and what ends that: codes, spent tries, a failing ``on_open``, the script."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

import k6ws
from k6ws import Backoff, ConnectFailed, K6Error, RequestFailed, SessionClosed, tcp, think, ws
from k6ws.correlate import by
from support.falling import Falling, How
from support.requests import ask, assert_accounts
from support.runs import run_once
from support.speaking import PLACES, TRANSPORTS, Open, params, speak

SOON = Backoff("30ms", max="60ms", jitter=0)
NEVER = Backoff("60s", max="60s")
ASKING: dict[str, Any] = {"correlate": by("/id"), "recv_timeout": "5s"}


@pytest.fixture(params=TRANSPORTS)
def falling(request: pytest.FixtureRequest) -> Iterator[Falling]:
    """The service, over each of both."""
    with Falling(is_tcp=request.param == "tcp") as running:
        yield running


def given(falling: Falling, **others: Any) -> dict[str, Any]:
    return params("tcp" if falling.is_tcp else "ws", **ASKING, **others)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("how", "policy", "is_back"),
    [
        (1000, SOON, False),
        (1001, SOON, True),
        (1006, SOON, True),
        (1011, SOON, True),
        (1012, SOON, True),
        (1013, SOON, True),
        (4000, SOON, False),
        (4000, Backoff("30ms", jitter=0, on=(4000,)), True),
        ("reset", Backoff("30ms", jitter=0, on=(1012,)), False),
    ],
)
def test_close_codes_say_whether_a_session_comes_back(
    place: str, how: How, policy: Backoff, *, is_back: bool
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**ASKING, reconnect=policy) as session:
            wanted = "fin" if how == 1006 else how
            with pytest.raises(RequestFailed, match="closed"):
                await session.request(ask(1, "fall", how=wanted), "fall")
            if is_back:
                assert '"id": 2' in await session.request(ask(2), "again")
                return
            with pytest.raises(RequestFailed, match="closed"):
                await session.request(ask(2), "again")
            with pytest.raises(SessionClosed) as closed:
                await session.recv()
            assert closed.value.code == (1006 if how == "reset" else how)

    with Falling(is_tcp=False) as falling:
        result = speak(place, falling.where, body)
        assert len(falling.made) == (2 if is_back else 1)
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_spent_tries_end_it_with_what_the_last_one_came_to(place: str, falling: Falling) -> None:
    policy = Backoff("20ms", max="20ms", jitter=0, tries=3)

    async def body(open: Open) -> None:  # noqa: A002
        session: Any
        async with open(**given(falling, reconnect=policy)) as session:
            assert await session.request(ask(1), "first")
            falling.down()
            for _ in range(2):
                # On its way when the connection broke, or waiting for one.
                with pytest.raises(RequestFailed) as failed:
                    await session.request(ask(2), "lost")
                assert failed.value.error == "closed"
            with pytest.raises(
                SessionClosed, match="3 attempts to connect again have failed"
            ) as closed:
                await session.recv()
            assert "connect" in str(closed.value)
            assert isinstance(closed.value.error, K6Error)
            assert isinstance(closed.value.error.__cause__, ConnectFailed)
            assert not session.is_open

    result = speak(place, falling.where, body)
    if result is not None:
        assert result.exceptions == []
        kind = "tcp" if falling.is_tcp else "ws"
        assert assert_accounts(result, kind) == {"closed": 2.0}
        assert result.metrics[f"{kind}_reconnects"]["count"] == 3


@pytest.mark.parametrize("place", PLACES)
def test_closing_a_session_that_is_down_ends_it_at_once(place: str, falling: Falling) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**given(falling, reconnect=NEVER)) as session:
            assert await session.request(ask(9), "first")
            falling.drop("reset")
            assert await session.recv(timeout="100ms", default="down") == "down"
            waiting = session.start(ask(1), "waits")
            assert not waiting.done
            began = time.monotonic()
            await session.close()
            assert time.monotonic() - began < 2
            assert waiting.failed == "closed"
            with pytest.raises(SessionClosed) as closed:
                await session.send(ask(2))
            assert closed.value.by == "us"

    result = speak(place, falling.where, body)
    if result is not None:
        assert result.exceptions == []
        assert_accounts(result, "tcp" if falling.is_tcp else "ws")


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("how", ["waits", "dials"])
def test_a_vu_whose_time_is_up_while_its_session_is_down_ends_at_once(
    how: str, *, is_async: bool
) -> None:
    mute: list[socket.socket] = []
    policy = NEVER if how == "waits" else Backoff("10ms", max="20ms", jitter=0)

    def fall() -> None:
        falling.wait_made(2)
        falling.down()
        if how == "dials":
            # The kernel accepts, and nobody answers.
            mute.append(socket.create_server(("127.0.0.1", falling.port)))

    def default() -> None:
        session = ws.open(falling.url("/"), **ASKING, reconnect=policy)
        assert session.recv(timeout="200ms", default=None) is None
        session.request(ask(1), "waits", timeout=None)

    async def adefault() -> None:
        session = await ws.aopen(falling.url("/"), **ASKING, reconnect=policy)
        assert await session.recv(timeout="200ms", default=None) is None
        await session.request(ask(1), "waits", timeout=None)

    only: Any = {"executor": "constant-vus", "vus": 2, "duration": "1s", "gracefulStop": "0s"}
    with Falling(is_tcp=False) as falling:
        thread = threading.Thread(target=fall)
        thread.start()
        began = time.monotonic()
        result = k6ws.run(adefault if is_async else default, scenarios={"only": only})
        assert time.monotonic() - began < 5
        thread.join()
        for one in mute:
            one.close()
    assert result.exceptions == []
    assert assert_accounts(result, "ws") == {"cut": 2.0}
    assert result.metrics["ws_downtime"]["max"] < 2000


@pytest.mark.parametrize("is_async", [False, True])
def test_an_iteration_that_fails_ends_a_session_that_is_down(*, is_async: bool) -> None:
    with Falling(is_tcp=False) as falling:

        def default() -> None:
            session = ws.open(falling.url("/"), **ASKING, reconnect=NEVER)
            assert session.request(ask(1), "first")
            falling.drop("reset")
            assert session.recv(timeout="100ms", default=None) is None
            raise ValueError("as told")

        async def adefault() -> None:
            session = await ws.aopen(falling.url("/"), **ASKING, reconnect=NEVER)
            assert await session.request(ask(1), "first")
            falling.drop("reset")
            assert await session.recv(timeout="100ms", default=None) is None
            raise ValueError("as told")

        began = time.monotonic()
        result = k6ws.run(adefault if is_async else default, iterations=1)
        assert time.monotonic() - began < 5
        assert [one.message for one in result.exceptions] == ["as told"]


@pytest.mark.parametrize("place", PLACES)
def test_what_on_open_raises_leaves_open(place: str, falling: Falling) -> None:
    def fail(session: Any) -> None:
        raise ValueError("wrong password")

    async def body(open: Open) -> None:  # noqa: A002
        with pytest.raises(ValueError, match="wrong password"):
            async with open(**given(falling, reconnect=SOON, on_open=fail)):
                pass

    result = speak(place, falling.where, body)
    assert len(falling.made) == 1
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_an_on_open_that_fails_later_is_an_attempt_that_failed(
    place: str, falling: Falling, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[Any] = []

    def log_in(session: Any) -> None:
        calls.append(session)
        if len(calls) in {2, 3}:
            raise ValueError("not yet")

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**given(falling, reconnect=SOON, on_open=log_in)) as session:
            with pytest.raises(RequestFailed):
                await session.request(ask(1, "fall", how="reset"), "fall")
            assert '"id": 2' in await session.request(ask(2), "again")

    with caplog.at_level(logging.WARNING, logger="k6ws"):
        result = speak(place, falling.where, body)
    assert len(calls) == 4
    assert [len(one) for one in falling.heard] == [1, 0, 0, 1]
    if result is not None:
        # A run says it anew, and once.
        said = [one for one in caplog.records if "on_open raised ValueError" in one.message]
        assert len(said) == 1
        kind = "tcp" if falling.is_tcp else "ws"
        assert result.exceptions == []
        assert result.metrics[f"{kind}_reconnects"]["count"] == 3
        assert assert_accounts(result, kind) == {"closed": 1.0}


@pytest.mark.parametrize("place", PLACES)
def test_an_on_open_that_loses_its_connection_is_told_so(place: str, falling: Falling) -> None:
    calls: list[str] = []

    def plainly(session: Any) -> None:
        calls.append("on_open")
        if len(calls) == 2:
            with pytest.raises(RequestFailed) as failed:
                session.request(ask(5, "fall", how="reset"), "fall")
            assert failed.value.error == "closed"
            with pytest.raises(SessionClosed):
                session.recv(timeout="3s")
            with pytest.raises(RequestFailed, match="closed"):
                session.request(ask(6), "late")

    async def awaited(session: Any) -> None:
        calls.append("on_open")
        if len(calls) == 2:
            with pytest.raises(RequestFailed) as failed:
                await session.request(ask(5, "fall", how="reset"), "fall")
            assert failed.value.error == "closed"
            with pytest.raises(SessionClosed):
                await session.recv(timeout="3s")
            with pytest.raises(RequestFailed, match="closed"):
                await session.request(ask(6), "late")

    on_open = awaited if "async" in place else plainly

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**given(falling, reconnect=SOON, on_open=on_open)) as session:
            with pytest.raises(RequestFailed):
                await session.request(ask(1, "fall", how="reset"), "fall")
            assert '"id": 2' in await session.request(ask(2), "again")

    result = speak(place, falling.where, body)
    assert calls == ["on_open"] * 3
    assert [falling.said(number) for number in range(3)] == [["fall"], ["fall"], ["2"]]
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_the_first_attempt_is_repeated_where_the_policy_says_so(
    place: str, falling: Falling
) -> None:
    falling.down()
    rise = threading.Timer(0.3, falling.up)

    async def body(open: Open) -> None:  # noqa: A002
        with pytest.raises(ConnectFailed):
            async with open(**given(falling)):
                pass
        spent = Backoff("10ms", jitter=0, max="10ms", tries=2, first=True)
        with pytest.raises(ConnectFailed) as failed:
            async with open(**given(falling, reconnect=spent)):
                pass
        assert failed.value.__notes__[-1] == "3 attempts have failed"
        rise.start()
        async with open(**given(falling, reconnect=Backoff("50ms", first=True))) as session:
            assert '"id": 1' in await session.request(ask(1), "at last")

    result = speak(place, falling.where, body)
    rise.join()
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_a_dead_server_is_not_hammered_by_opening_again_and_again(
    place: str, falling: Falling, caplog: pytest.LogCaptureFixture
) -> None:
    falling.down()
    failed: list[float] = []

    async def body(open: Open) -> None:  # noqa: A002
        policy = Backoff("50ms", factor=2, max="100ms", jitter=0)
        for _ in range(4):
            with pytest.raises(ConnectFailed):
                async with open(**given(falling, reconnect=policy)):
                    pass
            failed.append(time.monotonic())
        falling.up()
        async with open(**given(falling, reconnect=policy)) as session:
            await session.request(ask(1), "up")

    with caplog.at_level(logging.WARNING, logger="k6ws"):
        result = speak(place, falling.where, body)
    # Each but the first waited as the policy says, from the failure of the one before.
    waited = [later - before for before, later in pairwise(failed)]
    assert [one >= least for one, least in zip(waited, (0.045, 0.095, 0.095), strict=True)] == [
        True
    ] * 3
    said = [one.message for one in caplog.records if "waits before it tries again" in one.message]
    assert len(said) == 1
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("opens", [ws.open, tcp.open])
def test_who_opens_a_dead_target_without_a_pause_is_warned_once(
    opens: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    target = (f"ws://127.0.0.1:{port}/",) if opens is ws.open else ("127.0.0.1", port)

    def default() -> None:
        for _ in range(250):
            with pytest.raises(ConnectFailed):
                opens(*target)

    with caplog.at_level(logging.WARNING, logger="k6ws"):
        result = run_once(default)
    assert result.exceptions == []
    said = [one.message for one in caplog.records if "100 times in a row" in one.message]
    assert len(said) == 1
    assert "minIterationDuration" in said[0]


def test_a_session_of_asyncio_is_left_by_a_program_that_ends(falling: Falling) -> None:
    async def main() -> None:
        asked = given(falling, reconnect=NEVER)
        session: Any
        if falling.is_tcp:
            session = await tcp.aopen("127.0.0.1", falling.port, **asked)
        else:
            session = await ws.aopen(falling.url("/"), **asked)
        await session.request(ask(1), "first")
        falling.drop("reset")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await session.recv(timeout=None)
        sessions.append(session)

    async def leave() -> None:
        await sessions[0].close()

    sessions: list[Any] = []
    asyncio.run(main())
    # Down as it is, it follows the program to its next loop.
    asyncio.run(leave())
    assert not sessions[0].is_open


def test_think_is_not_disturbed(falling: Falling) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**given(falling, reconnect=SOON)) as session:
            session.start(ask(1, "fall", how="reset"), "fall")
            began = time.monotonic()
            think("300ms")
            assert 0.28 < time.monotonic() - began < 3

    result = speak("vu", falling.where, body)
    assert result is not None
    assert result.exceptions == []
