"""Sessions that come back by themselves: what they lose, what waits for them, who speaks first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import k6ws
from k6ws import Backoff, RequestFailed, SessionClosed, think
from k6ws.correlate import by
from support.falling import Falling, How
from support.requests import ask, assert_accounts
from support.speaking import PLACES, TRANSPORTS, Open, outcome, params, speak

SOON = Backoff("50ms", max="200ms", jitter=0)
COUNTED = {"summary_trend_stats": ["count"]}
QUICKLY: dict[str, Any] = {"correlate": by("/id"), "recv_timeout": "5s", "reconnect": SOON}


@pytest.fixture(params=TRANSPORTS)
def falling(request: pytest.FixtureRequest) -> Iterator[Falling]:
    """The service, over each of both."""
    with Falling(is_tcp=request.param == "tcp") as running:
        yield running


def transport(falling: Falling) -> str:
    return "tcp" if falling.is_tcp else "ws"


def ends(falling: Falling) -> list[How]:
    return ["reset", "fin"] if falling.is_tcp else [1012, 1001, "reset", "fin"]


def counted(result: k6ws.Result | None, falling: Falling, metric: str) -> float:
    assert result is not None
    found = result.metrics.get(f"{transport(falling)}_{metric}")
    return 0 if found is None else found["count"]


@pytest.mark.parametrize("place", PLACES)
def test_a_session_comes_back_and_logs_in_again(place: str, falling: Falling) -> None:
    hows = ends(falling)

    def log_in(session: Any) -> Any:
        if "async" in place:
            return again(session)
        assert '"log in"' in session.request(ask(0, "log in"), "log in")
        return None

    async def again(session: Any) -> None:
        assert '"log in"' in await session.request(ask(0, "log in"), "log in")

    if "async" in place:
        log_in = again

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY), on_open=log_in) as session:
            for number, how in enumerate(hows):
                lost = session.start(ask(10 + number, "lose"), "lost")
                with pytest.raises(RequestFailed) as error:
                    await session.request(ask(20 + number, "fall", how=how), "fall")
                assert error.value.error == "closed"
                assert lost.failed == "closed"
                assert not session.is_open
                # Waits for the session to be back, behind the log-in.
                assert f'"id": {30 + number}' in await session.request(ask(30 + number), "next")
                assert session.is_open

    result = speak(place, falling.where, body, **COUNTED)
    said = [falling.said(number) for number in range(len(hows) + 1)]
    assert said[0] == ["log in", "lose", "fall"]
    assert said[1:-1] == [["log in", str(30 + n), "lose", "fall"] for n in range(len(hows) - 1)]
    assert said[-1] == ["log in", str(30 + len(hows) - 1)]
    if result is not None:
        assert result.exceptions == []
        assert assert_accounts(result, transport(falling)) == {"closed": 2.0 * len(hows)}
        assert counted(result, falling, "reconnects") == len(hows)
        assert counted(result, falling, "downtime") == len(hows)
        opened = "tcp_sockets" if falling.is_tcp else "ws_sessions"
        assert result.metrics[opened]["count"] == len(hows) + 1


@pytest.mark.parametrize("place", PLACES)
def test_what_is_asked_while_it_is_down_waits_for_it_and_no_longer_than_it_may(
    place: str, falling: Falling
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY)) as session:
            assert await session.request(ask(1), "first")
            falling.down()
            with pytest.raises(RequestFailed) as error:
                # On its way by then, or waiting for a server that does not come.
                await session.request(ask(2), "short", timeout="150ms")
            assert error.value.error in {"closed", "timeout"}
            assert not session.is_open
            with pytest.raises(RequestFailed) as error:
                await session.request(ask(3), "short", timeout="60ms")
            assert error.value.error == "timeout"
            started = [session.start(ask(10 + n), "started") for n in range(5)]
            assert not any(one.done for one in started)
            falling.up()
            assert '"id": 4' in await session.request(ask(4), "waited")
            for number, one in enumerate(started):
                assert f'"id": {10 + number}' in await outcome(one)

    result = speak(place, falling.where, body, **COUNTED)
    # In the order of the calls; what had no more time was not sent.
    assert falling.said(1) == ["10", "11", "12", "13", "14", "4"]
    if result is not None:
        assert result.exceptions == []
        failed = assert_accounts(result, transport(falling))
        assert sum(failed.values()) == 2
        assert counted(result, falling, "reconnects") >= 2
        assert counted(result, falling, "downtime") == 1


@pytest.mark.parametrize("place", ["asyncio", "async vu"])
@pytest.mark.parametrize("is_logged_in", [False, True])
def test_what_a_coroutine_says_while_it_is_down_goes_out_in_the_order_of_the_calls(
    place: str, is_logged_in: bool, falling: Falling
) -> None:
    async def log_in(session: Any) -> None:
        await session.request(ask(0, "log in"), "log in")

    more = {"on_open": log_in} if is_logged_in else {}

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY), **more) as session:
            # The peer may not have it yet, and drops what it has.
            falling.wait_made(1)
            falling.down()
            assert await session.recv(timeout="50ms", default="nothing") == "nothing"
            assert not session.is_open
            asked = [session.request(ask(1), "asked"), session.start(ask(2), "started")]
            sent = [session.send(ask(3)), session.send(ask(4))]
            asked += [session.request(ask(5), "asked")]
            sent += [session.send(ask(6))]
            asked += [session.request(ask(7), "asked"), session.start(ask(8), "started")]
            falling.up()
            for one in [*sent, *asked]:
                await one
            assert ['"id": 3' in await session.recv(), '"id": 4' in await session.recv()]

    result = speak(place, falling.where, body, **COUNTED)
    first = ["log in"] if is_logged_in else []
    assert falling.said(1) == [*first, *"12345678"]
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_a_send_waits_for_the_session_and_no_longer_than_send_timeout(
    place: str, falling: Falling
) -> None:
    async def body(open: Open) -> None:  # noqa: A002
        given = params(transport(falling), **QUICKLY, send_timeout="100ms")
        async with open(**given) as session:
            assert await session.request(ask(9), "first")
            falling.down()
            assert await session.recv(timeout="50ms", default="nothing") == "nothing"
            with pytest.raises(
                SessionClosed, match=r"is down .*, and was not back in time"
            ) as error:
                await session.send(ask(1))
            assert "send_timeout" in error.value.hint
            falling.up()
        # Leaving the block ended it, down as it was.
        async with open(**params(transport(falling), **QUICKLY)) as session:
            await session.send(ask(2, "fall", how="reset"))
            assert await session.recv(timeout="20ms", default="nothing") == "nothing"
            await session.send(ask(3))
            assert '"id": 3' in await session.recv()

    result = speak(place, falling.where, body, **COUNTED)
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_reading_goes_on_over_a_reconnect(place: str, falling: Falling) -> None:
    opened: list[str] = []

    def greet(session: Any) -> None:
        opened.append("once more")
        session.start(ask(len(opened), match="none"), "greeting", match={"/never": 1})

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY), on_open=greet) as session:
            await session.send(ask(10, "push", n=2))
            await session.send(ask(11, "fall", how="reset"))
            reader = getattr(session, "blocking", session)
            got: list[str] = []
            if hasattr(reader, "__aiter__"):
                async for message in reader:
                    got.append(message)
                    if '"id": 2' in message:
                        break
            else:
                for message in reader:
                    got.append(message)
                    if '"id": 2' in message:
                        break
            assert len(got) == 5

    result = speak(place, falling.where, body, **COUNTED)
    assert opened == ["once more"] * 2
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_what_on_open_registers_is_there_once(place: str, falling: Falling) -> None:
    met: list[str] = []

    def greet(session: Any) -> None:
        session.auto_reply({"/push": 0}, ask(7, "seen"))
        session.on("close", lambda: met.append("close"))
        session.on("open", lambda: met.append("open"))

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY), on_open=greet) as session:
            for number in (1, 2, 3):
                await session.request(ask(number, "push", n=1), "push")
                assert '"seen"' in await session.recv({"/id": 7})
                if number < 3:
                    with pytest.raises(RequestFailed):
                        await session.request(ask(10, "fall", how="reset"), "fall")

    result = speak(place, falling.where, body, **COUNTED)
    if place == "program":
        # Its handlers are told now.
        k6ws.wait()
    for number in range(3):
        assert falling.said(number).count("seen") == 1
    if "async" in place:
        # Blocking code is told when it accepts that: when its function has returned.
        assert met[:4] == ["close", "open", "close", "open"]
    if result is not None:
        assert result.exceptions == []
        assert counted(result, falling, "auto_replies") == 3


@pytest.mark.parametrize("place", PLACES)
def test_what_is_said_inside_on_open_goes_first_whoever_else_wants_to_speak(
    place: str, falling: Falling
) -> None:
    hold: list[Any] = []

    def slowly(session: Any) -> None:
        if hold:
            assert session.recv(timeout="100ms", default=None) is None
        session.request(ask(0, "log in"), "log in")

    async def aslowly(session: Any) -> None:
        if hold:
            assert await session.recv({"/never": 1}, timeout="100ms", default=None) is None
        await session.request(ask(0, "log in"), "log in")

    call = aslowly if "async" in place else slowly

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY), on_open=call) as session:
            hold.append(session.start(ask(1, "fall", how="reset"), "fall"))
            with pytest.raises(RequestFailed):
                await outcome(hold[0])
            early = session.start(ask(2), "early")
            assert '"id": 3' in await session.request(ask(3), "behind it")
            assert '"id": 2' in await outcome(early)

    result = speak(place, falling.where, body, **COUNTED)
    assert falling.said(1) == ["log in", "2", "3"]
    assert result is None or result.exceptions == []


@pytest.mark.parametrize("place", PLACES)
def test_what_is_asked_while_on_open_speaks_goes_behind_it_in_order(
    place: str, falling: Falling
) -> None:
    fallen: list[Any] = []
    speaks: list[str] = []
    asked: list[Any] = []
    soon: dict[str, Any] = {"timeout": "5ms", "default": None}

    def log_in(session: Any) -> None:
        speaks.append("again")
        while fallen and not asked:
            session.recv({"/never": 1}, **soon)
        session.request(ask(0, "log in"), "log in")

    async def alog_in(session: Any) -> None:
        speaks.append("again")
        while fallen and not asked:
            await session.recv({"/never": 1}, **soon)
        await session.request(ask(0, "log in"), "log in")

    call = alog_in if "async" in place else log_in

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY), on_open=call) as session:
            fallen.append(session.start(ask(1, "fall", how="reset"), "fall"))
            with pytest.raises(RequestFailed):
                await outcome(fallen[0])
            while len(speaks) < 2:
                await session.recv({"/never": 1}, **soon)
            # It has a connection, which is not everybody's yet.
            asked.append(session.start(ask(2), "started"))
            assert '"id": 3' in await session.request(ask(3), "asked")
            assert '"id": 2' in await outcome(asked[0])

    result = speak(place, falling.where, body, **COUNTED)
    assert falling.said(1) == ["log in", "2", "3"]
    assert result is None or result.exceptions == []


def test_a_blocking_vu_goes_on_with_what_it_does_while_its_session_comes_back(
    falling: Falling,
) -> None:
    logged_in: list[str] = []

    def log_in(session: Any) -> None:
        session.request(ask(0, "log in"), "log in")
        logged_in.append("again")

    async def body(open: Open) -> None:  # noqa: A002
        async with open(**params(transport(falling), **QUICKLY), on_open=log_in) as session:
            session.start(ask(1, "fall", how="reset"), "fall")
            think("400ms")
            # While the VU thought.
            assert logged_in == ["again", "again"]
            assert session.is_open

    result = speak("vu", falling.where, body, **COUNTED)
    assert result is not None
    assert result.exceptions == []
